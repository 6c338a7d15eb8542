import { describe, expect, it } from 'vitest'
import { orNone } from '../draft'
import { inBoth, rewrite, say } from '../text'
import { blankJourney, blankMap } from './blank'
import * as draft from './draft'
import type { JourneyBody } from './types'

const journey = {
  kind: 'journey',
  key: 'gift',
  name: { ko: '선물', en: 'Gift' },
  window: '90d',
  conversion: 'buy',
  // A field of a later version: every operation keeps it.
  later: { kept: true },
  stages: [
    { key: 'see', name: '인지', touchpoints: [{ key: 'ad', name: '광고', when: { event: 'ad_click' } }], color: 'red' },
    {
      key: 'buy',
      name: '구매',
      touchpoints: [
        { key: 'cart', name: '장바구니', when: { event: 'add_to_cart' } },
        {
          key: 'pay',
          name: '결제',
          when: [{ event: 'purchase' }, { event: ['order', 'pay'] }],
          after: 'buy',
          within: '2d',
        },
      ],
    },
    { key: 'again', name: '재구매', after_silence: '60d' },
  ],
} as unknown as JourneyBody

const keys = (body: JourneyBody) =>
  body.stages.map((stage) => [stage.key, ...(stage.touchpoints ?? []).map((one) => one.key)].join(' '))

describe('operations', () => {
  const rows: [string, (body: JourneyBody) => JourneyBody, string[]][] = [
    ['add a stage', (body) => draft.addStage(body, '새 단계'), ['see ad', 'buy cart pay', 'again', 'stage-4']],
    ['move a stage down', (body) => draft.moveStage(body, 0, 1), ['buy cart pay', 'see ad', 'again']],
    ['not past the edge', (body) => draft.moveStage(body, 0, -1), ['see ad', 'buy cart pay', 'again']],
    ['remove a stage', (body) => draft.removeStage(body, 1), ['see ad', 'again']],
    [
      'add a touchpoint',
      (body) => draft.addTouchpoint(body, 2, 'Order Paid'),
      ['see ad', 'buy cart pay', 'again order-paid'],
    ],
    ['number a taken key', (body) => draft.addTouchpoint(body, 0, 'Pay'), ['see ad pay-2', 'buy cart pay', 'again']],
    ['step within a stage', (body) => draft.stepTouchpoint(body, 1, 0, 1), ['see ad', 'buy pay cart', 'again']],
    ['step into the next stage', (body) => draft.stepTouchpoint(body, 0, 0, 1), ['see', 'buy ad cart pay', 'again']],
    [
      'step back into the one before',
      (body) => draft.stepTouchpoint(body, 1, 0, -1),
      ['see ad cart', 'buy pay', 'again'],
    ],
    ['not before the first', (body) => draft.stepTouchpoint(body, 0, 0, -1), ['see ad', 'buy cart pay', 'again']],
    ['remove a touchpoint', (body) => draft.removeTouchpoint(body, 1, 0), ['see ad', 'buy pay', 'again']],
  ]
  it.each(rows)('%s', (_, run, expected) => {
    const before = structuredClone(journey)
    const after = run(journey)
    expect(keys(after)).toEqual(expected)
    expect(after).toHaveProperty('later.kept', true)
    expect(after.stages.find((stage) => stage.key === 'see')).toHaveProperty('color', 'red')
    expect(journey).toEqual(before)
  })

  it('takes away what referred to a removed stage', () => {
    const waiting = draft.placeTouchpoint(journey, 1, 1, 2)
    expect(waiting.stages[2]?.touchpoints?.[0]).toMatchObject({ after: 'buy', within: '2d' })
    const after = draft.removeStage(waiting, 1)
    expect(after).not.toHaveProperty('conversion')
    expect(after.stages[1]?.touchpoints?.[0]).toEqual({
      key: 'pay',
      name: '결제',
      when: [{ event: 'purchase' }, { event: ['order', 'pay'] }],
    })
  })

  it('drops a condition on a later stage when a touchpoint moves before it', () => {
    expect(draft.placeTouchpoint(journey, 1, 1, 0).stages[0]?.touchpoints?.[1]).not.toHaveProperty('after')
  })

  it('keeps documents short: what is cleared is not written', () => {
    expect(draft.changeStage(journey, 2, { after_silence: undefined }).stages[2]).toEqual({
      key: 'again',
      name: '재구매',
    })
    expect(draft.changeRules(journey, 1, 1, [{ event: 'pay' }]).stages[1]?.touchpoints?.[1]?.when).toEqual({
      event: 'pay',
    })
    expect(draft.withExits(draft.withExits(journey, [{ event: 'out' }]), [])).toEqual(journey)
    expect(draft.withGoal({ business: 'a' }, 'business', undefined)).toBeUndefined()
    expect(draft.withGoal({ business: 'a' }, 'customer', 'b')).toEqual({ business: 'a', customer: 'b' })
  })

  it('refuses a stage beyond the limit', () => {
    let body = journey
    for (let n = 0; n < 30; n += 1) body = draft.addStage(body, 'x')
    expect(body.stages).toHaveLength(draft.STAGES_MAX)
    expect(new Set(body.stages.map((stage) => stage.key)).size).toBe(draft.STAGES_MAX)
  })

  it('knows the events and which touchpoints never saw one', () => {
    expect(draft.allEvents(draft.withExits(journey, [{ event: 'out' }]))).toEqual([
      'ad_click',
      'add_to_cart',
      'purchase',
      'order',
      'pay',
      'out',
    ])
    expect(draft.unseenTouchpoints(journey, new Set(['pay'])).map((one) => one.key)).toEqual(['ad', 'cart'])
  })
})

describe('words and keys', () => {
  it.each([
    ['선물 구매', '선물-구매'],
    ['  Order Paid! ', 'order-paid'],
    ['Ünï 50%', 'ünï-50'],
    ['!!!', 'untitled'],
  ])('%s is the key %s', (name, key) => expect(draft.keyOf(name)).toBe(key))

  it('rewrites one language and leaves the other', () => {
    expect(rewrite({ ko: '가', en: 'a' }, 'ko', '나')).toEqual({ ko: '나', en: 'a' })
    expect(rewrite('가', 'en', 'b')).toBe('b')
    expect(say(inBoth('가'), 'en')).toBe('가')
    expect(orNone({ ko: ' ', en: '' })).toBeUndefined()
  })
})

it('a blank journey has five stages, one that can start, and a map of the same key', () => {
  const body = blankJourney('mine', '내 여정', 'visit')
  expect(body.stages.map((stage) => say(stage.name, 'ko'))).toEqual(['인지', '고려', '구매', '유지', '옹호'])
  expect(body.stages[0]?.touchpoints).toEqual([{ key: 'visit', name: 'visit', when: { event: 'visit' } }])
  expect(blankMap('mine').journey).toBe('mine')
})
