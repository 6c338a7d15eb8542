import { describe, expect, it } from 'vitest'
import { type Difference, diffMaps } from './diff'
import { applyEdit, type Edit } from './edit'
import { fixtureBody as map } from './fixture'

function diff(...edits: Edit[]): Difference[] {
  return diffMaps(
    map,
    edits.reduce((body, edit) => applyEdit(body, edit)?.map ?? body, map),
  )
}
const what = (...edits: Edit[]) => diff(...edits).map((one) => one.what)

describe('differences', () => {
  it('finds none in the same map', () => expect(diff()).toEqual([]))

  it('says each kind once', () => {
    expect(what({ edit: 'change_card', id: 'q1', fields: { text: '믿을 만해?' } })).toEqual(['card_text'])
    expect(what({ edit: 'change_card', id: 'q1', fields: { tone: 'bad', value: 3 } })).toEqual([
      'card_field',
      'card_field',
    ])
    expect(what({ edit: 'remove_card', id: 'q1' })).toEqual(['card_removed'])
    expect(
      what({ edit: 'add_card', lane: 'friction', card: { id: 'n', stage: 'buy', text: 'x' }, before: 'f2' }),
    ).toEqual(['card_added'])
    expect(what({ edit: 'move_card', id: 'q1', lane: 'friction', stage: 'keep', before: null })).toEqual(['card_moved'])
    expect(what({ edit: 'move_card', id: 'q3', lane: 'questions', stage: 'consider', before: 'q2' })).toEqual([
      'cards_ordered',
    ])
    expect(what({ edit: 'rename_lane', key: 'kpi', name: '지표' })).toEqual(['lane_renamed'])
    expect(what({ edit: 'move_lane', key: 'kpi', before: null })).toEqual(['lanes_ordered'])
    expect(what({ edit: 'assume', stage: 'buy', value: null })).toEqual(['assumed'])
    expect(what({ edit: 'rename', name: 'x' })).toEqual(['named'])
  })

  it('does not repeat the cards of a lane that came or went', () => {
    const gone = diff({ edit: 'remove_lane', key: 'friction' })
    expect(gone).toMatchObject([{ what: 'lane_removed', n_cards: 4 }])
    const came = diff({
      edit: 'add_lane',
      lane: { key: 'l', kind: 'thoughts', cards: [{ id: 'n', stage: 'buy', text: 'x' }] },
      before: null,
    })
    expect(came).toMatchObject([{ what: 'lane_added', n_cards: 1 }])
  })

  it('tells where a card came from', () => {
    expect(diff({ edit: 'move_card', id: 'q1', lane: 'questions', stage: 'keep', before: null })).toMatchObject([
      { what: 'card_moved', from: { stage: 'aware' }, to: { stage: 'keep' } },
    ])
  })
})
