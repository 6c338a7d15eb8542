import { describe, expect, it } from 'vitest'
import { arrange, feelings, goalOf, standing, strayCards } from './arrange'
import { applyEdit, type Edit } from './edit'
import { fixtureBody, fixtureView as view } from './fixture'
import type { MapView } from './types'

const edited = (edit: Edit) => applyEdit(fixtureBody, edit)?.map ?? fixtureBody

describe('arranging', () => {
  it('shows the view as it is without a document', () => expect(arrange(view, null)).toBe(view.lanes))

  it('agrees with the view for an unchanged document', () =>
    expect(arrange(view, fixtureBody)).toEqual(
      view.lanes.map((lane) => ({
        ...lane,
        cells: lane.cells.map((cell) => (lane.kind === 'emotion' ? { emotion: cell.emotion } : cell)),
      })),
    ))

  it('shows edits at once and keeps the numbers', () => {
    const lanes = arrange(view, edited({ edit: 'move_lane', key: 'kpi', before: 'customer-goal' }))
    expect(lanes[0]?.cells[0]?.metrics?.[0]?.key).toBe('new-visitors')
    const assumed = arrange(view, edited({ edit: 'assume', stage: 'buy', value: 0.3 })).find(
      (lane) => lane.kind === 'emotion',
    )
    expect(assumed && feelings(assumed)[2]).toMatchObject({ assumed: 0.3, measured: -0.9 })
  })

  it('fills a new measured lane from one of its kind, or leaves it empty', () => {
    const again = arrange(view, edited({ edit: 'add_lane', lane: { key: 'kpi-2', kind: 'kpi' }, before: null }))
    expect(again.at(-1)?.cells[0]?.metrics).toHaveLength(2)
    const first = arrange({ ...view, lanes: [] }, fixtureBody)
    expect(first.find((lane) => lane.kind === 'kpi')?.cells).toEqual([{}, {}, {}, {}, {}])
  })

  it('finds cards of stages that are gone', () => {
    const fewer: MapView = { ...view, stages: view.stages.filter((stage) => stage.key !== 'share') }
    expect(strayCards(fewer, fixtureBody).map(({ card }) => card.id)).toEqual(['q6', 'o6'])
    expect(strayCards(view, fixtureBody)).toEqual([])
  })

  it('takes goals from the journey', () => {
    const stage = view.stages[0]
    expect(stage && goalOf(stage, 'customer_goal')).toMatchObject({ en: 'Find a fitting gift quickly' })
    expect(stage && goalOf(stage, 'business_goal')).toBeNull()
    expect(stage && goalOf(stage, 'questions')).toBeNull()
  })
})

describe('standing', () => {
  const withPeople = (value: number): MapView => ({
    ...view,
    facts: view.facts.map((fact) => (fact.key === 'people' ? { ...fact, figure: { ...fact.figure, value } } : fact)),
  })
  it('tells first use, an empty filter, thin data and enough apart', () => {
    expect(standing(withPeople(0), false)).toBe('no_events')
    expect(standing(withPeople(0), true)).toBe('nobody')
    expect(standing(withPeople(12), true)).toBe('thin')
    expect(standing(withPeople(30), true)).toBe('fine')
  })
})
