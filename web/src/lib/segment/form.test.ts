import { describe, expect, it } from 'vitest'
import type { Document, Problem } from '../api/types'
import { askedPersonRule } from './asked'
import {
  conditionOf,
  type Did,
  groupOf,
  itemAt,
  type Mode,
  moved,
  OFTEN,
  oftenOf,
  placedRules,
  placeOf,
  rootOf,
  ruleOfCondition,
  ruleOfGroup,
  spanOf,
  withOften,
  withRoot,
  withSpan,
  withTimes,
} from './form'
import { questionOf } from './question'
import { usersOf } from './uses'
import type { PersonRule } from './words'

const visit: PersonRule = { did: { when: { event: 'Visit', later: 'kept' } as never, at_least: 2, last: '30d' } }
const gold: PersonRule = { trait: { property: 'grade', value: ['gold', 'vip'] } }
const number: PersonRule = { selected: { of: { select: 'everybody' }, scope: { last: '7d' } } }
/** As deep as YAML may go, with what no field shows. */
const deep = JSON.parse(
  JSON.stringify({
    all: [
      visit,
      { not: gold },
      { any: [gold, { not: { not: visit } }, { all: [number, { not: { any: [{ not: visit }, gold] } }] }] },
      { not: { all: [gold, number] } },
    ],
  }),
) as { all: PersonRule[] }

/** The rule taken apart as far as the form goes, and put together again. */
const throughForm = (rule: PersonRule): PersonRule => {
  const root = rootOf(rule)
  const rules = root.rules.map((item) => {
    const group = groupOf(item)
    const condition = conditionOf(item)
    if (group)
      return ruleOfGroup({
        ...group,
        rules: group.rules.map((one) => {
          const within = conditionOf(one)
          return within ? ruleOfCondition(within) : one
        }),
      })
    return condition ? ruleOfCondition(condition) : item
  })
  return withRoot(rule, { ...root, rules })
}

describe('a rule in the form', () => {
  it.each<[string, PersonRule]>([
    ['a condition alone', visit],
    ['its opposite alone', { not: gold }],
    ['the opposite of the opposite', { not: { not: gold } }],
    ['a number', number],
    ['nothing', { all: [] }],
    ['one in a group', { any: [visit] }],
    ['none of', { not: { any: [visit, gold] } }],
    ['not all of', { not: { all: [visit, gold] } }],
    ['groups in groups in groups', deep],
  ])('%s comes back as it was', (_, rule) => {
    const before = structuredClone(rule)
    expect(throughForm(rule)).toEqual(before)
    expect(rule).toEqual(before)
  })

  it('keeps what it cannot show while it changes what it can', () => {
    const root = rootOf(deep)
    const after = withRoot(deep, { ...root, mode: 'any', rules: [gold, ...root.rules.slice(1)] })
    expect(after).toEqual({ any: [gold, ...deep.all.slice(1)] })
  })

  it('leaves a condition alone until it has company', () => {
    expect(withRoot(visit, { mode: 'all', rules: [gold] })).toEqual(gold)
    expect(withRoot(visit, { mode: 'all', rules: [visit, gold] })).toEqual({ all: [visit, gold] })
    expect(withRoot(visit, { mode: 'any', rules: [visit] })).toEqual({ any: [visit] })
    expect(withRoot({ all: [visit] }, { mode: 'all', rules: [gold] })).toEqual({ all: [gold] })
    // A group that stood alone would be taken for the root.
    const group: PersonRule = { any: [gold] }
    expect(rootOf(withRoot(visit, { mode: 'all', rules: [group] }))).toEqual({ mode: 'all', rules: [group] })
  })

  it.each<Mode>(['all', 'any', 'none', 'not_all'])('a group of %s is one again', (mode) => {
    expect(groupOf(ruleOfGroup({ mode, rules: [gold] }))).toEqual({ mode, rules: [gold] })
  })

  it('moves a condition, not past the edge', () => {
    const group = { mode: 'all' as const, rules: [visit, gold, number] }
    expect(moved(group, 0, 1).rules).toEqual([gold, visit, number])
    expect(moved(group, 2, -1).rules).toEqual([visit, number, gold])
    expect(moved(group, 0, -1)).toBe(group)
    expect(moved(group, 2, 1)).toBe(group)
  })
})

describe('how often', () => {
  const did = (fields: Partial<Did>): Did => ({ when: { event: 'Visit' }, ...fields })
  it.each<[Partial<Did>, boolean, string]>([
    [{}, false, 'at_least'],
    [{ at_least: 3 }, false, 'at_least'],
    [{ at_least: 3, at_most: null }, false, 'at_least'],
    [{ at_least: 0, at_most: 2 }, false, 'at_most'],
    [{ at_least: 0, at_most: 0 }, false, 'at_most'],
    [{ at_least: 2, at_most: 2 }, false, 'exactly'],
    [{ at_most: 1 }, false, 'exactly'],
    [{ at_least: 2, at_most: 5 }, false, 'between'],
    [{}, true, 'never'],
    [{ at_least: 3 }, true, 'at_least'],
  ])('%j, negated %s, is %s', (fields, negated, often) => expect(oftenOf(did(fields), negated)).toBe(often))

  it.each(OFTEN)('said as %s it reads so, with its days and conditions', (often) => {
    for (const negated of [false, true])
      for (const fields of [{}, { at_least: 3 }, { at_least: 0, at_most: 2 }, { at_least: 2, at_most: 5 }]) {
        const { when, last } = { when: { event: 'Visit', where: [{ property: 'amount' }] }, last: '30d' }
        const after = withOften({ negated, of: { did: { ...fields, when, last } } }, often)
        if (!('did' in after.of)) throw new Error('not what people did')
        expect(oftenOf(after.of.did, after.negated)).toBe(often)
        expect(after.of.did).toMatchObject({ when, last })
      }
  })

  it('keeps the numbers it has', () => {
    const three = { negated: false, of: { did: did({ at_least: 3 }) } }
    expect(withOften(three, 'exactly').of).toEqual({ did: did({ at_least: 3, at_most: 3 }) })
    expect(withOften(three, 'between').of).toEqual({ did: did({ at_least: 3, at_most: 4 }) })
    expect(withOften(three, 'at_most').of).toEqual({ did: did({ at_least: 0, at_most: 3 }) })
    expect(withOften({ negated: true, of: { did: did({}) } }, 'at_least')).toEqual({
      negated: false,
      of: { did: did({ at_least: 1 }) },
    })
    // The opposite of “three times or more” stays an opposite.
    expect(withOften({ ...three, negated: true }, 'exactly').negated).toBe(true)
    expect(withTimes(did({ at_most: 3 }), { least: 2, most: null })).toEqual(did({ at_least: 2 }))
  })

  it('is at any time, in the last days or on some days: one of these', () => {
    const days = { from: '2025-10-01', to: '2025-10-31' }
    expect([did({}), did({ last: '30d' }), did({ last: '30d', period: days })].map(spanOf)).toEqual([
      'ever',
      'last',
      'days',
    ])
    expect(withSpan(did({ last: '30d', at_least: 2 }), { period: days })).toEqual(did({ at_least: 2, period: days }))
    expect(withSpan(did({ period: days }), { last: '7d' })).toEqual(did({ last: '7d' }))
    expect(withSpan(did({ period: days }), null)).toEqual(did({}))
  })
})

describe('where a problem stands', () => {
  const inner = (groupOf(deep.all[2] as PersonRule) as { rules: PersonRule[] }).rules
  const top = rootOf(deep).rules
  it.each<[PersonRule, string | undefined, PersonRule | null | undefined]>([
    [deep, 'rule.all[0].did.when.event', top[0]],
    [deep, 'rule.all[0].did.when.where[1]', top[0]],
    [deep, 'rule.all[1].not.trait', top[1]],
    [deep, 'rule.all[2].any[0].trait', inner[0]],
    // Deeper than the form goes: at the part that it shows in words.
    [deep, 'rule.all[2].any[2].all[1].not.any[0].not.did.when', inner[2]],
    [deep, 'rule.all[3].not.all[0].trait', groupOf(deep.all[3] as PersonRule)?.rules[0]],
    [{ not: { any: [visit, gold] } }, 'rule.not.any[1].trait', gold],
    [visit, 'rule.did.when', visit],
    [deep, 'rule', null],
    [deep, 'name', null],
    [deep, undefined, null],
  ])('%#: %s', (rule, path, item) => expect(itemAt(rule, path)).toBe(item))

  it('goes with its condition, and away when that is another one', () => {
    const problem: Problem = { code: 'rule.no_event', severity: 'error', message: '', remedy: '' }
    const [at] = placedRules({ rule: deep }, [{ ...problem, where: { path: 'rule.all[2].any[0].trait' } }])
    expect(at?.anchor && placeOf(deep, at.anchor)).toEqual([2, 0])
    const turned = withRoot(deep, { mode: 'all', rules: top.toReversed() })
    expect(placeOf(turned, inner[0] as PersonRule)).toEqual([1, 0])
    expect(placeOf({ all: [visit] }, number)).toBeNull()
    expect(placeOf(visit, visit)).toEqual([0])
  })
})

describe('a rule that is still written', () => {
  const open: PersonRule = { did: { when: { event: [] } } }
  it.each<[PersonRule, PersonRule | null]>([
    [visit, visit],
    [open, null],
    [{ all: [visit, open] }, { all: [visit] }],
    [{ all: [visit, { any: [open] }, { not: open }] }, { all: [visit] }],
    [{ trait: { property: 'grade' } }, null],
    [{ trait: { property: 'grade', op: 'exists' } }, { trait: { property: 'grade', op: 'exists' } }],
    [{ all: [] }, { all: [] }],
    [{ did: { when: { event: 'Visit', where: [{ property: 'amount' }] } } }, { did: { when: { event: 'Visit' } } }],
    [number, number],
  ])('%j', (rule, asked) => expect(askedPersonRule(rule)).toEqual(asked))
})

it('a segment is used wherever a document names it', () => {
  const documents = [
    { kind: 'journey', key: 'a', population: 'vip' },
    { kind: 'map', key: 'b', segments: ['new', 'vip'] },
    { kind: 'persona', key: 'c', segment: 'vip' },
    { kind: 'insight', key: 'd', question: { ask: 'trend', scope: {}, compare: { scope: { segment: 'vip' } } } },
    { kind: 'segment', key: 'e', rule: { any: [{ selected: { of: { select: 'segment', segment: 'vip' } } }] } },
    { kind: 'segment', key: 'vip', rule: { selected: { of: { select: 'everybody' }, scope: { segment: 'vip' } } } },
    { kind: 'journey', key: 'f', name: 'vip', population: 'other' },
  ].map((body) => ({ version: 1, author: '', created_us: 0, body })) as unknown as Document[]
  expect(usersOf(documents, 'vip').map(({ body }) => body.key)).toEqual(['a', 'b', 'c', 'd', 'e'])
})

describe('the question a number is of', () => {
  const funnel = { steps: [{ event: 'Visit' }, { event: 'Order' }], window: '7d', scope: { last: '90d' } }
  it('has the scope of the number, or its own', () => {
    const of = { select: 'funnel' as const, funnel, at: { step: 2 } }
    expect(questionOf({ of, scope: { last: '30d' } })).toEqual({ ask: 'funnel', ...funnel, scope: { last: '30d' } })
    expect(questionOf({ of, scope: {} })).toEqual({ ask: 'funnel', ...funnel })
    expect(questionOf({ of })).toEqual({ ask: 'funnel', ...funnel })
  })
  it('is the funnel of two steps for what parts people', () => {
    const drivers = { start: { event: 'Visit' }, conversion: { event: 'Order' }, within: '7d' }
    expect(questionOf({ of: { select: 'drivers', drivers, succeeded: false } })).toEqual({
      ask: 'funnel',
      steps: [{ event: 'Visit' }, { event: 'Order' }],
      window: '7d',
    })
  })
  it('is none for everybody', () => {
    expect(questionOf({ of: { select: 'everybody' } })).toBeNull()
  })
})
