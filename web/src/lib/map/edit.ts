import type { Text } from '../api/types'
import { type Card, isMeasured, type Lane, type MapBody, type Tone } from './types'

/** What may change on a card without moving it; `null` takes an optional field away. */
export interface CardFields {
  text?: Text
  tone?: Tone
  tags?: string[]
  evidence?: Text | null
  owner?: string | null
  value?: number | null
}

/**
 * One change of a map, as plain values that name what they touch by its id. So an edit can be undone, sent, and laid on
 * top of a version somebody else saved meanwhile. `before` is the id of the card (key of the lane) that will follow, or
 * `null` for the end; when that one is gone the end is taken.
 */
export type Edit =
  | { edit: 'add_card'; lane: string; card: Card; before: string | null }
  | { edit: 'change_card'; id: string; fields: CardFields }
  | { edit: 'move_card'; id: string; lane: string; stage: string; before: string | null }
  | { edit: 'remove_card'; id: string }
  | { edit: 'add_lane'; lane: Lane; before: string | null }
  | { edit: 'rename_lane'; key: string; name: Text | null }
  | { edit: 'move_lane'; key: string; before: string | null }
  | { edit: 'remove_lane'; key: string }
  | { edit: 'assume'; stage: string; value: number | null }
  | { edit: 'rename'; name: Text | null }
  | { edit: 'replace'; body: MapBody }

/** What an edit made, and the edit that takes it back. */
export interface Edited {
  map: MapBody
  back: Edit
}

interface Found {
  lane: Lane
  index: number
  card: Card
}

/** Where a card is. */
export function findCard(map: MapBody, id: string): Found | null {
  for (const lane of map.lanes) {
    const index = lane.cards?.findIndex((card) => card.id === id) ?? -1
    const card = lane.cards?.[index]
    if (card) return { lane, index, card }
  }
  return null
}

const withLane = (map: MapBody, key: string, change: (lane: Lane) => Lane): MapBody => ({
  ...map,
  lanes: map.lanes.map((lane) => (lane.key === key ? change(lane) : lane)),
})

function withCards(lane: Lane, cards: Card[]): Lane {
  const { cards: _, ...rest } = lane
  return cards.length > 0 ? { ...rest, cards } : rest
}

/** `list` with `item` put before the one that `isNext`, or at the end. */
function insert<T>(list: readonly T[], item: T, isNext: (other: T) => boolean): T[] {
  const at = list.findIndex(isNext)
  return at < 0 ? [...list, item] : [...list.slice(0, at), item, ...list.slice(at)]
}

/** Who follows the item at `index`. */
const follower = <T>(list: readonly T[], index: number, idOf: (item: T) => string): string | null => {
  const next = list[index + 1]
  return next === undefined ? null : idOf(next)
}

const cardId = (card: Card) => card.id
const laneKey = (lane: Lane) => lane.key

/** Applies an edit. `null` when what it touches is not there (any more), or when it would change nothing. */
export function applyEdit(map: MapBody, edit: Edit): Edited | null {
  switch (edit.edit) {
    case 'add_card':
      return addCard(map, edit)
    case 'change_card':
      return changeCard(map, edit)
    case 'move_card':
      return moveCard(map, edit)
    case 'remove_card': {
      const found = findCard(map, edit.id)
      if (!found) return null
      const { lane, index, card } = found
      const cards = lane.cards ?? []
      return {
        map: withLane(map, lane.key, (one) => withCards(one, cards.toSpliced(index, 1))),
        back: { edit: 'add_card', lane: lane.key, card, before: follower(cards, index, cardId) },
      }
    }
    case 'add_lane': {
      if (map.lanes.some((lane) => lane.key === edit.lane.key)) return null
      const lanes = insert(map.lanes, edit.lane, (lane) => lane.key === edit.before)
      return { map: { ...map, lanes }, back: { edit: 'remove_lane', key: edit.lane.key } }
    }
    case 'rename_lane': {
      const lane = map.lanes.find((one) => one.key === edit.key)
      if (!lane || same(lane.name ?? null, edit.name)) return null
      const { name, ...rest } = lane
      return {
        map: withLane(map, edit.key, () => (edit.name === null ? rest : { ...rest, name: edit.name })),
        back: { edit: 'rename_lane', key: edit.key, name: name ?? null },
      }
    }
    case 'move_lane': {
      const index = map.lanes.findIndex((lane) => lane.key === edit.key)
      const lane = map.lanes[index]
      if (!lane || edit.before === edit.key) return null
      const lanes = insert(map.lanes.toSpliced(index, 1), lane, (other) => other.key === edit.before)
      if (lanes.every((other, at) => other === map.lanes[at])) return null
      return {
        map: { ...map, lanes },
        back: { edit: 'move_lane', key: edit.key, before: follower(map.lanes, index, laneKey) },
      }
    }
    case 'remove_lane': {
      const index = map.lanes.findIndex((lane) => lane.key === edit.key)
      const lane = map.lanes[index]
      if (!lane) return null
      return {
        map: { ...map, lanes: map.lanes.toSpliced(index, 1) },
        back: { edit: 'add_lane', lane, before: follower(map.lanes, index, laneKey) },
      }
    }
    case 'assume':
      return assume(map, edit)
    case 'rename': {
      if (same(map.name ?? null, edit.name)) return null
      const { name, ...rest } = map
      return {
        map: edit.name === null ? rest : { ...rest, name: edit.name },
        back: { edit: 'rename', name: name ?? null },
      }
    }
    case 'replace':
      if (same(map, edit.body)) return null
      return { map: edit.body, back: { edit: 'replace', body: map } }
  }
}

function addCard(map: MapBody, edit: Extract<Edit, { edit: 'add_card' }>): Edited | null {
  if (findCard(map, edit.card.id) || !map.lanes.some((lane) => lane.key === edit.lane)) return null
  return {
    map: withLane(map, edit.lane, (lane) =>
      withCards(
        lane,
        insert(lane.cards ?? [], edit.card, (card) => card.id === edit.before),
      ),
    ),
    back: { edit: 'remove_card', id: edit.card.id },
  }
}

function changeCard(map: MapBody, edit: Extract<Edit, { edit: 'change_card' }>): Edited | null {
  const found = findCard(map, edit.id)
  if (!found) return null
  const { lane, card } = found
  const next: Card = { ...card }
  const before: CardFields = {}
  for (const field of Object.keys(edit.fields) as (keyof CardFields)[]) {
    const value = edit.fields[field]
    if (value === undefined || same(value, card[field] ?? null)) continue
    Object.assign(before, { [field]: card[field] ?? (field === 'tags' ? [] : field === 'tone' ? 'plain' : null) })
    const isAbsent = value === null || (field === 'tags' && edit.fields.tags?.length === 0) || value === 'plain'
    if (isAbsent && field !== 'text') delete next[field]
    else Object.assign(next, { [field]: value })
  }
  if (same(next, card)) return null
  return {
    map: withLane(map, lane.key, (one) =>
      withCards(
        one,
        (one.cards ?? []).map((c) => (c === card ? next : c)),
      ),
    ),
    back: { edit: 'change_card', id: edit.id, fields: before },
  }
}

function moveCard(map: MapBody, edit: Extract<Edit, { edit: 'move_card' }>): Edited | null {
  const found = findCard(map, edit.id)
  if (!found || !map.lanes.some((lane) => lane.key === edit.lane) || edit.before === edit.id) return null
  const { lane, index, card } = found
  const back: Edit = {
    edit: 'move_card',
    id: edit.id,
    lane: lane.key,
    stage: card.stage,
    before: follower(lane.cards ?? [], index, cardId),
  }
  const moved = { ...card, stage: edit.stage }
  const taken = withLane(map, lane.key, (one) => withCards(one, (one.cards ?? []).toSpliced(index, 1)))
  const next = withLane(taken, edit.lane, (one) =>
    withCards(
      one,
      insert(one.cards ?? [], moved, (other) => other.id === edit.before),
    ),
  )
  return same(next.lanes, map.lanes) ? null : { map: next, back }
}

function assume(map: MapBody, edit: Extract<Edit, { edit: 'assume' }>): Edited | null {
  const now = map.assumed_emotion?.[edit.stage] ?? null
  if (now === edit.value) return null
  const { assumed_emotion: old, ...rest } = map
  const assumed = { ...old }
  if (edit.value === null) delete assumed[edit.stage]
  else assumed[edit.stage] = edit.value
  const next: MapBody = Object.keys(assumed).length > 0 ? { ...rest, assumed_emotion: assumed } : rest
  return { map: next, back: { edit: 'assume', stage: edit.stage, value: now } }
}

/** Whether two plain values are equal, whatever the order of their fields. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = Object.entries(a).filter(([, value]) => value !== undefined)
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined))
  return left.length === right.size && left.every(([key, value]) => right.has(key) && same(value, right.get(key)))
}

/* Where a card goes */

/** The cards of a cell, in order. */
export const cellCards = (lane: Lane, stage: string): Card[] =>
  (lane.cards ?? []).filter((card) => card.stage === stage)

/** The edit that puts a card at `index` among the others of a cell. */
export function placeCard(map: MapBody, id: string, lane: string, stage: string, index: number): Edit | null {
  const target = map.lanes.find((one) => one.key === lane)
  if (!target) return null
  const others = cellCards(target, stage).filter((card) => card.id !== id)
  const next = others[index]
  if (next) return { edit: 'move_card', id, lane, stage, before: next.id }
  // At the end of the cell: right behind its last card, so that the other stages keep their order.
  const last = others.at(-1)
  const all = (target.cards ?? []).filter((card) => card.id !== id)
  const after = last ? follower(all, all.indexOf(last), cardId) : null
  return { edit: 'move_card', id, lane, stage, before: after }
}

export type Way = 'left' | 'right' | 'up' | 'down'

/**
 * The edit that moves a card one step: left and right to the neighbouring stage, up and down within its cell and on into
 * the next lane that holds cards. `null` at the edge.
 */
export function stepCard(map: MapBody, stages: readonly string[], id: string, way: Way): Edit | null {
  const found = findCard(map, id)
  if (!found) return null
  const { lane, card } = found
  const here = cellCards(lane, card.stage)
  const at = here.indexOf(card)
  if (way === 'left' || way === 'right') {
    const stage = stages[stages.indexOf(card.stage) + (way === 'left' ? -1 : 1)]
    return stage === undefined ? null : placeCard(map, id, lane.key, stage, at)
  }
  if (way === 'up' && at > 0) return placeCard(map, id, lane.key, card.stage, at - 1)
  if (way === 'down' && at < here.length - 1) return placeCard(map, id, lane.key, card.stage, at + 1)
  const lanes = map.lanes.filter((one) => !isMeasured(one.kind))
  const next = lanes[lanes.indexOf(lane) + (way === 'up' ? -1 : 1)]
  if (!next) return null
  return placeCard(map, id, next.key, card.stage, way === 'up' ? cellCards(next, card.stage).length : 0)
}

/** The edit that moves a lane one place. `null` at the edge. */
export function stepLane(map: MapBody, key: string, way: 'up' | 'down'): Edit | null {
  const at = map.lanes.findIndex((lane) => lane.key === key)
  if (at < 0) return null
  if (way === 'up') {
    const before = map.lanes[at - 1]
    return before ? { edit: 'move_lane', key, before: before.key } : null
  }
  if (at >= map.lanes.length - 1) return null
  return { edit: 'move_lane', key, before: map.lanes[at + 2]?.key ?? null }
}

/** A key that no lane has yet: the kind's name, numbered when taken. */
export function newLaneKey(map: MapBody, kind: Lane['kind']): string {
  const base = kind.replace('_', '-')
  const taken = new Set(map.lanes.map(laneKey))
  for (let number = 1; ; number += 1) {
    const key = number === 1 ? base : `${base}-${number}`
    if (!taken.has(key)) return key
  }
}

/** An id for a new card. Random, so that two people who add cards at once never choose the same. */
export function newCardId(random: () => number): string {
  const letters = Array.from({ length: 10 }, () => Math.floor(random() * 36).toString(36))
  return `c-${letters.join('')}`
}
