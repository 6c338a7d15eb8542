import type { Scope } from '../api/types'
import type { CrossSellSearch } from './address'
import { askedRule, isNamed } from './rules'
import type { AskOf } from './types'

/** The pairs of an address; `null` until the items are chosen. */
export function crossSellAsk(search: CrossSellSearch, scope: Scope): AskOf<'cross_sell'> | null {
  const { items } = search
  if (!items || !isNamed(items)) return null
  const by = search.by ?? 'event'
  return {
    ask: 'cross_sell',
    items: [askedRule(items)],
    by: by === 'event' || by === 'channel' ? by : { property: by },
    scope,
    ...(search.within ? { within: search.within } : {}),
    ...(search.ordered ? { ordered: true } : {}),
    ...(search.least ? { least: search.least } : {}),
  }
}
