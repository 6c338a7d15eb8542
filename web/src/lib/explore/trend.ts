import { type Days, nDays } from '../period'
import type { Grain, Measure } from './address'
import type { TrendLine } from './types'

/** The size of the buckets when none is chosen, as the server picks it: by the length of the period. */
export function usualGrain(days: Days): Grain {
  const n = nDays(days)
  return n <= 31 ? 'day' : n <= 200 ? 'week' : 'month'
}

/** What a line shows: as counted, or one count by another. Absent where there is nothing to divide by. */
export function valuesOf(line: TrendLine, measure: Measure): (number | null)[] {
  const per = (values: number[]) =>
    values.map((value, bucket) => {
      const people = line.n_people[bucket] ?? 0
      return people === 0 ? null : value / people
    })
  switch (measure) {
    case 'people':
      return line.n_people
    case 'events':
      return line.n_events
    case 'amount':
      return line.amount
    case 'events_per_person':
      return per(line.n_events)
    case 'amount_per_person':
      return per(line.amount)
  }
}

/** Whether the lines of a breakdown add up to the whole: events and money do, people who came by two channels do not. */
export const addsUp = (measure: Measure): boolean => measure === 'events' || measure === 'amount'

/** How much a line has all over, to order lines by what is drawn. */
export const weightOf = (line: TrendLine, measure: Measure): number =>
  (measure === 'amount' || measure === 'amount_per_person'
    ? line.amount
    : measure === 'people'
      ? line.n_people
      : line.n_events
  ).reduce((sum, value) => sum + value, 0)

/** The first bucket that is not over at `as_of_us`; `undefined` when all are. */
export function openFrom(buckets: number[], grain: Grain, as_of_us: number, to_us: number): number | undefined {
  const last = buckets.length - 1
  const start = buckets[last]
  if (start === undefined) return undefined
  const DAY_US = 86_400_000_000
  const length = { day: 1, week: 7, month: 28 }[grain] * DAY_US
  // The end of the last bucket is at least this far from its start; a shorter one was cut by the period or by now.
  return Math.min(as_of_us, to_us - 1) < start + length - DAY_US / 24 ? last : undefined
}
