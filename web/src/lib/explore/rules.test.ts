import { expect, it } from 'vitest'
import type { JourneyBody } from '../journey/types'
import { askedRule, isNamed, ruleConditions, ruleName, stepsOfJourney } from './rules'

it('leaves out conditions that are still being written', () => {
  const rule = { event: 'order', where: [{ property: 'amount' }, { property: 'coupon', op: 'exists' as const }] }
  expect(askedRule(rule)).toEqual({ event: 'order', where: [{ property: 'coupon', op: 'exists' }] })
  expect(askedRule({ event: 'order', where: [{ property: 'amount' }] })).toEqual({ event: 'order' })
})

it('reads a rule aloud', () => {
  const rule = {
    event: ['order', 'store order'],
    channel: 'app',
    where: [
      { property: 'amount', op: 'gte' as const, value: 100 },
      { property: 'coupon', op: 'missing' as const },
    ],
  }
  expect(ruleName(rule)).toBe('order · store order')
  expect(ruleConditions(rule)).toEqual(['@app', 'amount ≥ 100', 'coupon ✗'])
  expect(isNamed({ event: [] })).toBe(false)
})

it('takes the stages of a journey as steps: any event of a stage, and the conditions of its only rule', () => {
  const journey = {
    stages: [
      { key: 'a', name: 'A', touchpoints: [{ key: 'x', name: 'X', when: { event: 'visit', channel: 'web' } }] },
      {
        key: 'b',
        name: 'B',
        touchpoints: [
          { key: 'y', name: 'Y', when: [{ event: ['view', 'search'] }, { event: 'view' }] },
          { key: 'z', name: 'Z', when: { event: 'compare' } },
        ],
      },
      { key: 'c', name: 'C' },
    ],
  } as unknown as JourneyBody
  expect(stepsOfJourney(journey)).toEqual([
    { event: 'visit', channel: 'web' },
    { event: ['view', 'search', 'compare'] },
  ])
})
