import { expect, it } from 'vitest'
import type { TimelineEvent } from '~/lib/api/types'
import { byDay } from './timeline'

const at = (iso: string): TimelineEvent => ({
  id: iso,
  event: 'e',
  time_us: Date.parse(iso) * 1000,
  properties: {},
})

it('days are the workspace’s, newest first', () => {
  // 15:30 UTC is half past midnight in Seoul.
  const events = [at('2025-10-02T15:30:00Z'), at('2025-10-02T14:30:00Z'), at('2025-09-28T00:00:00Z')]
  expect(byDay(events, 'Asia/Seoul').map((day) => [day.day, day.moments.length])).toEqual([
    ['2025-10-03', 1],
    ['2025-10-02', 1],
    ['2025-09-28', 1],
  ])
  expect(byDay(events, 'UTC').map((day) => [day.day, day.moments.length])).toEqual([
    ['2025-10-02', 2],
    ['2025-09-28', 1],
  ])
})

it('marks silences longer than a day, not a day itself', () => {
  const silent = (...isos: string[]) =>
    byDay(isos.map(at), 'UTC').flatMap((day) => day.moments.map((one) => one.silence_us !== null))
  expect(silent('2025-10-03T00:00:00Z', '2025-10-02T00:00:00Z')).toEqual([false, false])
  expect(silent('2025-10-03T00:00:01Z', '2025-10-02T00:00:00Z')).toEqual([true, false])
  expect(byDay([], 'UTC')).toEqual([])
})
