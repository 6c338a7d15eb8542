import type { Cell } from './grid'

export interface TableColumn {
  name: string
  /** Arrow's name of the type. */
  type: string
}

export interface Table {
  name: string
  columns: TableColumn[]
}

/** Everything that can be asked about, in the order of the server. */
export const TABLES_QUERY =
  "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"

/** The rows of [`TABLES_QUERY`] as tables; `events` first, since every question begins there. */
export function tablesOf(rows: Cell[][]): Table[] {
  const tables = new Map<string, Table>()
  for (const [table, name, type] of rows) {
    if (typeof table !== 'string' || typeof name !== 'string') continue
    const found = tables.get(table) ?? { name: table, columns: [] }
    found.columns.push({ name, type: typeof type === 'string' ? type : '' })
    tables.set(table, found)
  }
  return [...tables.values()].sort((a, b) => Number(b.name === 'events') - Number(a.name === 'events'))
}

export type TypeName = 'text' | 'number' | 'money' | 'bool' | 'time' | 'day' | 'key' | 'other'

/** What kind of value a column holds, in words that are not Arrow's. */
export function typeName(type: string): TypeName {
  if (/^(Large)?Utf8/.test(type)) return 'text'
  if (/^UInt64/.test(type)) return 'key'
  if (/^Decimal/.test(type)) return 'money'
  if (/^(Int|UInt|Float)/.test(type)) return 'number'
  if (/^Boolean/.test(type)) return 'bool'
  if (/^Timestamp/.test(type)) return 'time'
  if (/^Date/.test(type)) return 'day'
  return 'other'
}

/** Words that cannot stand bare as a name. */
const reserved = new Set(
  'all and as asc between by case cast cross desc distinct else end except exists false from full group having in inner intersect into is join left like limit not null offset on or order outer right select set table then to true union using values when where with'.split(
    ' ',
  ),
)

/** A name as SQL wants it: quoted where it has capitals, Hangul, signs or is a word of SQL. */
export const quoted = (name: string) =>
  /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`

/** A text as SQL wants it. */
export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
