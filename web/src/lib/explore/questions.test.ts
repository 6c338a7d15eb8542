import { describe, expect, it } from 'vitest'
import type { EventView } from '../api/types'
import {
  readAttributionSearch,
  readFunnelSearch,
  readLifecycleSearch,
  readPathSearch,
  readRetentionSearch,
} from './address'
import { modelName, touchesOf } from './attribution'
import { countsOf, stoppedAt } from './funnel'
import { whoOfDriver, whoOfFunnel, whoOfHandovers, whoOfPair, whoOfPath, whoOfRetention } from './people'
import { cellLabel } from './retention'
import type { FunnelLine } from './types'

const throughUrl = (search: object) => JSON.parse(JSON.stringify(search)) as Record<string, unknown>

describe('addresses', () => {
  it('of retention, lifecycle and attribution come back as they were', () => {
    const retention = {
      tab: 'value' as const,
      start: { event: 'signup' },
      back: { event: ['order'] },
      clock: 'rolling' as const,
      measure: 'streak' as const,
      recurring: true,
      intervals: 24,
    }
    expect(readRetentionSearch(throughUrl(retention))).toEqual({ ...retention, back: { event: 'order' } })
    const lifecycle = { tab: 'stickiness' as const, active: { event: 'visit' }, grain: 'month' as const }
    expect(readLifecycleSearch(throughUrl(lifecycle))).toEqual(lifecycle)
    const attribution = {
      conversion: { event: 'order' },
      by: 'campaign',
      models: ['last', 'shapley'] as const,
      lookback: '14d',
      cost: 'ad_spend',
      credit: 'return_on_cost' as const,
    }
    expect(readAttributionSearch(throughUrl(attribution))).toEqual(attribution)
  })
  it('of paths and funnels keep their rules', () => {
    const paths = {
      tab: 'sankey' as const,
      after: { event: 'visit' },
      steps: 8,
      top: 12,
      hide: ['page_*'],
      of: 'j:gift',
    }
    expect(readPathSearch(throughUrl(paths))).toEqual(paths)
    const funnel = {
      order: 'any' as const,
      count: 'total' as const,
      entry: 'first' as const,
      at: 2,
      optional: [2],
      without: [{ when: { event: 'refund' }, from: 2, mode: 'removes_person' as const }],
    }
    expect(readFunnelSearch(throughUrl(funnel))).toEqual(funnel)
  })
  it('drop what is out of bounds', () => {
    expect(readPathSearch({ steps: 21, top: 0, hide: [3, ''], of: 'month' })).toEqual({})
    expect(readAttributionSearch({ models: ['magic'], credit: 'joy' })).toEqual({})
    expect(readAttributionSearch({ models: ['last', 'last'] })).toEqual({ models: ['last'] })
    expect(readRetentionSearch({ intervals: 400, recurring: 1 })).toEqual({})
  })
})

describe('the people of a number are the question and a point of it', () => {
  const scope = { segment: 'loyal' }
  it('of paths', () => {
    expect(whoOfPath({ ask: 'paths', scope, steps: 5 }, { point: 'node', step: 1, node: null })).toEqual({
      select: 'paths',
      paths: { scope, steps: 5 },
      at: { point: 'node', step: 1, node: null },
    })
  })
  it('of funnels count steps from 1', () => {
    const funnel = { ask: 'funnel' as const, steps: [{ event: 'a' }, { event: 'b' }], window: '7d', scope }
    const { ask: _, ...body } = funnel
    // What it is compared with says nothing of its own people.
    const compared = { ...funnel, compare: 'previous' as const }
    expect(whoOfFunnel(compared, { step: 1 })).toEqual({ select: 'funnel', funnel: body, at: { step: 2 } })
    expect(whoOfFunnel(funnel, { step: 0, stopped: true, line: null })).toEqual({
      select: 'funnel',
      funnel: body,
      at: { step: 1, stopped: true, line: {} },
    })
  })
  it('of hand-overs, pairs and drivers say which of their numbers', () => {
    const at = { stay: { channel: 'web', end: 'broken' as const } }
    expect(whoOfHandovers({ ask: 'handovers', gap: '3d', scope }, at)).toEqual({
      select: 'handovers',
      handovers: { gap: '3d', scope },
      at,
    })
    const items = [{ event: 'a' }]
    expect(whoOfPair({ ask: 'cross_sell', items }, 'x', 'y')).toEqual({
      select: 'cross_sell',
      cross_sell: { items },
      item: 'x',
      other: 'y',
    })
    const drivers = { conversion: { event: 'b' } }
    expect(whoOfDriver({ ask: 'drivers', ...drivers }, false)).toEqual({ select: 'drivers', drivers, succeeded: false })
    expect(whoOfDriver({ ask: 'drivers', ...drivers }, true, 'c')).toMatchObject({ event: 'c', succeeded: true })
  })
  it('of retention', () => {
    expect(whoOfRetention({ ask: 'retention', scope }, 2, 0, true)).toEqual({
      select: 'retention',
      retention: { scope },
      cohort: 2,
      cell: 0,
      lost: true,
    })
  })
})

describe('attribution', () => {
  it('takes every event with a channel but the conversion', () => {
    const events = [
      { name: 'visit', channels: ['web'] },
      { name: 'identify', channels: [] as string[] },
      { name: 'order', channels: ['web'] },
    ] as EventView[]
    expect(touchesOf({ event: 'order' }, events)).toEqual([{ event: 'visit' }])
    expect(touchesOf({ event: ['visit', 'order'] }, events)).toEqual([])
  })
  it('names models with their own settings', () => {
    const names = { markov: 'Markov', time_decay: 'Decay', last: 'Last' } as Parameters<typeof modelName>[1]
    expect(modelName({ model: 'markov', order: 2 }, names)).toBe('Markov (2)')
    expect(modelName({ model: 'markov' }, names)).toBe('Markov')
    expect(modelName({ model: 'position', first: 1, middle: 2, last: 1 }, names)).toBe('1/2/1')
  })
})

it('names the cells of retention by their intervals', () => {
  expect([0, 1, 2].map((cell) => cellLabel([0, 1, 4, 8], cell))).toEqual(['0', '1–3', '4–7'])
})

it('counts what a funnel counts, and who stopped as the server tells it', () => {
  const line = (of: Partial<FunnelLine>) => of as FunnelLine
  expect(countsOf(line({ reached: [5, 3] }))).toEqual([5, 3])
  expect(countsOf(line({ reached: [5, 3], units: [9, 4] }))).toEqual([9, 4])
  expect(stoppedAt(line({ reached: [5, 3] }), 0)).toBe(2)
  expect(stoppedAt(line({ reached: [5, 3] }), 1)).toBe(3)
  expect(stoppedAt(line({ reached: [5, 3, 4], stopped: [1, 0, 4] }), 0)).toBe(1)
})
