import { ROWS_MAX, ROWS_USUAL } from '~/lib/api/sql'

/** What the address holds: the query last run and how many rows were asked for. */
export interface SqlSearch {
  q?: string
  rows?: number
}

/** Longer queries run too, but do not stand in the address: servers and chat programs cut long ones. */
export const ADDRESS_CHARS_MAX = 4_000

export function readSqlSearch(raw: Record<string, unknown>): SqlSearch {
  const search: SqlSearch = {}
  // The router reads `q=1` as a number.
  const q = typeof raw.q === 'number' ? String(raw.q) : raw.q
  if (typeof q === 'string' && q.trim() !== '') search.q = q
  const rows = Number(raw.rows)
  if (Number.isInteger(rows) && rows >= 1 && rows <= ROWS_MAX && rows !== ROWS_USUAL) search.rows = rows
  return search
}
