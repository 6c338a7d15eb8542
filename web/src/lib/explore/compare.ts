import type { Ask, Scope } from '../api/types'
import type { Days } from '../period'
import type { CompareSearch } from './address'
import { funnelAsk } from './funnel'
import { seriesAsk, seriesOfMeasure, usualGrain } from './trend'

/** Everybody, as the other side's people. */
export const EVERYBODY = '*'

/**
 * The scopes of the two sides. Comparing with other people keeps the days, so that only the people differ, unless own days
 * of comparison were chosen too; with the same people the days differ. `null`: nothing differs.
 */
export function sidesOf(search: CompareSearch, days: Days, before: Days | null): { a: Scope; b: Scope } | null {
  const group = {
    ...(search.segment ? { segment: search.segment } : {}),
    ...(search.persona ? { persona: search.persona } : {}),
  }
  const a: Scope = { period: days, ...group }
  const isOther = search.with !== undefined
  const period = isOther ? (search.compare === 'custom' && before ? before : days) : before
  if (!period) return null
  if (!isOther) return { a, b: { period, ...group } }
  const key = search.with?.slice(2) ?? ''
  const other = search.with === EVERYBODY ? {} : search.with?.startsWith('p:') ? { persona: key } : { segment: key }
  const b: Scope = { period, ...other }
  return JSON.stringify(a) === JSON.stringify(b) ? null : { a, b }
}

/**
 * A comparison as one question, to be kept under a name; `null` where none can say it: channels have no comparison, and
 * metrics are each a question of its own, of which `metric` stands for all.
 */
export function compareAsk(search: CompareSearch, { a, b }: { a: Scope; b: Scope }, metric?: string): Ask | null {
  const compare = { scope: b }
  switch (search.ask ?? 'metrics') {
    case 'metrics':
      return metric === undefined ? null : { ask: 'metric', metric, scope: a, compare }
    case 'funnel': {
      const funnel = funnelAsk({ steps: search.steps, window: search.window }, a)
      return funnel && { ...funnel, compare }
    }
    case 'trend': {
      const grain = a.period ? usualGrain(a.period) : 'week'
      return seriesAsk(seriesOfMeasure(search.when, search.measure ?? 'people'), a, compare, grain)
    }
    case 'channels':
      return null
  }
}
