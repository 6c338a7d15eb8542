import { describe, expect, it } from 'vitest'
import type { Mapping } from '~/lib/api/types'
import * as m from './mapping'

const mapping: Mapping = {
  key: 'orders',
  events: {
    person: { user_id: 'customer' },
    time: { column: 'at', zone: 'Asia/Seoul' },
    event: { template: '{platform} {action}' },
    amount: { product: ['qty', 'price'] },
    properties: { sku: 'sku', city_name: { column: 'city', type: 'text' } },
  },
}
const events = () => {
  const found = m.eventsOf(mapping)
  if (!found) throw new Error('no events')
  return found
}

it('tells the way of a source', () => {
  const check = (source: Parameters<typeof m.wayOf>[0], way: m.Way) => expect(m.wayOf(source)).toBe(way)
  check('a', 'column')
  check({ column: 'a' }, 'column')
  check({ constant: 'Order' }, 'constant')
  check({ template: '{a}' }, 'template')
  check({ product: ['a', 'b'] }, 'product')
  check({ column: 'a', lookup: 'campaigns' }, 'other') // The form must not flatten it.
  check({ column: 'a', replace: { '1': 'one' } }, 'other')
  check(undefined, 'none')
  check({ product: [] }, 'none')
})

it('makes and reads sources alike', () => {
  for (const way of ['column', 'constant', 'template'] as const) {
    const made = m.sourceOf(way, 'x')
    expect([m.wayOf(made), m.textOf(made)]).toEqual([way, 'x'])
  }
  expect(m.factorsOf(m.sourceOf('product', '', ['a', 'b']))).toEqual(['a', 'b'])
  expect(m.sourceOf('none', 'x')).toBeUndefined()
})

describe('columns', () => {
  it('that a source reads', () => {
    expect(m.columnsOf(events().event)).toEqual(['platform', 'action'])
    expect(m.columnsOf(events().amount)).toEqual(['qty', 'price'])
    expect(m.templateColumns('no braces')).toEqual([])
  })
  it('with their roles', () => {
    expect(m.rolesOf(events(), 'customer')).toEqual(['person'])
    expect(m.rolesOf(events(), 'action')).toEqual(['event'])
    expect(m.rolesOf(events(), 'price')).toEqual(['amount'])
    expect(m.rolesOf(events(), 'sku')).toEqual([])
  })
  it('kept as property, trait or not, under the key they had', () => {
    expect(m.columnUse(events(), 'city')).toBe('property')
    const moved = m.withUse(mapping, 'city', 'trait')
    expect(m.eventsOf(moved)?.properties).toEqual({ sku: 'sku' })
    expect(m.eventsOf(moved)?.traits).toEqual({ city_name: { column: 'city', type: 'text' } })
    const gone = m.withUse(moved, 'city', 'none')
    expect(m.eventsOf(gone)?.traits).toEqual({})
    expect(m.eventsOf(m.withUse(gone, 'city', 'property'))?.properties).toEqual({ sku: 'sku', city: 'city' })
    expect(m.eventsOf(mapping)?.properties).toHaveProperty('city_name') // The old one is untouched.
  })
})

it('changes time and fields, dropping what is unset', () => {
  expect(m.eventsOf(m.withTime(mapping, { format: 'epoch_s', zone: undefined }))?.time).toEqual({
    column: 'at',
    format: 'epoch_s',
  })
  expect(m.eventsOf(m.withEvents(mapping, { amount: undefined }))).not.toHaveProperty('amount')
})

it('names what only JSON shows', () => {
  expect(m.hiddenParts(mapping)).toEqual([])
  expect(
    m.hiddenParts({ ...mapping, group: { by: ['invoice'] }, lookups: { c: { file: 'c.csv', key: 'id' } } }),
  ).toEqual(['lookups', 'group'])
  expect(m.hiddenParts({ key: 'ads', series: { name: 'ad_spend', time: { column: 'd' }, value: 'won' } })).toEqual([
    'series',
  ])
})
