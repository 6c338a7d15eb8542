import { expect, test } from 'vitest'
import { literal, quoted, tablesOf, typeName } from './tables'

test('columns are grouped by table, events first', () => {
  const tables = tablesOf([
    ['costs', 'day', 'Date32'],
    ['events', 'person', 'UInt64'],
    ['events', 'time', 'Timestamp(µs, "UTC")'],
    [null, 'x', 'Utf8'],
  ])
  expect(tables.map((table) => [table.name, table.columns.length])).toEqual([
    ['events', 2],
    ['costs', 1],
  ])
})

test.each([
  ['Utf8View', 'text'],
  ['UInt64', 'key'],
  ['Int64', 'number'],
  ['Float64', 'number'],
  ['Decimal128(18, 2)', 'money'],
  ['Timestamp(µs, "UTC")', 'time'],
  ['Date32', 'day'],
  ['Boolean', 'bool'],
  ['List(Utf8)', 'other'],
] as const)('%s is %s', (type, name) => expect(typeName(type)).toBe(name))

test('names and texts are quoted where they must be', () => {
  expect(['channel', 'pageMs', '지역', 'order', 'a"b', 'x-y', '2x'].map(quoted)).toEqual([
    'channel',
    '"pageMs"',
    '"지역"',
    '"order"',
    '"a""b"',
    '"x-y"',
    '"2x"',
  ])
  expect(literal("Mother's day")).toBe("'Mother''s day'")
})
