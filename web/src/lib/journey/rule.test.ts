import { describe, expect, it } from 'vitest'
import type { EventView } from '../api/types'
import { readDuration, splitDuration } from './duration'
import { anchorOf } from './place'
import { opsFor, propertiesOf, readValue, withChannels, withEvents, withFilters, withOp, withProperty } from './rule'
import type { JourneyBody } from './types'
import { readYaml, writeYaml } from './yaml'

describe('rules', () => {
  it('writes one value without brackets and nothing for none', () => {
    expect(withEvents({ event: 'a' }, ['b'])).toEqual({ event: 'b' })
    expect(withEvents({ event: 'a' }, ['b', 'c'])).toEqual({ event: ['b', 'c'] })
    expect(withChannels({ event: 'a', channel: 'web' }, [])).toEqual({ event: 'a' })
    expect(withFilters({ event: 'a' }, [{ property: 'p', op: 'exists' }])).toEqual({
      event: 'a',
      where: [{ property: 'p', op: 'exists' }],
    })
  })

  it('keeps of the values what the comparison and the type can have', () => {
    const filter = { property: 'n', op: 'is' as const, value: [1, 2] }
    expect(withOp(filter, 'gte')).toEqual({ property: 'n', op: 'gte', value: 1 })
    expect(withOp(filter, 'exists')).toEqual({ property: 'n', op: 'exists' })
    expect(withOp({ ...filter, op: 'gt' }, 'is')).toEqual({ property: 'n', value: [1, 2] })
    expect(withProperty({ property: 'n', op: 'gte', value: 3 }, 'name', 'text')).toEqual({ property: 'name' })
    expect(withProperty({ property: 'a', op: 'contains', value: 'x' }, 'b', 'text')).toEqual({
      property: 'b',
      op: 'contains',
      value: 'x',
    })
  })

  it.each([
    ['1,200', 'number', 1200],
    ['1e', 'number', null],
    ['0012', 'text', '0012'],
    ['true', 'bool', true],
    ['yes', 'bool', null],
    ['  ', 'text', null],
  ] as const)('%s as %s is %s', (text, kind, value) => expect(readValue(text, kind)).toBe(value))

  it('gathers the properties of several events, the most used type first', () => {
    const event = (name: string, properties: EventView['properties']) => ({ name, properties }) as EventView
    const found = propertiesOf([
      event('a', [{ key: 'size', kind: 'text', n_events: 5, examples: ['s'] }]),
      event('b', [
        { key: 'size', kind: 'number', n_events: 50, examples: [1] },
        { key: 'path', kind: 'text', n_events: 9, examples: ['/'] },
      ]),
      event('c', [{ key: 'path', kind: 'text', n_events: 90, examples: ['/', '/b'] }]),
    ])
    expect(found.map((one) => [one.key, one.kind, one.n_events])).toEqual([
      ['path', 'text', 99],
      ['size', 'number', 50],
    ])
    expect(found[0]?.examples).toEqual(['/', '/b'])
    expect(opsFor('bool')).not.toContain('gt')
  })
})

describe('durations', () => {
  it.each([
    ['90d', 90 * 86_400, '90 d'],
    ['36h', 36 * 3_600, '36 h'],
    ['24h', 86_400, '1 d'],
    ['30m', 1_800, '30 m'],
    ['2w', 14 * 86_400, '2 w'],
    ['P90D', 90 * 86_400, '90 d'],
    ['PT36H', 36 * 3_600, '36 h'],
    ['P1M', 31 * 86_400, '31 d'],
    ['PT1M', 60, '1 m'],
    ['1d12h', 36 * 3_600, '36 h'],
    ['45s', 45, null],
    ['0d', null, null],
    ['soon', null, null],
    ['', null, null],
  ])('%s', (text, seconds, split) => {
    expect(readDuration(text)).toBe(seconds)
    const found = splitDuration(text)
    expect(found && `${found.count} ${found.unit}`).toBe(split)
  })
})

const body: JourneyBody = {
  kind: 'journey',
  key: 'gift',
  name: { ko: '선물', en: 'Gift' },
  stages: [{ key: 'see', name: '인지', touchpoints: [{ key: 'ad', name: '광고', when: { event: 'on' } }] }],
}

it.each([
  ['stages[0].touchpoints[0].when.event', 'touchpoint:ad'],
  ['stages[0].touchpoints', 'stage:see'],
  ['stages[0].kpis', 'stage:see'],
  ['stages[9]', 'stages'],
  ['stages', 'stages'],
  ['touchpoints', 'stages'],
  ['exits[0].event', 'exits'],
  ['emotion[1]', 'emotion'],
  ['conversion', 'head'],
  [undefined, 'head'],
])('a problem at %s stands at %s', (path, anchor) => expect(anchorOf(body, path)).toBe(anchor))

describe('YAML', () => {
  it('gives back what it wrote, fields the form does not know included', () => {
    const rich = { ...body, later: { on: 'yes' }, exits: [{ event: ['no', 'off'] }] }
    expect(readYaml(writeYaml(rich), 'gift')).toEqual({ body: rich })
  })

  it.each([
    ['key: [', { what: 'syntax' }],
    ['- a', { what: 'shape', path: '' }],
    ['kind: map\nkey: gift', { what: 'kind' }],
    ['kind: journey\nkey: other', { what: 'key' }],
    ['kind: journey\nkey: gift\nname: a', { what: 'shape', path: 'stages' }],
    ['kind: journey\nkey: gift\nname: 3\nstages: []', { what: 'shape', path: 'name' }],
    [
      'kind: journey\nkey: gift\nname: a\nstages: [{key: a, name: b, touchpoints: [{key: c, name: d, when: {event: 3}}]}]',
      { what: 'shape', path: 'stages[0].touchpoints[0].when.event' },
    ],
  ])('%s', (text, flaw) => expect(readYaml(text, 'gift')).toMatchObject({ flaw }))
})
