import { describe, expect, it } from 'vitest'
import { hiddenLanes, mapQuery, readMapSearch, withHidden } from './address'

const days = { from: '2025-10-01', to: '2025-10-31' }
const before = { from: '2025-08-31', to: '2025-09-30' }

describe('the address', () => {
  it('keeps what it knows and drops the rest', () => {
    expect(
      readMapSearch({ persona: 'minji', hide: 'kpi,volumes', compare_segment: 'new', other: 1, segment: '' }),
    ).toEqual({
      persona: 'minji',
      hide: 'kpi,volumes',
      compare_segment: 'new',
    })
    expect(readMapSearch({ persona: 3, hide: null })).toEqual({})
  })
  it('hides and shows lanes', () => {
    const one = withHidden({}, 'kpi', true)
    expect(hiddenLanes(withHidden(one, 'volumes', true))).toEqual(['kpi', 'volumes'])
    expect(withHidden(one, 'kpi', false)).toEqual({ hide: undefined })
    expect(withHidden(one, 'kpi', true).hide).toBe('kpi')
  })
})

describe('the question', () => {
  it('compares with the period before, nothing, or own days', () => {
    expect(mapQuery({}, days, before)).toEqual({ ...days, compare: 'previous' })
    expect(mapQuery({ compare: 'none' }, days, null)).toEqual({ ...days, compare: 'none' })
    expect(mapQuery({ compare: 'custom' }, days, before)).toEqual({
      ...days,
      compare: 'custom',
      compare_from: '2025-08-31',
      compare_to: '2025-09-30',
    })
  })
  it('compares segments over the same days', () => {
    expect(mapQuery({ segment: 'mobile', compare_segment: 'new' }, days, before)).toEqual({
      ...days,
      segment: 'mobile',
      compare: 'custom',
      compare_from: '2025-10-01',
      compare_to: '2025-10-31',
      compare_segment: 'new',
    })
    expect(mapQuery({ compare: 'custom', compare_segment: 'new', persona: 'p' }, days, before)).toMatchObject({
      compare_from: '2025-08-31',
      persona: 'p',
      compare_persona: 'p',
    })
    expect(mapQuery({ compare: 'custom', segment: 'mobile' }, days, before).compare_segment).toBe('mobile')
  })
})
