/* The measures of the result grid: which cells are in view, how wide columns are, what is copied. */

export type Cell = string | number | boolean | null

export interface GridColumn {
  name: string
  /** Arrow's name of the type. */
  type: string
}

/** A cell by its 0-based row and column. */
export interface At {
  row: number
  column: number
}

/** A rectangle of cells: where it was begun and where it has come to. */
export interface Range {
  anchor: At
  head: At
}

export const ROW_PX = 30
const NARROW_PX = 64
const WIDE_PX = 340
/** Widths come from so many rows: enough to see what a column is like. */
const SAMPLE_ROWS = 200

const isNumber = (type: string) => /^(Int|UInt|Float|Decimal)/.test(type)

/** Numbers stand at the end of their column, so that digits line up. Keys of 64 bits are names, not amounts. */
export const isAtEnd = (column: GridColumn) => isNumber(column.type) && column.type !== 'UInt64'

/** Whether the column holds keys of people: then its cells lead to their pages. */
export const isPerson = (column: GridColumn) =>
  /(^|_)person$/.test(column.name) && (column.type === 'UInt64' || /^(Large)?Utf8/.test(column.type))

/** A person's key as addresses have it: 16 hexadecimal digits, as texts are already. `null` where the cell is none. */
export function personOf(cell: Cell, column: GridColumn): string | null {
  if (typeof cell !== 'string' || !isPerson(column)) return null
  if (column.type !== 'UInt64') return /^[0-9a-f]{16}$/.test(cell) ? cell : null
  if (!/^\d{1,20}$/.test(cell)) return null
  const key = BigInt(cell)
  return key < 1n << 64n ? key.toString(16).padStart(16, '0') : null
}

/** A cell as text: as it is read and copied. Nothing is the empty text. */
export function cellText(cell: Cell | undefined): string {
  return cell === null || cell === undefined ? '' : String(cell)
}

/** About how wide a text stands: Hangul and other wide letters count double. */
function letters(text: string): number {
  let sum = 0
  for (const letter of text.slice(0, 80)) sum += (letter.codePointAt(0) ?? 0) >= 0x1100 ? 1.75 : 1
  return sum
}

/** A width for each column, from its name and the first rows. */
export function columnWidths(columns: GridColumn[], rows: Cell[][]): number[] {
  return columns.map((column, at) => {
    let most = letters(column.name) + 1
    for (const row of rows.slice(0, SAMPLE_ROWS)) most = Math.max(most, letters(cellText(row[at])))
    return Math.round(Math.min(WIDE_PX, Math.max(NARROW_PX, most * 7.3 + 26)))
  })
}

/** Where each column starts; one entry more than columns, the last being the whole width. */
export function columnStarts(widths: number[]): number[] {
  const starts = [0]
  for (const width of widths) starts.push((starts.at(-1) ?? 0) + width)
  return starts
}

/** First row or column in view and the one after the last, with some more around, so that a quick scroll shows no gap. */
export interface Window {
  first: number
  end: number
}

export function rowsInView(scroll_px: number, height_px: number, n_rows: number, around = 12): Window {
  const first = Math.max(0, Math.floor(scroll_px / ROW_PX) - around)
  const end = Math.min(n_rows, Math.ceil((scroll_px + height_px) / ROW_PX) + around)
  return { first: Math.min(first, n_rows), end: Math.max(Math.min(first, n_rows), end) }
}

export function columnsInView(scroll_px: number, width_px: number, starts: number[], around = 2): Window {
  const n = starts.length - 1
  let first = 0
  while (first < n && (starts[first + 1] ?? 0) <= scroll_px) first += 1
  let end = first
  while (end < n && (starts[end] ?? 0) < scroll_px + width_px) end += 1
  return { first: Math.max(0, first - around), end: Math.min(n, end + around) }
}

/** The corners of a rectangle in order. */
export function corners({ anchor, head }: Range): { from: At; to: At } {
  return {
    from: { row: Math.min(anchor.row, head.row), column: Math.min(anchor.column, head.column) },
    to: { row: Math.max(anchor.row, head.row), column: Math.max(anchor.column, head.column) },
  }
}

export function isWithin(range: Range, row: number, column: number): boolean {
  const { from, to } = corners(range)
  return row >= from.row && row <= to.row && column >= from.column && column <= to.column
}

/** Where a key leads from a cell; `null` for keys that lead nowhere. `page` is how many rows stand in view. */
export function moved(at: At, key: string, jump: boolean, n_rows: number, n_columns: number, page: number): At | null {
  const last = { row: n_rows - 1, column: n_columns - 1 }
  const row = (row: number): At => ({ ...at, row: Math.max(0, Math.min(last.row, row)) })
  const column = (column: number): At => ({ ...at, column: Math.max(0, Math.min(last.column, column)) })
  switch (key) {
    case 'ArrowUp':
      return jump ? row(0) : row(at.row - 1)
    case 'ArrowDown':
      return jump ? row(last.row) : row(at.row + 1)
    case 'ArrowLeft':
      return jump ? column(0) : column(at.column - 1)
    case 'ArrowRight':
      return jump ? column(last.column) : column(at.column + 1)
    case 'PageUp':
      return row(at.row - page)
    case 'PageDown':
      return row(at.row + page)
    case 'Home':
      return jump ? { row: 0, column: 0 } : column(0)
    case 'End':
      return jump ? last : column(last.column)
    default:
      return null
  }
}

/** A cell between tabs: what would end a cell or line is quoted, as spreadsheets read it. */
const tsvCell = (text: string) => (/[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/**
 * The cells of a rectangle as tab-separated lines, which spreadsheets paste as cells; with `names` the names of the
 * columns stand above. One cell alone is its bare text, so that pasting it elsewhere adds no quotes.
 */
export function copied(columns: GridColumn[], rows: Cell[][], range: Range, names = false): string {
  const { from, to } = corners(range)
  if (!names && from.row === to.row && from.column === to.column) return cellText(rows[from.row]?.[from.column])
  const line = (cells: string[]) => cells.map(tsvCell).join('\t')
  const lines = rows
    .slice(from.row, to.row + 1)
    .map((row) => line(row.slice(from.column, to.column + 1).map((cell) => cellText(cell))))
  if (names) lines.unshift(line(columns.slice(from.column, to.column + 1).map((column) => column.name)))
  return lines.join('\n')
}
