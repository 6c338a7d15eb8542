import type { Scope } from '../api/types'
import type { Days } from '../period'
import type { CompareSearch } from './address'

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
