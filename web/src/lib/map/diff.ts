import type { Text } from '../api/types'
import { same } from './edit'
import type { Card, Lane, MapBody } from './types'

/** One thing that differs between two versions of a map, as a reader would say it. */
export type Difference =
  | { what: 'card_added' | 'card_removed'; lane: Lane; card: Card }
  | { what: 'card_text'; lane: Lane; card: Card; before: Text; after: Text }
  | { what: 'card_moved'; card: Card; from: { lane: Lane; stage: string }; to: { lane: Lane; stage: string } }
  | { what: 'card_field'; lane: Lane; card: Card; field: CardField; before: Card[CardField]; after: Card[CardField] }
  | { what: 'cards_ordered'; lane: Lane }
  | { what: 'lane_added' | 'lane_removed'; lane: Lane; n_cards: number }
  | { what: 'lane_renamed'; lane: Lane; before: Text | null; after: Text | null }
  | { what: 'lanes_ordered' }
  | { what: 'assumed'; stage: string; before: number | null; after: number | null }
  | { what: 'named'; before: Text | null; after: Text | null }
  | { what: 'state'; after: 'current' | 'future' }
  | { what: 'settings' }

export type CardField = 'tone' | 'tags' | 'evidence' | 'owner' | 'value'
const FIELDS: CardField[] = ['tone', 'tags', 'evidence', 'owner', 'value']

interface Placed {
  lane: Lane
  card: Card
}

const placed = (map: MapBody) =>
  new Map(map.lanes.flatMap((lane) => (lane.cards ?? []).map((card): [string, Placed] => [card.id, { lane, card }])))

/** What changed from `before` to `after`, lane by lane. Cards are followed by their ids, lanes by their keys. */
export function diffMaps(before: MapBody, after: MapBody): Difference[] {
  const [old, now] = [placed(before), placed(after)]
  const oldLanes = new Map(before.lanes.map((lane) => [lane.key, lane]))
  const newLanes = new Map(after.lanes.map((lane) => [lane.key, lane]))
  const found: Difference[] = []
  if (!same(before.name ?? null, after.name ?? null))
    found.push({ what: 'named', before: before.name ?? null, after: after.name ?? null })
  if ((before.state ?? 'current') !== (after.state ?? 'current'))
    found.push({ what: 'state', after: after.state ?? 'current' })
  if (
    before.journey !== after.journey ||
    !same(before.personas ?? [], after.personas ?? []) ||
    !same(before.segments ?? [], after.segments ?? [])
  )
    found.push({ what: 'settings' })
  for (const lane of after.lanes) {
    const was = oldLanes.get(lane.key)
    if (!was) found.push({ what: 'lane_added', lane, n_cards: lane.cards?.length ?? 0 })
    else if (!same(was.name ?? null, lane.name ?? null))
      found.push({ what: 'lane_renamed', lane, before: was.name ?? null, after: lane.name ?? null })
  }
  for (const lane of before.lanes)
    if (!newLanes.has(lane.key)) found.push({ what: 'lane_removed', lane, n_cards: lane.cards?.length ?? 0 })
  if (isReordered(before.lanes, after.lanes, (lane) => lane.key)) found.push({ what: 'lanes_ordered' })
  for (const lane of after.lanes) found.push(...cardsOf(lane, old, oldLanes))
  for (const { lane, card } of old.values())
    if (!now.has(card.id) && newLanes.has(lane.key)) found.push({ what: 'card_removed', lane, card })
  found.push(...assumptions(before, after))
  return found
}

function cardsOf(lane: Lane, old: Map<string, Placed>, oldLanes: Map<string, Lane>): Difference[] {
  const found: Difference[] = []
  for (const card of lane.cards ?? []) {
    const was = old.get(card.id)
    if (!was) {
      if (oldLanes.has(lane.key)) found.push({ what: 'card_added', lane, card })
      continue
    }
    if (was.lane.key !== lane.key || was.card.stage !== card.stage)
      found.push({
        what: 'card_moved',
        card,
        from: { lane: was.lane, stage: was.card.stage },
        to: { lane, stage: card.stage },
      })
    if (!same(was.card.text, card.text))
      found.push({ what: 'card_text', lane, card, before: was.card.text, after: card.text })
    for (const field of FIELDS)
      if (!same(was.card[field] ?? blank(field), card[field] ?? blank(field)))
        found.push({ what: 'card_field', lane, card, field, before: was.card[field], after: card[field] })
  }
  const was = oldLanes.get(lane.key)
  const inStages = (cards: Card[]) => [...cards].sort((a, b) => (a.stage < b.stage ? -1 : a.stage > b.stage ? 1 : 0))
  const staying = new Set(
    (lane.cards ?? []).filter((card) => old.get(card.id)?.card.stage === card.stage).map((c) => c.id),
  )
  const keep = (cards: Card[] = []) => inStages(cards.filter((card) => staying.has(card.id)))
  if (was && isReordered(keep(was.cards), keep(lane.cards), (card) => card.id))
    found.push({ what: 'cards_ordered', lane })
  return found
}

const blank = (field: CardField) => (field === 'tone' ? 'plain' : field === 'tags' ? [] : null)

/** Whether those in both lists stand in another order. */
function isReordered<T>(before: readonly T[], after: readonly T[], idOf: (item: T) => string): boolean {
  const [old, now] = [before.map(idOf), after.map(idOf)]
  const stayed = now.filter((id) => old.includes(id))
  return !same(
    stayed,
    old.filter((id) => now.includes(id)),
  )
}

function assumptions(before: MapBody, after: MapBody): Difference[] {
  const [old, now] = [before.assumed_emotion ?? {}, after.assumed_emotion ?? {}]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((stage) => old[stage] !== now[stage])
    .map((stage) => ({ what: 'assumed', stage, before: old[stage] ?? null, after: now[stage] ?? null }))
}
