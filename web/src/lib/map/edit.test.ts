import { describe, expect, it } from 'vitest'
import {
  applyEdit,
  cellCards,
  type Edit,
  findCard,
  newCardId,
  newLaneKey,
  placeCard,
  same,
  stepCard,
  stepLane,
} from './edit'
import { fixtureBody as map } from './fixture'
import type { MapBody } from './types'

const stages = ['aware', 'consider', 'buy', 'keep', 'share']
const made = (edit: Edit | null, on: MapBody = map) => (edit ? applyEdit(on, edit)?.map : undefined)
const cell = (on: MapBody | undefined, lane: string, stage: string) => {
  const found = on?.lanes.find((one) => one.key === lane)
  return found && cellCards(found, stage).map((card) => card.id)
}

describe('edits', () => {
  const cases: [string, Edit][] = [
    [
      'add a card in the middle',
      { edit: 'add_card', lane: 'friction', card: { id: 'n', stage: 'buy', text: 'x' }, before: 'f3' },
    ],
    [
      'add a card at the end',
      { edit: 'add_card', lane: 'friction', card: { id: 'n', stage: 'buy', text: 'x' }, before: null },
    ],
    [
      'add the first card of a lane',
      { edit: 'add_card', lane: 'customer-goal', card: { id: 'n', stage: 'buy', text: 'x' }, before: null },
    ],
    ['change a text', { edit: 'change_card', id: 'q1', fields: { text: { ko: '가', en: 'a' } } }],
    ['take a value away', { edit: 'change_card', id: 'f2', fields: { value: null, tags: ['느림'], tone: 'bad' } }],
    ['take tags away', { edit: 'change_card', id: 'f3', fields: { tags: [], evidence: null } }],
    ['move to another stage', { edit: 'move_card', id: 'q2', lane: 'questions', stage: 'keep', before: 'q5' }],
    ['move to another lane', { edit: 'move_card', id: 'q2', lane: 'friction', stage: 'buy', before: null }],
    ['remove a card', { edit: 'remove_card', id: 'q3' }],
    ['remove the last card', { edit: 'remove_card', id: 'o6' }],
    ['add a lane', { edit: 'add_lane', lane: { key: 'thoughts', kind: 'thoughts' }, before: 'kpi' }],
    ['rename a lane', { edit: 'rename_lane', key: 'kpi', name: '우리 지표' }],
    ['move a lane', { edit: 'move_lane', key: 'kpi', before: 'customer-goal' }],
    ['remove a lane with its cards', { edit: 'remove_lane', key: 'friction' }],
    ['assume', { edit: 'assume', stage: 'buy', value: -0.3 }],
    ['assume nothing', { edit: 'assume', stage: 'buy', value: null }],
    ['rename', { edit: 'rename', name: null }],
    ['replace', { edit: 'replace', body: { ...map, lanes: [] } }],
  ]
  it.each(cases)('%s, and back to exactly what was', (_, edit) => {
    const edited = applyEdit(map, edit)
    if (!edited) throw new Error('nothing changed')
    expect(same(edited.map, map)).toBe(false)
    expect(applyEdit(edited.map, edited.back)?.map).toEqual(map)
  })

  const nothing: [string, Edit][] = [
    ['a card that is gone', { edit: 'change_card', id: 'gone', fields: { text: 'x' } }],
    ['a lane that is gone', { edit: 'move_card', id: 'q1', lane: 'gone', stage: 'buy', before: null }],
    ['the same text', { edit: 'change_card', id: 'q1', fields: { text: '이 브랜드 믿어도 돼?' } }],
    [
      'a default that was not written',
      { edit: 'change_card', id: 'q1', fields: { tone: 'plain', tags: [], owner: null } },
    ],
    ['an id twice', { edit: 'add_card', lane: 'friction', card: { id: 'q1', stage: 'buy', text: 'x' }, before: null }],
    ['a lane key twice', { edit: 'add_lane', lane: { key: 'kpi', kind: 'kpi' }, before: null }],
    ['a place already held', { edit: 'move_lane', key: 'kpi', before: 'volumes' }],
    ['a card before itself', { edit: 'move_card', id: 'q2', lane: 'questions', stage: 'consider', before: 'q2' }],
    ['the same assumption', { edit: 'assume', stage: 'buy', value: 1.4 }],
  ]
  it.each(nothing)('%s changes nothing', (_, edit) => expect(applyEdit(map, edit)).toBeNull())

  it('never touches what it was given', () => {
    const frozen = structuredClone(map)
    for (const [, edit] of cases) applyEdit(map, edit)
    expect(map).toEqual(frozen)
  })

  it('does not store defaults', () => {
    const card = findCard(made({ edit: 'change_card', id: 'q4', fields: { tone: 'plain' } }) ?? map, 'q4')?.card
    expect(card).toEqual({ id: 'q4', stage: 'buy', text: '지금 결제해도 안전해?' })
  })
})

describe('placing', () => {
  it('puts a card at an index of a cell', () => {
    expect(cell(made(placeCard(map, 'q1', 'questions', 'consider', 0)), 'questions', 'consider')).toEqual([
      'q1',
      'q2',
      'q3',
    ])
    expect(cell(made(placeCard(map, 'q1', 'questions', 'consider', 1)), 'questions', 'consider')).toEqual([
      'q2',
      'q1',
      'q3',
    ])
    expect(cell(made(placeCard(map, 'q1', 'questions', 'consider', 9)), 'questions', 'consider')).toEqual([
      'q2',
      'q3',
      'q1',
    ])
    expect(cell(made(placeCard(map, 'q1', 'customer-goal', 'keep', 0)), 'customer-goal', 'keep')).toEqual(['q1'])
  })

  it('keeps the order of the other stages', () => {
    const moved = made(placeCard(map, 'q6', 'questions', 'consider', 2))
    expect(moved?.lanes.find((lane) => lane.key === 'questions')?.cards?.map((card) => card.id)).toEqual([
      'q1',
      'q2',
      'q3',
      'q6',
      'q4',
      'q5',
    ])
  })

  it('steps to the next stage, within the cell, and into the next lane with cards', () => {
    expect(cell(made(stepCard(map, stages, 'q3', 'right')), 'questions', 'buy')).toEqual(['q4', 'q3'])
    expect(cell(made(stepCard(map, stages, 'q3', 'up')), 'questions', 'consider')).toEqual(['q3', 'q2'])
    expect(cell(made(stepCard(map, stages, 'q3', 'down')), 'friction', 'consider')).toEqual(['q3', 'f1'])
    expect(cell(made(stepCard(map, stages, 'f2', 'up')), 'questions', 'buy')).toEqual(['q4', 'f2'])
    // The measured lanes between are passed over.
    expect(cell(made(stepCard(map, stages, 'f4', 'down')), 'opportunities', 'keep')).toEqual(['f4', 'o5'])
  })

  it('stays at the edges', () => {
    expect(stepCard(map, stages, 'q1', 'left')).toBeNull()
    expect(stepCard(map, stages, 'q6', 'right')).toBeNull()
    expect(stepCard(map, stages, 'o1', 'down')).toBeNull()
    expect(stepLane(map, 'customer-goal', 'up')).toBeNull()
    expect(stepLane(map, 'opportunities', 'down')).toBeNull()
  })

  it('steps lanes', () => {
    const keys = (on: MapBody | undefined) => on?.lanes.map((lane) => lane.key).slice(0, 3)
    expect(keys(made(stepLane(map, 'touchpoints', 'up')))).toEqual(['touchpoints', 'customer-goal', 'emotion'])
    expect(keys(made(stepLane(map, 'customer-goal', 'down')))).toEqual(['touchpoints', 'customer-goal', 'emotion'])
    expect(made(stepLane(map, 'volumes', 'down'))?.lanes.at(-1)?.key).toBe('volumes')
  })
})

it('names new lanes and cards', () => {
  expect(newLaneKey(map, 'thoughts')).toBe('thoughts')
  expect(newLaneKey(map, 'customer_goal')).toBe('customer-goal-2')
  expect(newCardId(() => 0.5)).toBe('c-iiiiiiiiii')
})
