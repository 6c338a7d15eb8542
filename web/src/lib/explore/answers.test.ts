import { describe, expect, it } from 'vitest'
import { ApiError } from '../api/client'
import type { EventView } from '../api/types'
import { isUnknownQuestion } from './ask'
import { sidesOf } from './compare'
import { csvOf, fileName } from './export'
import { bucketDays, byChannel, whoOfLine } from './people'
import { isTold, shareDifference, wilson } from './stats'
import { openFrom, usualGrain, valuesOf } from './trend'

const days = { from: '2026-08-01', to: '2026-10-29' }
const before = { from: '2026-05-03', to: '2026-07-31' }

describe('the two sides of a comparison', () => {
  it('are two periods of the same people', () => {
    expect(sidesOf({ ...days, segment: 'loyal' }, days, before)).toMatchObject({
      a: { period: days, segment: 'loyal' },
      b: { period: before, segment: 'loyal' },
    })
  })
  it('are other people on the same days', () => {
    expect(sidesOf({ ...days, segment: 'loyal', with: '*' }, days, before)).toMatchObject({
      a: { period: days, segment: 'loyal' },
      b: { period: days },
    })
    expect(sidesOf({ ...days, with: 'p:minji' }, days, before)?.b).toEqual({ period: days, persona: 'minji' })
  })
  it('are other people on days of their own when these are chosen', () => {
    expect(sidesOf({ with: 's:loyal', compare: 'custom' }, days, before)?.b).toEqual({
      period: before,
      segment: 'loyal',
    })
  })
  it('differ, or are none', () => {
    expect(sidesOf({ compare: 'none' }, days, null)).toBeNull()
    expect(sidesOf({ with: '*' }, days, before)).toBeNull()
    expect(sidesOf({ segment: 'loyal', with: 's:loyal' }, days, before)).toBeNull()
  })
})

describe('the people of a number', () => {
  const events = [
    { name: 'visit', channels: ['web', 'app'] },
    { name: 'order', channels: ['web', 'store'] },
  ] as EventView[]
  it('of a line are exactly those it counts', () => {
    expect(whoOfLine(undefined, undefined, null, events)).toEqual({ select: 'everybody' })
    expect(whoOfLine({ event: 'order' }, undefined, null, events)).toEqual({ select: 'did', when: { event: 'order' } })
    expect(whoOfLine(undefined, 'event', 'visit', events)).toEqual({ select: 'did', when: { event: 'visit' } })
    expect(whoOfLine({ event: ['visit', 'order'] }, 'channel', 'store', events)).toEqual({
      select: 'did',
      when: { event: ['visit', 'order'], channel: 'store' },
    })
    expect(whoOfLine(undefined, 'channel', 'store', events)).toEqual({
      select: 'did',
      when: { event: ['order'], channel: 'store' },
    })
  })
  it('of events without a channel cannot be listed', () => {
    expect(whoOfLine(undefined, 'channel', null, events)).toBeNull()
    expect(byChannel('fax', events)).toBeNull()
  })
  it('of a bucket stay within the period', () => {
    // Weeks from Monday 27 July 2026 in Seoul, the period from Saturday 1 August.
    const week = 7 * 86_400_000_000
    const buckets = [0, 1, 2].map((at) => Date.UTC(2026, 6, 26, 15) * 1000 + at * week)
    const period = { from: '2026-08-01', to: '2026-08-12' }
    expect(bucketDays(buckets, 0, period, 'Asia/Seoul')).toEqual({ from: '2026-08-01', to: '2026-08-02' })
    expect(bucketDays(buckets, 1, period, 'Asia/Seoul')).toEqual({ from: '2026-08-03', to: '2026-08-09' })
    expect(bucketDays(buckets, 2, period, 'Asia/Seoul')).toEqual({ from: '2026-08-10', to: '2026-08-12' })
  })
})

describe('doubt', () => {
  it("is Wilson's", () => {
    const interval = wilson(2087, 7500)
    expect(interval?.low).toBeCloseTo(0.26824, 5)
    expect(interval?.high).toBeCloseTo(0.28852, 5)
    expect(wilson(0, 0)).toBeNull()
  })
  it("of a difference is Newcombe's (his example: 56/70 against 48/80)", () => {
    const difference = shareDifference({ hits: 56, n: 70 }, { hits: 48, n: 80 })
    expect(difference?.value).toBeCloseTo(0.2, 9)
    expect(difference?.low).toBeCloseTo(0.0524, 4)
    expect(difference?.high).toBeCloseTo(0.3339, 4)
    expect(isTold(difference)).toBe(true)
    expect(isTold(shareDifference({ hits: 5, n: 10 }, { hits: 4, n: 10 }))).toBe(false)
  })
})

describe('trends', () => {
  const line = { label: null, n_events: [4, 0], n_people: [2, 0], amount: [10, 0] }
  it('divide by people, and by nothing not at all', () => {
    expect(valuesOf(line, 'events_per_person')).toEqual([2, null])
    expect(valuesOf(line, 'amount_per_person')).toEqual([5, null])
  })
  it('have the grain the server would take', () => {
    expect(usualGrain({ from: '2026-10-01', to: '2026-10-31' })).toBe('day')
    expect(usualGrain({ from: '2026-10-01', to: '2026-11-01' })).toBe('week')
    expect(usualGrain({ from: '2026-01-01', to: '2026-12-31' })).toBe('month')
  })
  it('know the bucket that is not over', () => {
    const day = 86_400_000_000
    expect(openFrom([0, 7 * day], 'week', 10 * day, 20 * day)).toBe(1)
    expect(openFrom([0, 7 * day], 'week', 30 * day, 14 * day)).toBeUndefined()
    expect(openFrom([0, 7 * day], 'week', 30 * day, 10 * day)).toBe(1)
  })
})

describe('files', () => {
  it('are CSV that spreadsheets read as they are', () => {
    const csv = csvOf({
      columns: [
        { key: 'a', head: '이름' },
        { key: 'b', head: 'n, all' },
      ],
      rows: [
        ['say "hi"', 0.5],
        ['=1+1', null],
      ],
    })
    expect(csv).toBe('\uFEFF이름,"n, all"\r\n"say ""hi""",0.5\r\n\'=1+1,\r\n')
  })
  it('are named by their title', () => {
    expect(fileName('구매 퍼널: 9월/10월', 'csv')).toBe('구매-퍼널-9월-10월.csv')
    expect(fileName('…', 'png')).toBe('gilmok.png')
  })
})

it('tells a question the server does not know from one that is wrong', () => {
  const problem = (code: string, en: string) =>
    new ApiError(400, [{ code, severity: 'error', message: { ko: '', en }, remedy: { ko: '', en: '' } }])
  expect(isUnknownQuestion(problem('request.body', 'ask: unknown variant `retention`, expected one of'))).toBe(true)
  expect(isUnknownQuestion(problem('request.body', 'missing field `steps`'))).toBe(false)
  expect(isUnknownQuestion(problem('ask.invalid', 'unknown variant'))).toBe(false)
})
