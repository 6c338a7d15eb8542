import { describe, expect, it } from 'vitest'
import type { Ask, Document, Scope } from '../api/types'
import { readFunnelSearch, readPathSearch, readTrendSearch } from './address'
import { type Compared, compareAsk, sidesOf } from './compare'
import { conformanceAsk } from './conformance'
import { funnelAsk, moveMarks } from './funnel'
import { addressOf, bodyOf, type InsightBody, insightAddress, insightOf, pinnedTo, sameQuestion } from './insight'
import { funnelOfPath, pathsAsk } from './paths'
import { measureOfSeries, seriesAsk, seriesOfMeasure } from './trend'
import type { AskOf } from './types'

const period = { from: '2026-08-03', to: '2026-10-31' }
const before = { from: '2026-05-05', to: '2026-08-02' }
const scope: Scope = { period, segment: 'loyal' }
const steps = [{ event: 'view' }, { event: 'cart' }, { event: 'pay' }]
const throughUrl = (search: object) => JSON.parse(JSON.stringify(search)) as Record<string, unknown>

describe('a kept question opens the page that asked it', () => {
  it('a funnel with all its rules', () => {
    const search = {
      steps,
      window: '14d',
      by: 'device',
      at: 2,
      order: 'strict' as const,
      entry: 'first' as const,
      count: 'session' as const,
      gap: '1h',
      hold: 'product',
      without: [{ when: { event: 'error' }, from: 2, mode: 'removes_person' as const }],
    }
    const ask = funnelAsk(search, scope)
    expect(ask).not.toBeNull()
    const address = addressOf({ ...ask, compare: 'previous' } as Ask)
    expect(address?.to).toBe('/explore/funnel')
    expect(address?.search).toEqual({ ...search, ...period, segment: 'loyal' })
    expect(funnelAsk(readFunnelSearch(throughUrl(address?.search ?? {})), scope)).toEqual(ask)
  })
  it('with its comparison: none, other days, other people', () => {
    const ask = funnelAsk({ steps }, scope)
    const at = (compare: AskOf<'funnel'>['compare']) => addressOf({ ...ask, compare } as Ask)
    expect(at('nothing')?.search.compare).toBe('none')
    expect(at({ scope: { ...scope, period: before } })?.search).toMatchObject({
      compare: 'custom',
      compare_from: before.from,
      compare_to: before.to,
    })
    expect(at({ scope: { period } })).toEqual({
      to: '/explore/compare',
      search: {
        ask: 'funnel',
        with: '*',
        steps,
        ...period,
        segment: 'loyal',
        compare: 'custom',
        compare_from: period.from,
        compare_to: period.to,
      },
    })
  })
  it('a trend says what is drawn, by its series', () => {
    const one = seriesOfMeasure({ event: 'pay' }, 'amount_per_person')
    const ask = seriesAsk({ ...one, by: 'channel' }, scope, 'nothing', 'week')
    expect(addressOf(ask)?.search).toEqual({
      ...period,
      segment: 'loyal',
      compare: 'none',
      grain: 'week',
      by: 'channel',
      when: { event: 'pay' },
      measure: 'amount_per_person',
    })
    const many = {
      series: [{ when: { event: 'view' }, measure: 'people' as const }, { measure: 'count' as const }],
      formulas: ['A / B'],
      smooth: 7,
    }
    const found = addressOf(seriesAsk(many, scope, 'previous', 'day'))
    expect(found?.search).toMatchObject({ ...many, grain: 'day' })
    expect(readTrendSearch(throughUrl(found?.search ?? {}))).toMatchObject(many)
  })
  it('paths, variants, designs, pairs and the others', () => {
    const paths = pathsAsk({ after: { event: 'view' }, steps: 8, hide: ['page_*'] }, scope)
    const found = addressOf(paths)
    expect(found?.search).toEqual({
      ...period,
      segment: 'loyal',
      tab: 'sankey',
      after: { event: 'view' },
      steps: 8,
      hide: ['page_*'],
    })
    expect(pathsAsk(readPathSearch(throughUrl(found?.search ?? {})), scope)).toEqual(paths)
    const at = (ask: Ask) => addressOf(ask)
    expect(at({ ask: 'variants', of: { case: 'trip', journey: 'gift' }, scope })?.search).toMatchObject({
      tab: 'variants',
      of: 'j:gift',
    })
    expect(at({ ask: 'transitions', gap: '30m', limit: 500, scope: {} })?.search).toEqual({ period: 'all' })
    expect(at({ ask: 'cohorts', count: { event: 'pay' }, scope })?.search).toMatchObject({
      tab: 'value',
      back: { event: 'pay' },
    })
    expect(at({ ask: 'stickiness', scope })?.to).toBe('/explore/lifecycle')
    expect(
      at({ ask: 'cross_sell', items: [{ event: 'pay' }], by: { property: 'category' }, scope })?.search,
    ).toMatchObject({
      items: { event: 'pay' },
      by: 'category',
    })
    expect(
      at({
        ask: 'attribution',
        conversion: { event: 'pay' },
        touches: [{ event: 'visit' }],
        models: [{ model: 'shapley' }],
        scope,
      })?.search,
    ).toMatchObject({ models: ['shapley'], touches: { event: 'visit' } })
    const design = [
      { event: 'view', repeats: true },
      { name: 'Pay', event: ['pay', 'card'] },
    ]
    expect(at(conformanceAsk({ design, of: 'session' }, scope, []) as Ask)?.search).toMatchObject({
      design: [{ name: 'view', event: 'view', repeats: true }, design[1]],
      of: 'session',
    })
    expect(at({ ask: 'map', map: 'gift', scope })).toBeNull()
  })
  it('a comparison is kept as one question, where one can say it', () => {
    const sides: Compared = {
      a: scope,
      b: { period },
      days: { a: period, b: period },
      compare: { scope: { period } },
    }
    expect(compareAsk({ ask: 'channels' }, sides)).toBeNull()
    expect(compareAsk({}, sides, 'nps')).toEqual({
      ask: 'metric',
      metric: 'nps',
      scope,
      compare: { scope: { period } },
    })
    const trend = compareAsk({ ask: 'trend', when: { event: 'pay' }, measure: 'events' }, sides)
    expect(trend && addressOf(trend)).toMatchObject({
      to: '/explore/compare',
      search: { ask: 'trend', with: '*', when: { event: 'pay' }, measure: 'events', segment: 'loyal' },
    })
  })
})

describe('a period that moves with the data', () => {
  const last: Scope = { last: '30d', segment: 'loyal' }
  it('is opened as it was named', () => {
    const ask = funnelAsk({ steps }, last)
    expect(addressOf({ ...ask, compare: 'previous' } as Ask)?.search).toEqual({
      steps,
      period: '30d',
      segment: 'loyal',
    })
    expect(addressOf({ ...ask, scope: {} } as Ask)?.search.period).toBe('all')
    expect(sameQuestion(ask as Ask, { ...ask, scope: { last: '4w', segment: 'loyal' } } as Ask)).toBe(false)
    // The server may write a length in another unit.
    expect(sameQuestion({ ...ask, scope: { last: 'P4W' } } as Ask, { ...ask, scope: { last: '28d' } } as Ask)).toBe(
      true,
    )
  })
  it('moves on in a comparison too', () => {
    const search = { period: '30d' as const, segment: 'loyal' }
    const sides = sidesOf(search, period, before)
    expect(sides).toMatchObject({ a: last, b: { period: before, segment: 'loyal' }, compare: 'previous' })
    expect(sidesOf({ ...search, with: '*' }, period, before)).toMatchObject({
      a: last,
      b: { last: '30d' },
      compare: { scope: { last: '30d' } },
    })
    const own = { ...search, with: '*', compare: 'custom' as const }
    expect(sidesOf(own, period, before)).toMatchObject({ a: last, b: { period: before } })
    expect(sidesOf({ ...search, with: 's:loyal' }, period, before)).toBeNull()
    expect(sidesOf({ ...search, compare: 'none' }, period, null)).toBeNull()
  })
})

describe('insights', () => {
  const insight: InsightBody = {
    kind: 'insight',
    key: 'buying',
    name: { ko: '구매', en: 'Buying' },
    question: funnelAsk({ steps }, scope) as Ask,
    pins: [
      { map: 'gift', stage: 'buy' },
      { map: 'other', stage: 'buy' },
    ],
  }
  it('are stored without what is empty, and read as they are', () => {
    expect(bodyOf({ ...insight, note: null, pins: [] })).not.toHaveProperty('note')
    expect(bodyOf({ ...insight, pins: [] })).not.toHaveProperty('pins')
    expect(insightOf({ body: bodyOf(insight), version: 1, author: '', created_us: 0 } as Document)).toEqual(insight)
  })
  it('know the page they open, and the page knows them', () => {
    expect(insightAddress(insight)?.search.insight).toBe('buying')
  })
  it('are changed only by what is asked, not by how it is written', () => {
    const asked = insight.question as AskOf<'funnel'>
    // The server writes out what was left to it.
    expect(sameQuestion(asked, { ...asked, entry: 'any', order: 'ordered', exclusions: [], gap: null } as Ask)).toBe(
      true,
    )
    expect(sameQuestion(asked, { ...asked, window: '8d' })).toBe(false)
    expect(sameQuestion(asked, { ask: 'channels', scope })).toBe(false)
  })
  it('stand in the stages of a map', () => {
    expect([...pinnedTo([insight], 'gift')]).toEqual([['buy', [insight]]])
    expect(pinnedTo([insight], 'none').size).toBe(0)
  })
})

describe('a path as a funnel', () => {
  const question = pathsAsk({ after: { event: 'view' }, window: '3d', hide: ['page_*'] }, scope)
  const names = ['view', 'cart', 'pay', 'help', 'page_home', 'identify']
  it('rules out every other event between two steps but repeats and hidden ones', () => {
    expect(funnelOfPath(question, ['view', 'cart', 'pay'], names)).toEqual({
      steps,
      window: '3d',
      entry: 'first',
      without: [
        { when: { event: ['pay', 'help'] }, from: 1, to: 2 },
        { when: { event: ['view', 'help'] }, from: 2, to: 3 },
      ],
    })
  })
  it('is not offered where the counts would differ', () => {
    expect(funnelOfPath(pathsAsk({}, scope), ['view', 'cart'], names)).toBeNull()
    expect(funnelOfPath(pathsAsk({ before: { event: 'pay' } }, scope), ['view', 'pay'], names)).toBeNull()
    expect(funnelOfPath(question, ['view'], names)).toBeNull()
  })
})

describe('what is said of steps by their number', () => {
  it('follows the steps', () => {
    const search = { steps, optional: [2], without: [{ when: { event: 'x' }, from: 2, to: 3 }], at: 3 }
    // The second step goes to the front, then one is taken out.
    expect(moveMarks(search, [2, 1, 3])).toMatchObject({ optional: [1], without: [{ from: 1, to: 3 }], at: 3 })
    expect(moveMarks(search, [1, 3])).toMatchObject({
      optional: undefined,
      without: [{ when: { event: 'x' }, to: 2 }],
      at: 2,
    })
  })
  it('is left out while a step is unnamed', () => {
    const ask = funnelAsk(
      { steps: [steps[0], { event: [] }, ...steps.slice(1)].filter((one) => one !== undefined), optional: [3] },
      scope,
    )
    expect(ask?.steps).toEqual(steps)
    expect(ask?.optional).toEqual([2])
  })
})

it('a measure and its series say the same', () => {
  for (const measure of ['people', 'events', 'amount', 'events_per_person', 'amount_per_person'] as const) {
    const { series = [], formulas = [] } = seriesOfMeasure({ event: 'pay' }, measure)
    expect(measureOfSeries(series, formulas)).toEqual({ when: { event: 'pay' }, measure })
  }
})
