import { describe, expect, test } from 'vitest'
import { barsOf, ratePerMinute, readable, reasonsOf } from './letters'

const count = (code: string, source: string, n_waiting: number, last_us = 0) => ({
  code,
  source,
  n_waiting,
  n_replayed: 1,
  last_us,
})

describe('reasons', () => {
  const counts = [
    count('event.time', 'web', 2, 5),
    count('event.no_person', 'web', 4),
    count('event.time', 'pos', 7, 3),
  ]

  test('are summed over sources, most waiting first', () => {
    expect(reasonsOf(counts)).toEqual([
      { code: 'event.time', n_waiting: 9, n_replayed: 2, last_us: 5, sources: ['web', 'pos'] },
      { code: 'event.no_person', n_waiting: 4, n_replayed: 1, last_us: 0, sources: ['web'] },
    ])
  })

  test('of one source only', () => {
    expect(reasonsOf(counts, 'pos').map((one) => [one.code, one.n_waiting])).toEqual([['event.time', 7]])
  })
})

describe('what came', () => {
  test('is laid out when it is JSON', () => {
    expect(readable('{"a":1,"b":[true]}')).toBe('{\n  "a": 1,\n  "b": [\n    true\n  ]\n}')
  })

  test('stays as it is when it is none, or would change by being laid out', () => {
    expect(readable('{"a":')).toBe('{"a":')
    expect(readable('{"id":12345678901234567890}')).toBe('{"id":12345678901234567890}')
  })
})

describe('minutes', () => {
  const minutes = [
    { minute_us: 0, n_accepted: 1, n_rejected: 0 },
    { minute_us: 60, n_accepted: 900, n_rejected: 100 },
    { minute_us: 120, n_accepted: 0, n_rejected: 0 },
  ]

  test('the tallest fills the chart, a single event is seen, none is not', () => {
    expect(barsOf(minutes).map((bar) => [bar.accepted, bar.rejected])).toEqual([
      [0.02, 0],
      [0.9, 0.1],
      [0, 0],
    ])
    expect(barsOf([])).toEqual([])
  })

  test('the rate leaves the running minute out', () => {
    expect(ratePerMinute(minutes)).toBe(500.5)
    expect(ratePerMinute(minutes.slice(0, 1))).toBe(0)
  })
})
