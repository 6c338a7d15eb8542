import { describe, expect, it } from 'vitest'
import {
  askedPeriod,
  daysOf,
  nDays,
  presetDays,
  previousDays,
  readView,
  resolveView,
  today,
  viewOfPeriod,
  within,
} from './period'

const days = (from: string, to: string) => ({ from, to })

describe('presets', () => {
  const check = (preset: Parameters<typeof presetDays>[0], anchor: string, want: { from: string; to: string }) =>
    expect(presetDays(preset, anchor, '2024-12-01')).toEqual(want)
  it('counts both ends', () => {
    check('7d', '2025-10-07', days('2025-10-01', '2025-10-07'))
    check('30d', '2025-03-01', days('2025-01-31', '2025-03-01'))
    check('month', '2025-10-07', days('2025-10-01', '2025-10-07'))
    check('last-month', '2025-03-31', days('2025-02-01', '2025-02-28'))
    check('last-month', '2024-03-31', days('2024-02-01', '2024-02-29')) // Leap day.
    check('last-month', '2025-01-05', days('2024-12-01', '2024-12-31')) // Over new year.
    check('quarter', '2025-11-30', days('2025-10-01', '2025-11-30'))
    check('year', '2025-10-07', days('2025-01-01', '2025-10-07'))
    check('all', '2025-10-07', days('2024-12-01', '2025-10-07'))
    check('all', '2024-01-01', days('2024-01-01', '2024-01-01')) // Never from > to.
  })
})

it('the previous period has the same length and touches', () => {
  expect(previousDays(days('2025-10-01', '2025-10-31'))).toEqual(days('2025-08-31', '2025-09-30'))
  expect(nDays(previousDays(days('2024-02-29', '2024-02-29')))).toBe(1)
})

it('today is the workspace’s', () => {
  const lateInLondon = Date.UTC(2025, 9, 2, 16)
  expect(today('Asia/Seoul', lateInLondon)).toBe('2025-10-03')
  expect(today('UTC', lateInLondon)).toBe('2025-10-02')
})

describe('reading a URL', () => {
  it('keeps what is understood', () => {
    expect(readView({ period: '30d', segment: 'vip', compare: 'none' })).toEqual({
      period: '30d',
      segment: 'vip',
      compare: 'none',
    })
    expect(readView({ period: '30d', from: '2025-01-01', to: '2025-01-02' })).toEqual(days('2025-01-01', '2025-01-02'))
  })
  it('drops what is not', () => {
    expect(readView({ period: 'forever', from: '2025-02-30', to: '2025-03-01', segment: 3 })).toEqual({})
    expect(readView({ from: '2025-03-02', to: '2025-03-01' })).toEqual({})
    expect(readView({ compare: 'custom', compare_from: '2025-01-01' })).toEqual({})
  })
  it('resolves with a comparison', () => {
    const first = '2025-01-01'
    expect(resolveView({ period: '7d' }, '2025-10-07', first).before).toEqual(days('2025-09-24', '2025-09-30'))
    expect(resolveView({ compare: 'none' }, '2025-10-07', first).before).toBeNull()
    expect(
      resolveView({ compare: 'custom', compare_from: '2025-01-01', compare_to: '2025-01-07' }, '2025-10-07', first)
        .before,
    ).toEqual(days('2025-01-01', '2025-01-07'))
  })
})

describe('the period of a question', () => {
  const now = days('2025-09-08', '2025-10-07')
  it('moves where it is the last days or all time, and is fixed days else', () => {
    expect(askedPeriod({ period: '30d' }, now)).toEqual({ last: '30d' })
    expect(askedPeriod({ period: '14d' }, now)).toEqual({ last: '14d' })
    expect(askedPeriod({}, now)).toEqual({ last: '90d' })
    expect(askedPeriod({ period: 'all' }, now)).toEqual({})
    expect(askedPeriod({ period: 'month' }, now)).toEqual({ period: now })
    expect(askedPeriod({ from: now.from, to: now.to }, now)).toEqual({ period: now })
  })
  it('leads back to the view, in whatever unit it is written', () => {
    expect(viewOfPeriod({ period: now })).toEqual(now)
    expect(viewOfPeriod({})).toEqual({ period: 'all' })
    expect(viewOfPeriod({ last: '2w' })).toEqual({ period: '14d' })
    expect(viewOfPeriod({ last: 'P30D' })).toEqual({ period: '30d' })
    expect(daysOf({ last: '30d' }, '2025-10-07', '2025-01-01')).toEqual(now)
    expect(daysOf({}, '2025-10-07', '2025-01-01')).toEqual(days('2025-01-01', '2025-10-07'))
  })
  it('is either the last days or fixed ones', () => {
    expect(within({ last: '30d', segment: 'vip' }, now)).toEqual({ period: now, segment: 'vip' })
  })
  it('any number of days can stand in an address', () => {
    expect(readView({ period: '14d' })).toEqual({ period: '14d' })
    for (const period of ['0d', '14', '-3d', '99999d', 'd']) expect(readView({ period })).toEqual({})
  })
})
