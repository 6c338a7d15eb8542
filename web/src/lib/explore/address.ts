import type { EventRule } from '../api/types'
import { readDuration } from '../journey/duration'
import { readView, type ViewSearch } from '../period'
import { readRule } from './rules'

/* The whole state of each question page, kept in its URL. Readers drop what they do not understand. */

export const GRAINS = ['day', 'week', 'month'] as const
export type Grain = (typeof GRAINS)[number]

export interface FunnelSearch extends ViewSearch {
  steps?: EventRule[]
  /** From the first step to the last; `7d` when absent. */
  window?: string
  /** Property by which people are told apart. */
  by?: string
  /** Whose event's property that is: a step, counted from 1, or as named; the first step's when absent. */
  at?: 'last' | 'any' | 'entry' | number
  order?: 'strict' | 'any'
  entry?: 'first'
  count?: 'session' | 'total'
  /** A longer gap starts the next session, where sessions are counted. */
  gap?: string
  /** A property that must be the same on every step. */
  hold?: string
  /** Steps that may be passed by, counted from 1. */
  optional?: number[]
  /** Events that must not come between two steps. */
  without?: Without[]
  /** Buckets of its trend; by the length of the period when absent. */
  grain?: Grain
}
export interface Without {
  when: EventRule
  /** After this step and before that one, counted from 1; the first and the last when absent. */
  from?: number
  to?: number
  /** The person counts no more; the attempt is over when absent. */
  mode?: 'removes_person'
}
export const DEFAULT_WINDOW = '7d'
export const STEPS_MAX = 32

export const MEASURES = ['people', 'events', 'amount', 'events_per_person', 'amount_per_person'] as const
export type Measure = (typeof MEASURES)[number]

export interface TrendSearch extends ViewSearch {
  /** Which events; absent: all. */
  when?: EventRule
  grain?: Grain
  by?: 'channel' | 'event'
  /** What is drawn; people when absent. */
  measure?: Measure
  /** Areas on top of each other instead of lines; only for what adds up. */
  stacked?: boolean
  /** Several series in place of one: `A`, `B`, … */
  series?: Series[]
  /** Computed from the series, such as `B / A * 100`. */
  formulas?: string[]
  /** Each value as the mean of so many buckets up to its own. */
  smooth?: number
  /** Each value as the sum of all up to its own. */
  cumulative?: boolean
}
export const SERIES_MEASURES = ['people', 'count', 'per_person', 'sum', 'average'] as const
export type SeriesMeasure = (typeof SERIES_MEASURES)[number]
export interface Series {
  /** Which events; absent: all. */
  when?: EventRule
  measure: SeriesMeasure
  /** The number that is summed or averaged; the amount when absent. */
  property?: string
}
export const SERIES_MAX = 26

export const PATH_TABS = ['graph', 'sankey', 'steps', 'variants'] as const
export type PathTab = (typeof PATH_TABS)[number]

export interface PathSearch extends ViewSearch {
  tab?: PathTab
  /** Longest time between two events that counts. */
  gap?: string
  /** The graph as a matrix. */
  as?: 'matrix'
  /** Transitions drawn. */
  edges?: number
  /** Where paths start and end; absent: each session is a path. */
  after?: EventRule
  before?: EventRule
  /** How far from the start or the end an event may lie. */
  window?: string
  /** Steps, 2 to 20. */
  steps?: number
  /** Events named at each step, the others as one. */
  top?: number
  /** Names of events that are noise here. */
  hide?: string[]
  /** What one variant is of: a person, a session, or `j:` the trip of a journey; person when absent. */
  of?: string
}
export const PATH_STEPS = 5
export const PATH_TOP = 8

export const RETENTION_TABS = ['retention', 'value'] as const
export interface RetentionSearch extends ViewSearch {
  tab?: (typeof RETENTION_TABS)[number]
  start?: EventRule
  /** What is a return; absent: any event. */
  back?: EventRule
  grain?: Grain
  clock?: 'rolling'
  measure?: 'on_or_after' | 'streak'
  recurring?: boolean
  intervals?: number
}

export const LIFECYCLE_TABS = ['lifecycle', 'stickiness'] as const
export interface LifecycleSearch extends ViewSearch {
  tab?: (typeof LIFECYCLE_TABS)[number]
  active?: EventRule
  grain?: Grain
}

export const MODELS = [
  'first',
  'last',
  'last_non_direct',
  'linear',
  'u',
  'j',
  'inverse_j',
  'time_decay',
  'participation',
  'markov',
  'shapley',
] as const
export type ModelName = (typeof MODELS)[number]
export const MODELS_USUAL: ModelName[] = ['first', 'last', 'linear', 'markov']
export const CREDITS = ['conversions', 'share', 'amount', 'cost_per_conversion', 'return_on_cost'] as const
export type Credit = (typeof CREDITS)[number]
export interface AttributionSearch extends ViewSearch {
  conversion?: EventRule
  /** What conversions are attributed to; absent: every event with a channel. */
  touches?: EventRule
  /** `channel` when absent, `event`, or a property. */
  by?: string
  models?: ModelName[]
  lookback?: string
  cost?: string
  credit?: Credit
}
export const DEFAULT_LOOKBACK = '30d'
export const DEFAULT_GAP = '30m'
export const EDGES = [20, 40, 80] as const

export interface ChannelSearch extends ViewSearch {
  tab?: 'handovers'
  measure?: 'people' | 'events' | 'amount'
  gap?: string
  /** What ends a session well. */
  goal?: EventRule
  /** Key of a journey whose stages channels are measured at. */
  journey?: string
}

/** One place of a design, as it is written: its name is that of its events until it has its own. */
export interface Place {
  name?: string
  event: string | string[]
  optional?: boolean
  repeats?: boolean
}
export const PLACES_MAX = 64
export interface ConformanceSearch extends ViewSearch {
  design?: Place[]
  of?: string
  gap?: string
  hide?: string[]
  /** Events outside the design say nothing; otherwise each is an extra one. */
  lenient?: boolean
}

export interface CrossSellSearch extends ViewSearch {
  items?: EventRule
  /** The event when absent, `channel`, or a property. */
  by?: string
  within?: string
  ordered?: boolean
  least?: number
}
export const DEFAULT_LEAST = 5

export const QUESTIONS = ['metrics', 'funnel', 'channels', 'trend'] as const
export type Question = (typeof QUESTIONS)[number]

export interface CompareSearch extends ViewSearch {
  /** What both sides are asked. */
  ask?: Question
  /** The other side's people: `*` everybody, `s:` a segment, `p:` a persona; absent: the same as this side's. */
  with?: string
  steps?: EventRule[]
  window?: string
  when?: EventRule
  measure?: Measure
}

type Raw = Record<string, unknown>

/** Anything else is no value of this field. */
function oneOf<T extends string | number>(raw: unknown, of: readonly T[]): T | undefined {
  return of.find((one) => one === raw)
}

const textOf = (raw: unknown): string | undefined =>
  typeof raw === 'string' && raw !== '' ? raw : typeof raw === 'number' ? String(raw) : undefined

function durationOf(raw: unknown): string | undefined {
  return typeof raw === 'string' && readDuration(raw) !== null ? raw : undefined
}

const wholeOf = (raw: unknown, least: number, most: number): number | undefined =>
  Number.isInteger(raw) && Number(raw) >= least && Number(raw) <= most ? Number(raw) : undefined

const caseIn = (raw: unknown): string | undefined =>
  typeof raw === 'string' && /^(session$|j:.)/.test(raw) ? raw : undefined

function namesOf(raw: unknown): string[] | undefined {
  const names = (Array.isArray(raw) ? raw : []).filter((one) => typeof one === 'string' && one !== '')
  return names.length > 0 ? names : undefined
}

export function readSteps(raw: unknown): EventRule[] | undefined {
  if (!Array.isArray(raw)) return undefined
  const steps = raw
    .map(readRule)
    .filter((rule) => rule !== null)
    .slice(0, STEPS_MAX)
  return steps.length > 0 ? steps : undefined
}

function placesOf(raw: unknown): number[] | undefined {
  const places = (Array.isArray(raw) ? raw : []).flatMap((one) => wholeOf(one, 1, STEPS_MAX) ?? [])
  return places.length > 0 ? [...new Set(places)].sort((a, b) => a - b) : undefined
}

function readWithout(raw: unknown): Without[] | undefined {
  const read = (one: unknown): Without[] => {
    const { when, from, to, mode } = (typeof one === 'object' && one !== null ? one : {}) as Raw
    const rule = readRule(when)
    return rule
      ? [
          said({
            when: rule,
            from: wholeOf(from, 1, STEPS_MAX),
            to: wholeOf(to, 2, STEPS_MAX),
            mode: oneOf(mode, ['removes_person'] as const),
          }),
        ]
      : []
  }
  const all = (Array.isArray(raw) ? raw : []).flatMap(read)
  return all.length > 0 ? all : undefined
}

function readSeries(raw: unknown): Series[] | undefined {
  const all = (Array.isArray(raw) ? raw : []).slice(0, SERIES_MAX).map((one): Series => {
    const { when, measure, property } = (typeof one === 'object' && one !== null ? one : {}) as Raw
    return said({
      when: readRule(when) ?? undefined,
      measure: oneOf(measure, SERIES_MEASURES) ?? 'people',
      property: textOf(property),
    })
  })
  return all.length > 0 ? all : undefined
}

/** Leaves out what is not said, so that an address stays short. */
export function said<T extends object>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T
}

export const readFunnelSearch = (raw: Raw): FunnelSearch =>
  said({
    ...readView(raw),
    steps: readSteps(raw.steps),
    window: durationOf(raw.window),
    by: textOf(raw.by),
    order: oneOf(raw.order, ['strict', 'any'] as const),
    entry: oneOf(raw.entry, ['first'] as const),
    count: oneOf(raw.count, ['session', 'total'] as const),
    hold: textOf(raw.hold),
    at: oneOf(raw.at, ['last', 'any', 'entry'] as const) ?? wholeOf(raw.at, 2, STEPS_MAX),
    gap: durationOf(raw.gap),
    optional: placesOf(raw.optional),
    without: readWithout(raw.without),
    grain: oneOf(raw.grain, GRAINS),
  })

export const readTrendSearch = (raw: Raw): TrendSearch =>
  said({
    ...readView(raw),
    when: readRule(raw.when) ?? undefined,
    grain: oneOf(raw.grain, GRAINS),
    by: oneOf(raw.by, ['channel', 'event'] as const),
    measure: oneOf(raw.measure, MEASURES),
    stacked: raw.stacked === true ? true : undefined,
    series: readSeries(raw.series),
    formulas: namesOf(raw.formulas),
    smooth: wholeOf(raw.smooth, 2, 90),
    cumulative: raw.cumulative === true ? true : undefined,
  })

export const readPathSearch = (raw: Raw): PathSearch =>
  said({
    ...readView(raw),
    tab: oneOf(raw.tab, PATH_TABS),
    gap: durationOf(raw.gap),
    as: oneOf(raw.as, ['matrix'] as const),
    edges: oneOf(raw.edges, EDGES),
    after: readRule(raw.after) ?? undefined,
    before: readRule(raw.before) ?? undefined,
    window: durationOf(raw.window),
    steps: wholeOf(raw.steps, 2, 20),
    top: wholeOf(raw.top, 1, 50),
    hide: namesOf(raw.hide),
    of: caseIn(raw.of),
  })

export const readRetentionSearch = (raw: Raw): RetentionSearch =>
  said({
    ...readView(raw),
    tab: oneOf(raw.tab, RETENTION_TABS),
    start: readRule(raw.start) ?? undefined,
    back: readRule(raw.back) ?? undefined,
    grain: oneOf(raw.grain, GRAINS),
    clock: oneOf(raw.clock, ['rolling'] as const),
    measure: oneOf(raw.measure, ['on_or_after', 'streak'] as const),
    recurring: raw.recurring === true ? true : undefined,
    intervals: wholeOf(raw.intervals, 1, 366),
  })

export const readLifecycleSearch = (raw: Raw): LifecycleSearch =>
  said({
    ...readView(raw),
    tab: oneOf(raw.tab, LIFECYCLE_TABS),
    active: readRule(raw.active) ?? undefined,
    grain: oneOf(raw.grain, GRAINS),
  })

export function readAttributionSearch(raw: Raw): AttributionSearch {
  const models = (Array.isArray(raw.models) ? raw.models : [])
    .map((one) => oneOf(one, MODELS))
    .filter((one) => one !== undefined)
  return said({
    ...readView(raw),
    conversion: readRule(raw.conversion) ?? undefined,
    touches: readRule(raw.touches) ?? undefined,
    by: textOf(raw.by),
    models: models.length > 0 ? [...new Set(models)] : undefined,
    lookback: durationOf(raw.lookback),
    cost: textOf(raw.cost),
    credit: oneOf(raw.credit, CREDITS),
  })
}

function readPlace(raw: unknown): Place[] {
  const { name, event, optional, repeats } = (typeof raw === 'object' && raw !== null ? raw : {}) as Raw
  const names = namesOf(Array.isArray(event) ? event : [event])
  if (!names) return []
  return [
    said({
      name: textOf(name),
      event: names.length === 1 && names[0] ? names[0] : names,
      optional: optional === true ? true : undefined,
      repeats: repeats === true ? true : undefined,
    }),
  ]
}

export function readConformanceSearch(raw: Raw): ConformanceSearch {
  const design = (Array.isArray(raw.design) ? raw.design : []).flatMap(readPlace).slice(0, PLACES_MAX)
  return said({
    ...readView(raw),
    design: design.length > 0 ? design : undefined,
    of: caseIn(raw.of),
    gap: durationOf(raw.gap),
    hide: namesOf(raw.hide),
    lenient: raw.lenient === true ? true : undefined,
  })
}

export const readCrossSellSearch = (raw: Raw): CrossSellSearch =>
  said({
    ...readView(raw),
    items: readRule(raw.items) ?? undefined,
    by: textOf(raw.by),
    within: durationOf(raw.within),
    ordered: raw.ordered === true ? true : undefined,
    least: wholeOf(raw.least, 1, 100_000),
  })

export const readChannelSearch = (raw: Raw): ChannelSearch =>
  said({
    ...readView(raw),
    tab: oneOf(raw.tab, ['handovers'] as const),
    measure: oneOf(raw.measure, ['people', 'events', 'amount'] as const),
    gap: durationOf(raw.gap),
    goal: readRule(raw.goal) ?? undefined,
    journey: textOf(raw.journey),
  })

export const readCompareSearch = (raw: Raw): CompareSearch =>
  said({
    ...readView(raw),
    ask: oneOf(raw.ask, QUESTIONS),
    with: typeof raw.with === 'string' && /^(\*$|[sp]:.)/.test(raw.with) ? raw.with : undefined,
    steps: readSteps(raw.steps),
    window: durationOf(raw.window),
    when: readRule(raw.when) ?? undefined,
    measure: oneOf(raw.measure, MEASURES),
  })
