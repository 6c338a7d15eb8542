import { describe, expect, test } from 'vitest'
import {
  type Cell,
  columnStarts,
  columnsInView,
  columnWidths,
  copied,
  isAtEnd,
  isPerson,
  isWithin,
  moved,
  personOf,
  ROW_PX,
  rowsInView,
} from './grid'

const columns = [
  { name: 'event', type: 'Utf8View' },
  { name: 'n', type: 'Int64' },
  { name: 'note', type: 'Utf8View' },
]
const rows: Cell[][] = [
  ['visit', 12, null],
  ['구매', 3, 'two\nlines "said"'],
]
const all = { anchor: { row: 1, column: 2 }, head: { row: 0, column: 0 } }

describe('what is copied', () => {
  test('a rectangle is lines of cells between tabs, whichever corner it was begun at', () => {
    expect(copied(columns, rows, all)).toBe('visit\t12\t\n구매\t3\t"two\nlines ""said"""')
    expect(copied(columns, rows, { anchor: { row: 0, column: 1 }, head: { row: 1, column: 1 } })).toBe('12\n3')
  })

  test('with the names above', () => {
    expect(copied(columns, rows, all, true).split('\n')[0]).toBe('event\tn\tnote')
  })

  test('one cell is its bare text', () => {
    const at = { row: 1, column: 2 }
    expect(copied(columns, rows, { anchor: at, head: at })).toBe('two\nlines "said"')
    expect(copied(columns, rows, { anchor: { row: 0, column: 2 }, head: { row: 0, column: 2 } })).toBe('')
  })
})

describe('what is in view', () => {
  test('a few rows of ten thousand', () => {
    expect(rowsInView(0, 300, 10_000, 2)).toEqual({ first: 0, end: 12 })
    expect(rowsInView(100 * ROW_PX, 300, 10_000, 2)).toEqual({ first: 98, end: 112 })
    expect(rowsInView(9_990 * ROW_PX, 300, 10_000, 2)).toEqual({ first: 9_988, end: 10_000 })
    // Scrolled far, then the answer became short: no rows, never a negative number of them.
    expect(rowsInView(9_990 * ROW_PX, 300, 3, 2)).toEqual({ first: 3, end: 3 })
    expect(rowsInView(0, 300, 0)).toEqual({ first: 0, end: 0 })
  })

  test('a few columns of many', () => {
    const starts = columnStarts(Array.from({ length: 50 }, () => 100))
    expect(starts.at(-1)).toBe(5_000)
    expect(columnsInView(0, 250, starts, 0)).toEqual({ first: 0, end: 3 })
    expect(columnsInView(1_000, 250, starts, 1)).toEqual({ first: 9, end: 14 })
    expect(columnsInView(4_900, 250, starts, 1)).toEqual({ first: 48, end: 50 })
    expect(columnsInView(0, 250, [0])).toEqual({ first: 0, end: 0 })
  })

  test('widths follow the content, within reason', () => {
    const [event, n, note] = columnWidths(columns, [['a'.repeat(500), 1, null]])
    expect([event, n, note].map((width) => (width ?? 0) >= 64 && (width ?? 0) <= 340)).toEqual([true, true, true])
    expect(event).toBe(340)
    expect(columnWidths(columns, [['구매완료구매완료', 1, null]])[0]).toBeGreaterThan(
      columnWidths(columns, [['abcdabcd', 1, null]])[0] ?? 0,
    )
  })
})

describe('the keyboard', () => {
  test.each([
    ['ArrowDown', false, { row: 6, column: 2 }],
    ['ArrowDown', true, { row: 9, column: 2 }],
    ['ArrowUp', true, { row: 0, column: 2 }],
    ['ArrowLeft', false, { row: 5, column: 1 }],
    ['ArrowRight', true, { row: 5, column: 3 }],
    ['PageDown', false, { row: 9, column: 2 }],
    ['PageUp', false, { row: 0, column: 2 }],
    ['Home', false, { row: 5, column: 0 }],
    ['End', true, { row: 9, column: 3 }],
    ['a', false, null],
  ] as const)('%s, %s', (key, jump, wanted) => {
    expect(moved({ row: 5, column: 2 }, key, jump, 10, 4, 8)).toEqual(wanted)
  })

  test('a rectangle holds its corners', () => {
    expect(isWithin(all, 0, 0) && isWithin(all, 1, 2)).toBe(true)
    expect(isWithin(all, 2, 0)).toBe(false)
  })
})

describe('people', () => {
  const number = { name: 'person', type: 'UInt64' }
  const text = { name: 'person', type: 'Utf8View' }

  test('their keys become addresses', () => {
    expect(personOf('9487962481878074', number)).toBe('0021b540695fe43a')
    expect(personOf('18446744073709551615', number)).toBe('ffffffffffffffff')
    expect(personOf('0', number)).toBe('0000000000000000')
    for (const none of ['18446744073709551616', 'u1', '', null, 7]) expect(personOf(none, number)).toBeNull()
    // Sixteen digits are a number in one column and hexadecimal in the other.
    expect(personOf('9487962481878074', text)).toBe('9487962481878074')
    for (const none of ['u1', '948796248187807', null]) expect(personOf(none, text)).toBeNull()
  })

  test('are known by the name and kind of their column', () => {
    expect([number, text, { name: 'first_person', type: 'UInt64' }].map(isPerson)).toEqual([true, true, true])
    expect(isPerson({ name: 'person', type: 'Int64' })).toBe(false)
    expect(isPerson({ name: 'personal', type: 'Utf8' })).toBe(false)
    expect(isAtEnd(number)).toBe(false)
    expect(isAtEnd({ name: 'sum', type: 'Decimal128(28, 2)' })).toBe(true)
  })
})
