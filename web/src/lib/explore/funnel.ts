import type { Scope } from '../api/types'
import { DEFAULT_WINDOW, type FunnelSearch } from './address'
import { askedRule, isNamed } from './rules'
import type { AskOf, FunnelLine } from './types'

/**
 * The question of an address; `null` while it has not two named steps. Steps that are still being written are left out, and
 * what is said of steps by their number is moved to where they then stand. What is as ever is not said.
 */
export function funnelAsk(search: FunnelSearch, scope: Scope): AskOf<'funnel'> | null {
  const named = (search.steps ?? []).map((rule, index) => ({ rule, at: index + 1 })).filter(({ rule }) => isNamed(rule))
  const n = named.length
  if (n < 2) return null
  const placeOf = (at: number) => named.findIndex((one) => one.at === at) + 1
  const { by, at, order, entry, count, gap, hold } = search
  const stepAt = typeof at === 'number' ? placeOf(at) : 0
  const optional = order === 'any' ? [] : (search.optional ?? []).map(placeOf).filter((place) => place > 1 && place < n)
  const exclusions = (search.without ?? [])
    .filter(({ when }) => isNamed(when))
    .map(({ when, from, to, mode }) => ({
      when: askedRule(when),
      from: (from && placeOf(from)) || 1,
      to: (to && placeOf(to)) || n,
      ...(mode ? { mode } : {}),
    }))
    .filter(({ from, to }) => from < to)
  return {
    ask: 'funnel',
    steps: named.map(({ rule }) => askedRule(rule)),
    window: search.window ?? DEFAULT_WINDOW,
    scope,
    ...(by ? { breakdown: by } : {}),
    ...(by && typeof at === 'string' ? { breakdown_at: at } : {}),
    ...(by && stepAt > 1 ? { breakdown_at: { step: stepAt } } : {}),
    // Only the full walk tests whether groups differ.
    ...(by ? { convert: { from: 1, to: n } } : {}),
    ...(order ? { order } : {}),
    ...(entry ? { entry } : {}),
    ...(count ? { count } : {}),
    ...(count === 'session' && gap ? { gap } : {}),
    ...(hold ? { hold } : {}),
    ...(optional.length > 0 ? { optional } : {}),
    ...(exclusions.length > 0 ? { exclusions } : {}),
  }
}

/** How many rules are other than ever, of those that stand behind “more”. */
export const rulesSet = ({ order, entry, count, hold, without, optional }: FunnelSearch): number =>
  [order, entry, count, hold, without, optional].filter((one) => one !== undefined).length

/** What each step counts: people, or sessions or attempts where these are asked for. */
export function countsOf(line: FunnelLine): number[] {
  return line.units && line.units.length === line.reached.length ? line.units : line.reached
}

/** Who got no further than a step: as the server counts them, else by the difference, which is the same in an ordered funnel. */
export function stoppedAt(line: FunnelLine, step: number): number {
  return line.stopped?.[step] ?? (line.reached[step] ?? 0) - (line.reached[step + 1] ?? 0)
}

/** The step before which most people are lost. */
export function worstStep(reached: number[]): number {
  let worst = 0
  for (let step = 1; step < reached.length; step += 1) {
    const lost = (reached[step - 1] ?? 0) - (reached[step] ?? 0)
    const most = worst === 0 ? 0 : (reached[worst - 1] ?? 0) - (reached[worst] ?? 0)
    if (lost > most) worst = step
  }
  return worst
}

/** What is said of steps by their number, after one was moved, put in or taken out: `from` tells where each stood before. */
export function moveMarks(search: FunnelSearch, from: (number | null)[]): FunnelSearch {
  const now = (at: number | undefined) => {
    const place = at === undefined ? -1 : from.indexOf(at)
    return place < 0 ? undefined : place + 1
  }
  const optional = (search.optional ?? []).flatMap((at) => now(at) ?? []).sort((a, b) => a - b)
  const without = search.without?.map(({ from: after, to, ...rest }) => ({
    ...rest,
    ...(now(after) ? { from: now(after) } : {}),
    ...(now(to) ? { to: now(to) } : {}),
  }))
  return {
    ...search,
    optional: optional.length > 0 ? optional : undefined,
    without,
    at: typeof search.at === 'number' ? now(search.at) : search.at,
  }
}
