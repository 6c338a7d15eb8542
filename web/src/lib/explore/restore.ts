import type { Ask, EventRule } from '../api/types'
import {
  type AttributionSearch,
  type ChannelSearch,
  type CompareSearch,
  type ConformanceSearch,
  type CrossSellSearch,
  DEFAULT_GAP,
  DEFAULT_LEAST,
  DEFAULT_LOOKBACK,
  DEFAULT_WINDOW,
  type FunnelSearch,
  type LifecycleSearch,
  MODELS,
  MODELS_USUAL,
  PATH_STEPS,
  PATH_TOP,
  type PathSearch,
  type RetentionSearch,
  said,
  type TrendSearch,
} from './address'
import type { InsightPath } from './insight'
import { DEFAULT_PATH_WINDOW } from './paths'
import { measureOfSeries } from './trend'
import type { AskOf, CaseUnit } from './types'

/* From a question back to the page that asks it. What a question leaves to the server is left out of the address too. */

interface Found {
  to: InsightPath
  /** Without who and when. */
  search: object
  /** The page can compare. */
  hasCompare?: boolean
}

const rule = (when: EventRule | null | undefined) => when ?? undefined
const unless = <T>(value: T | null | undefined, usual: T): T | undefined =>
  value == null || value === usual ? undefined : value
const some = <T>(list: T[] | null | undefined): T[] | undefined => (list && list.length > 0 ? list : undefined)

/** What a page's address says of a question; `compared`: beside that of other people. */
export function searchOf(ask: Ask, compared: boolean): Found | null {
  switch (ask.ask) {
    case 'funnel':
      return compared
        ? { to: '/explore/compare', search: comparedFunnel(ask), hasCompare: true }
        : { to: '/explore/funnel', search: funnelSearch(ask), hasCompare: true }
    case 'trend':
      return trendFound(ask, compared)
    case 'metric':
      return { to: '/explore/compare', search: {}, hasCompare: true }
    case 'transitions':
      return { to: '/explore/paths', search: said({ gap: unless(ask.gap, DEFAULT_GAP) }) }
    case 'paths':
      return { to: '/explore/paths', search: pathSearch(ask) }
    case 'variants':
      return {
        to: '/explore/paths',
        search: said({ tab: 'variants', ...caseSearch(ask.of), hide: some(ask.nodes?.hide) } satisfies PathSearch),
      }
    case 'conformance':
      return { to: '/explore/conformance', search: conformanceSearch(ask) }
    case 'cross_sell':
      return { to: '/explore/cross-sell', search: crossSellSearch(ask) }
    case 'channels':
      return { to: '/explore/channels', search: {}, hasCompare: true }
    case 'handovers':
      return { to: '/explore/channels', search: handoverSearch(ask) }
    case 'retention':
      return { to: '/explore/retention', search: retentionSearch(ask) }
    case 'cohorts':
      return {
        to: '/explore/retention',
        search: said({
          tab: 'value',
          start: rule(ask.start),
          back: rule(ask.count),
          grain: ask.grain ?? undefined,
        } satisfies RetentionSearch),
      }
    case 'lifecycle':
      return {
        to: '/explore/lifecycle',
        search: said({ active: rule(ask.active), grain: ask.grain ?? undefined } satisfies LifecycleSearch),
      }
    case 'stickiness':
      return {
        to: '/explore/lifecycle',
        search: said({ tab: 'stickiness', active: rule(ask.active) } satisfies LifecycleSearch),
      }
    case 'attribution':
      return { to: '/explore/attribution', search: attributionSearch(ask) }
    default:
      return null
  }
}

function funnelSearch(ask: AskOf<'funnel'>): FunnelSearch {
  const n = ask.steps.length
  const at = ask.breakdown_at
  return said({
    steps: ask.steps,
    window: unless(ask.window, DEFAULT_WINDOW),
    by: ask.breakdown ?? undefined,
    at: at === undefined || at === 'first' ? undefined : typeof at === 'string' ? at : unless(at.step, 1),
    order: ask.order === 'strict' || ask.order === 'any' ? ask.order : undefined,
    entry: ask.entry === 'first' ? 'first' : undefined,
    count: ask.count === 'session' || ask.count === 'total' ? ask.count : undefined,
    gap: unless(ask.gap, DEFAULT_GAP),
    hold: ask.hold ?? undefined,
    optional: some(ask.optional),
    without: some(
      (ask.exclusions ?? []).map(({ when, from, to, mode }) =>
        said({
          when,
          from: unless(from, 1),
          to: unless(to, n),
          mode: mode === 'removes_person' ? mode : undefined,
        }),
      ),
    ),
    grain: ask.trend ?? undefined,
  })
}

const comparedFunnel = (ask: AskOf<'funnel'>): CompareSearch =>
  said({ ask: 'funnel', steps: ask.steps, window: unless(ask.window, DEFAULT_WINDOW) })

function trendFound(ask: AskOf<'trend'>, compared: boolean): Found {
  const series = (ask.series ?? []).map(({ when, measure, property }) =>
    said({ when: rule(when), measure: measure ?? 'count', property: property ?? undefined }),
  )
  const formulas = (ask.formulas ?? []).map(({ formula }) => formula)
  const one = series.length > 0 && !ask.smooth && !ask.cumulative ? measureOfSeries(series, formulas) : null
  const usual = one && said({ when: one.when, measure: unless(one.measure, 'people') })
  if (compared)
    return {
      to: '/explore/compare',
      hasCompare: true,
      search: { ask: 'trend', ...(usual ?? said({ when: rule(ask.when) })) } satisfies CompareSearch,
    }
  const many = {
    series: some(series),
    formulas: some(formulas),
    smooth: ask.smooth ?? undefined,
    cumulative: ask.cumulative || undefined,
  }
  return {
    to: '/explore/trends',
    hasCompare: true,
    search: said({
      grain: ask.grain ?? undefined,
      by: ask.breakdown ?? undefined,
      ...(usual ?? (series.length > 0 ? many : { when: rule(ask.when) })),
    } satisfies TrendSearch),
  }
}

function pathSearch(ask: AskOf<'paths'>): PathSearch {
  const isAnchored = ask.after != null || ask.before != null
  return said({
    tab: 'sankey',
    after: rule(ask.after),
    before: rule(ask.before),
    window: isAnchored ? unless(ask.window, DEFAULT_PATH_WINDOW) : undefined,
    gap: isAnchored ? undefined : unless(ask.gap, DEFAULT_GAP),
    steps: unless(ask.steps, PATH_STEPS),
    top: unless(ask.top, PATH_TOP),
    hide: some(ask.nodes?.hide),
  })
}

function caseSearch(of: CaseUnit | undefined): Pick<PathSearch, 'of' | 'gap'> {
  if (of?.case === 'session') return said({ of: 'session', gap: unless(of.gap, DEFAULT_GAP) })
  return of?.case === 'trip' ? { of: `j:${of.journey}` } : {}
}

const conformanceSearch = (ask: AskOf<'conformance'>): ConformanceSearch =>
  said({
    design: ask.design.map(({ name, event, optional, repeats }) =>
      said({ name, event, optional: optional || undefined, repeats: repeats || undefined }),
    ),
    ...caseSearch(ask.of),
    hide: some(ask.hide),
  })

const crossSellSearch = (ask: AskOf<'cross_sell'>): CrossSellSearch =>
  said({
    items: ask.items[0],
    by: typeof ask.by === 'object' ? ask.by.property : unless(ask.by, 'event'),
    within: ask.within ?? undefined,
    ordered: ask.ordered || undefined,
    least: unless(ask.least, DEFAULT_LEAST),
  })

const handoverSearch = (ask: AskOf<'handovers'>): ChannelSearch =>
  said({
    tab: 'handovers',
    gap: unless(ask.gap, DEFAULT_GAP),
    goal: rule(ask.goal),
    journey: ask.journey ?? undefined,
  })

const retentionSearch = (ask: AskOf<'retention'>): RetentionSearch =>
  said({
    start: rule(ask.start),
    back: rule(ask.return),
    grain: ask.grain ?? undefined,
    clock: ask.clock === 'rolling' ? 'rolling' : undefined,
    measure: ask.measure === 'on_or_after' || ask.measure === 'streak' ? ask.measure : undefined,
    recurring: ask.recurring || undefined,
    intervals: unless(ask.intervals, 12),
  })

function attributionSearch(ask: AskOf<'attribution'>): AttributionSearch {
  const names = (ask.models ?? [])
    .map(({ model }) => MODELS.find((one) => one === model))
    .filter((one) => one !== undefined)
  return said({
    conversion: ask.conversion,
    touches: ask.touches[0],
    by: typeof ask.by === 'object' ? ask.by.property : unless(ask.by, 'channel'),
    models: names.join() === MODELS_USUAL.join() ? undefined : some(names),
    lookback: unless(ask.lookback, DEFAULT_LOOKBACK),
    cost: ask.cost ?? undefined,
  })
}
