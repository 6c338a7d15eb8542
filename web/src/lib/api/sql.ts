import { queryOptions } from '@tanstack/react-query'
import type { Cell, GridColumn } from '../sql/grid'
import { TABLES_QUERY, tablesOf } from '../sql/tables'
import { answered, api } from './client'
import { respond } from './raw'

/** Rows one answer may have at most, and how many it has when nothing else is chosen. */
export const ROWS_MAX = 10_000
export const ROWS_USUAL = 1_000

export interface SqlResult {
  columns: GridColumn[]
  rows: Cell[][]
  truncated: boolean
  data_version: number
  /** From sending the question to having the whole answer. */
  took_ms: number
}

async function ask(query: string, limit: number, signal?: AbortSignal): Promise<SqlResult> {
  const start = performance.now()
  const answer = await answered(api.POST('/api/v1/sql', { body: { query, limit }, signal }))
  return { ...answer, rows: answer.rows as unknown as Cell[][], took_ms: performance.now() - start }
}

/** The answer to a query. It is asked once and kept: events come in all the time, a table being read must not move. */
export const sqlAnswer = (query: string, limit: number) =>
  queryOptions({
    queryKey: ['sql', query, limit],
    queryFn: ({ signal }) => ask(query, limit, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * 60_000,
    retry: false,
  })

/** Tables and their columns. */
export const sqlTables = queryOptions({
  queryKey: ['sql-tables'],
  queryFn: async ({ signal }) => tablesOf((await ask(TABLES_QUERY, ROWS_MAX, signal)).rows),
  staleTime: 60_000,
})

export type FileKind = 'csv' | 'parquet'

/** Every row of the answer as a file, without the limit of the page. `onProgress` gets the bytes that have come. */
export async function downloadSql(
  query: string,
  format: FileKind,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const response = await respond('POST', 'sql/download', { json: { query, format }, signal })
  const parts: Uint8Array<ArrayBuffer>[] = []
  let n_bytes = 0
  const reader = response.body?.getReader()
  for (;;) {
    const next = await reader?.read()
    if (!next || next.done) break
    parts.push(next.value)
    n_bytes += next.value.byteLength
    onProgress(n_bytes)
  }
  return new Blob(parts, { type: response.headers.get('content-type') ?? 'application/octet-stream' })
}
