import { describe, expect, it } from 'vitest'
import { readChannelSearch, readCompareSearch, readFunnelSearch, readPathSearch, readTrendSearch } from './address'

/** As the router writes a search into the address and reads it back. */
const throughUrl = (search: object) => JSON.parse(JSON.stringify(search)) as Record<string, unknown>

describe('addresses come back as they were', () => {
  it('of a funnel', () => {
    const search = {
      period: '30d' as const,
      segment: 'loyal',
      steps: [
        { event: 'visit' },
        { event: ['cart', 'wish'], channel: 'app' },
        { event: 'order', where: [{ property: 'amount', op: 'gt' as const, value: 0 }] },
      ],
      window: '14d',
      by: 'device',
    }
    expect(readFunnelSearch(throughUrl(search))).toEqual(search)
  })
  it('of a trend', () => {
    const search = {
      when: { event: 'order' },
      grain: 'day' as const,
      by: 'channel' as const,
      measure: 'amount' as const,
      stacked: true,
    }
    expect(readTrendSearch(throughUrl(search))).toEqual(search)
  })
  it('of paths, channels and a comparison', () => {
    const paths = { tab: 'variants' as const, gap: '1h', as: 'matrix' as const, edges: 40 }
    expect(readPathSearch(throughUrl(paths))).toEqual(paths)
    expect(readChannelSearch(throughUrl({ measure: 'events' }))).toEqual({ measure: 'events' })
    const compare = { ask: 'funnel' as const, with: 's:loyal', steps: [{ event: 'a' }, { event: 'b' }] }
    expect(readCompareSearch(throughUrl(compare))).toEqual(compare)
  })
})

describe('what is not understood is dropped', () => {
  it('wrong kinds and unknown words', () => {
    expect(readFunnelSearch({ steps: 'visit', window: 'soon', by: '' })).toEqual({})
    expect(readFunnelSearch({ steps: [] })).toEqual({})
    expect(readTrendSearch({ grain: 'hour', by: 'person', measure: 'joy', stacked: 'yes', when: 'order' })).toEqual({})
    expect(readPathSearch({ tab: 'tree', edges: 7, gap: '-1d' })).toEqual({})
    expect(readCompareSearch({ with: 'x:y', ask: 'everything' })).toEqual({})
  })
  it('unknown fields of a rule', () => {
    const steps = [{ event: ['a', 3, ''], color: 'red', where: [{ property: 'p', op: 'near', value: [1, null] }, 5] }]
    expect(readFunnelSearch({ steps }).steps).toEqual([{ event: 'a', where: [{ property: 'p', value: 1 }] }])
  })
  it('steps beyond the most a funnel has', () => {
    const steps = Array.from({ length: 40 }, () => ({ event: 'a' }))
    expect(readFunnelSearch({ steps }).steps).toHaveLength(32)
  })
})
