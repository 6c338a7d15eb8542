import type { Ask, Compare, Scope } from '../api/types'
import { askedPeriod, type Days } from '../period'
import type { CompareSearch } from './address'
import { funnelAsk } from './funnel'
import { seriesAsk, seriesOfMeasure, usualGrain } from './trend'

/** Everybody, as the other side's people. */
export const EVERYBODY = '*'

/** The scopes of two sides, the days these are now, and the second one as the first one's comparison. */
export interface Compared {
  a: Scope
  b: Scope
  days: { a: Days; b: Days }
  compare: Compare
}

/**
 * The two sides of a comparison. Comparing with other people keeps the days, so that only the people differ, unless own days
 * of comparison were chosen too; with the same people the days differ. `null`: nothing differs.
 */
export function sidesOf(search: CompareSearch, days: Days, before: Days | null): Compared | null {
  const group = {
    ...(search.segment ? { segment: search.segment } : {}),
    ...(search.persona ? { persona: search.persona } : {}),
  }
  const asked = askedPeriod(search, days)
  const a: Scope = { ...asked, ...group }
  const isOwn = search.compare === 'custom' && before !== null
  if (search.with === undefined) {
    if (!before) return null
    const b = { period: before, ...group }
    // Said by name, it moves on with the first side's days when it is kept.
    return { a, b, days: { a: days, b: before }, compare: isOwn ? { scope: b } : 'previous' }
  }
  const key = search.with?.slice(2) ?? ''
  const other = search.with === EVERYBODY ? {} : search.with?.startsWith('p:') ? { persona: key } : { segment: key }
  const b: Scope = { ...(isOwn ? { period: before } : asked), ...other }
  if (JSON.stringify(a) === JSON.stringify(b)) return null
  return { a, b, days: { a: days, b: isOwn ? before : days }, compare: { scope: b } }
}

/**
 * A comparison as one question, to be kept under a name; `null` where none can say it: channels have no comparison, and
 * metrics are each a question of its own, of which `metric` stands for all.
 */
export function compareAsk(search: CompareSearch, { a, days, compare }: Compared, metric?: string): Ask | null {
  switch (search.ask ?? 'metrics') {
    case 'metrics':
      return metric === undefined ? null : { ask: 'metric', metric, scope: a, compare }
    case 'funnel': {
      const funnel = funnelAsk({ steps: search.steps, window: search.window }, a)
      return funnel && { ...funnel, compare }
    }
    case 'trend': {
      return seriesAsk(seriesOfMeasure(search.when, search.measure ?? 'people'), a, compare, usualGrain(days.a))
    }
    case 'channels':
      return null
  }
}
