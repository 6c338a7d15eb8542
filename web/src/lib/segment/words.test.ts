import { setupI18n } from '@lingui/core'
import { describe, expect, it } from 'vitest'
import type { Scope, Select } from '../api/types'
import type { Naming } from './number-words'
import { copyOf, segmentOf, trimmed } from './save'
import { type PersonRule, ruleWords } from './words'

const naming: Naming = {
  i18n: setupI18n({ locale: 'en', messages: { en: {} } }),
  nameOf: (kind, key) => `${kind} ${key}`,
  placeOf: (journey, key) => `${journey}/${key}`,
  period: ({ last, period }: Scope) => last ?? (period ? `${period.from}…` : 'all time'),
}
const says = (rule: PersonRule) => ruleWords(rule, naming)
const selected = (of: Select, scope?: Scope) => says({ selected: { of, scope } })
const visit = { event: 'Visit', channel: 'app' }

describe('a rule in one line', () => {
  it('of what people did', () => {
    expect(says({ did: { when: visit } })).toBe('did Visit @app')
    expect(says({ did: { when: visit, at_least: 3, last: '30d' } })).toBe('Visit @app: at least 3 times · 30d')
    expect(says({ did: { when: visit, at_least: 0, at_most: 1 } })).toBe('Visit @app: at most 1 time')
    expect(says({ did: { when: visit, at_least: 2, at_most: 4 } })).toBe('Visit @app: 2 to 4 times')
  })
  it('of traits, and of rules together', () => {
    const grade: PersonRule = { trait: { property: 'grade', value: ['gold', 'vip'] } }
    const went: PersonRule = { not: { did: { when: visit } } }
    expect(says({ all: [grade, went] })).toBe('grade = gold · vip and never did Visit @app')
    expect(says({ all: [{ any: [grade, went] }, went] })).toBe(
      '(grade = gold · vip or never did Visit @app) and never did Visit @app',
    )
    expect(says({ all: [{ any: [grade] }] })).toBe('grade = gold · vip')
    expect(says({ not: { did: { when: visit, last: '30d' } } })).toBe('never did Visit @app · 30d')
    expect(says({ not: { did: { when: visit, at_least: 3 } } })).toBe('not: Visit @app: at least 3 times')
    expect(says({ all: [] })).toBe('everybody')
    expect(says({ any: [] })).toBe('nobody')
  })
})

describe('who stands behind a number', () => {
  const funnel = { steps: [{ event: 'Visit' }, { event: 'Order' }], window: '7d' }
  it('of a funnel, with who and when', () => {
    expect(selected({ select: 'funnel', funnel, at: { step: 2 } }, { last: '30d', segment: 'vip' })).toBe(
      'reached step 2 of Visit → Order · segment vip · 30d',
    )
    expect(selected({ select: 'funnel', funnel, at: { step: 1, stopped: true, line: { label: 'web' } } })).toBe(
      'no further than step 1 of Visit → Order · web · all time',
    )
  })
  it.each<[Select, string]>([
    [{ select: 'everybody' }, 'anybody with an event'],
    [{ select: 'journey', journey: 'gift', outcome: 'here', stage: 'buy' }, 'journey gift: now in gift/buy'],
    [{ select: 'handovers', handovers: {}, at: { handover: { from: 'web', to: '' } } }, 'from web to (no channel)'],
    [{ select: 'handovers', handovers: {}, at: { stay: { channel: 'web', end: 'broken' } } }, 'web: broken off'],
    [
      { select: 'handovers', handovers: { journey: 'gift' }, at: { effect: { stage: 'buy', converted: true } } },
      'touched gift/buy and reached the goal',
    ],
    [{ select: 'cross_sell', cross_sell: { items: [visit] }, item: 'tea', other: 'cup' }, 'has both tea and cup'],
    [
      { select: 'drivers', drivers: { conversion: { event: 'Order' } }, event: 'Search', succeeded: false },
      'did Search · did not go on to Order',
    ],
    [{ select: 'retention', retention: {}, cohort: 1, cell: 3, lost: true }, 'cohort 2, not back in interval 3'],
    [{ select: 'lifecycle', lifecycle: {}, bucket: 0, phase: 'dormant' }, 'gone quiet in interval 1'],
    [{ select: 'stickiness', stickiness: {}, span: 0, n_intervals: 1 }, 'active in 1 interval of span 1'],
    [{ select: 'paths', paths: {}, at: { point: 'edge', step: 0, node: 'Visit' } }, 'path: Visit → (other) at step 1'],
  ])('%j', (of, words) => expect(selected(of)).toBe(`${words} · all time`))
})

describe('saving the people of a number', () => {
  const of: Select = { select: 'everybody' }
  it('takes a free key from the name and keeps the number with its scope', () => {
    expect(segmentOf('단골 손님', of, { last: '30d' }, [])).toEqual({
      kind: 'segment',
      key: '단골-손님',
      name: '단골 손님',
      rule: { selected: { of, scope: { last: '30d' } } },
    })
    expect(segmentOf({ ko: '단골', en: 'Regulars' }, of, {}, ['regulars']).key).toBe('regulars-2')
  })
  it('is copied under another name, without its key', () => {
    const called = { ko: (name: string) => `${name} 사본`, en: (name: string) => `${name} copy` }
    const segment = segmentOf({ ko: '단골', en: 'Regulars' }, of, {}, [])
    expect(copyOf(segment, called, 'ko')).toEqual({
      ...segment,
      key: '',
      name: { ko: '단골 사본', en: 'Regulars copy' },
    })
    expect(copyOf({ ...segment, name: 'a' }, called, 'en').name).toBe('a copy')
  })
  it('needs a name in every language that is written', () => {
    expect(trimmed(' a ')).toBe('a')
    expect(trimmed('  ')).toBeNull()
    expect(trimmed({ ko: ' 가', en: 'a ' })).toEqual({ ko: '가', en: 'a' })
    expect(trimmed({ ko: '가', en: ' ' })).toBeNull()
  })
})
