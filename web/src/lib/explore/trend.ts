import type { EventRule, Scope, Unit } from '../api/types'
import { type Days, nDays } from '../period'
import type { Grain, Measure, Series, SeriesMeasure, TrendSearch } from './address'
import { askedRule, isNamed } from './rules'
import type { AskOf, TrendLine } from './types'

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

const whenOf = (when: EventRule | undefined) => (when && isNamed(when) ? { when: askedRule(when) } : {})

/** The question of one kind of events: what is drawn of them is chosen from its answer. */
export function trendAsk(
  search: Pick<TrendSearch, 'when' | 'grain' | 'by'>,
  scope: Scope,
  grain: Grain,
): AskOf<'trend'> {
  return {
    ask: 'trend',
    scope,
    grain: search.grain ?? grain,
    ...whenOf(search.when),
    ...(search.by ? { breakdown: search.by } : {}),
  }
}

/** The question of several series and what is computed from them. */
export function seriesAsk(
  search: TrendSearch,
  scope: Scope,
  compare: AskOf<'trend'>['compare'],
  grain: Grain,
): AskOf<'trend'> {
  return {
    ask: 'trend',
    scope,
    grain: search.grain ?? grain,
    series: (search.series ?? []).map(({ when, ...rest }) => ({ ...whenOf(when), ...rest })),
    ...(search.formulas ? { formulas: search.formulas.map((formula) => ({ formula })) } : {}),
    ...(search.by ? { breakdown: search.by } : {}),
    ...(search.smooth ? { smooth: search.smooth } : {}),
    ...(search.cumulative ? { cumulative: true } : {}),
    ...(compare && compare !== 'nothing' ? { compare } : {}),
  }
}

/** A measure as series, so that a question says what of it is drawn. */
export function seriesOfMeasure(
  when: EventRule | undefined,
  measure: Measure,
): Pick<TrendSearch, 'series' | 'formulas'> {
  const one = (of: SeriesMeasure): Series => ({ ...whenOf(when), measure: of })
  switch (measure) {
    case 'people':
      return { series: [one('people')] }
    case 'events':
      return { series: [one('count')] }
    case 'amount':
      return { series: [one('sum')] }
    case 'events_per_person':
      return { series: [one('per_person')] }
    case 'amount_per_person':
      return { series: [one('sum'), one('people')], formulas: ['A / B'] }
  }
}

/** The measure that these series are, and of which events; `null` where they are something else. */
export function measureOfSeries(series: Series[], formulas: string[]): { when?: EventRule; measure: Measure } | null {
  const [a, b] = series
  if (!a || series.length > 2 || series.some((one) => one.property !== undefined)) return null
  const when = a.when ? { when: a.when } : {}
  if (b)
    return a.measure === 'sum' &&
      b.measure === 'people' &&
      formulas.join() === 'A / B' &&
      JSON.stringify(a.when) === JSON.stringify(b.when)
      ? { ...when, measure: 'amount_per_person' }
      : null
  if (formulas.length > 0) return null
  const names = { people: 'people', count: 'events', sum: 'amount', per_person: 'events_per_person' } as const
  return a.measure === 'average' ? null : { ...when, measure: names[a.measure] }
}

/** The letter of a series by its place. */
export const letterOf = (index: number): string => String.fromCharCode(65 + index)

/** What the values of a series are. */
export function unitOfSeries({ measure, property }: Pick<Series, 'measure' | 'property'>): Unit {
  if (measure === 'people') return 'people'
  if (measure === 'count') return 'events'
  return measure === 'per_person' || property ? 'number' : 'money'
}
