import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { Text } from '../text'
import { call } from './raw'
import type { Problem } from './types'

/* What comes in: sources and their keys, live figures, dead letters. */

export interface SourceView {
  id: number
  name: string
  channel: string
  key_end: string
  author: string
  created_us: number
  revoked_us: number | null
}

export interface SourceMade extends SourceView {
  key: string
}

export type LogState = 'ok' | 'full' | 'overloaded' | 'stopped'

export interface MinuteView {
  minute_us: number
  n_accepted: number
  n_rejected: number
}

export interface SourceActivity {
  name: string
  n_accepted: number
  n_rejected: number
  last_received_us: number
  last_event_us: number | null
}

export interface IngestView {
  since_us: number
  n_received: number
  n_accepted: number
  n_rejected: number
  n_cut: number
  minutes: MinuteView[]
  sources: SourceActivity[]
  log: {
    state: LogState
    size_bytes: number
    tail_rows: number
    tail_bytes: number
    last_append_us: number | null
  }
}

export interface DeadLetterView {
  id: number
  received_us: number
  source: string
  code: string
  size_bytes: number
  cut: boolean
  replayed_us: number | null
}

export interface DeadLetterKind {
  code: string
  source: string
  n_waiting: number
  n_replayed: number
  last_us: number
}

export interface DeadLetterList {
  letters: DeadLetterView[]
  next_before: number | null
  counts: DeadLetterKind[]
}

export interface Verdict {
  index: number
  code: string
  message: Text
  remedy: Text
  where: Problem['where']
}

export interface DeadLetterWhole extends DeadLetterView {
  raw: string
  exact: boolean
  verdicts: Verdict[]
}

export interface Replay {
  n_replayed: number
  n_events: number
  n_refused: number
  reasons: Record<string, number>
}

/** How often the live figures are asked again, milliseconds. */
const LIVE_MS = 2_000

export const ingestView = queryOptions({
  queryKey: ['ingest'],
  queryFn: ({ signal }) => call<IngestView>('GET', 'ingest', { signal }),
  refetchInterval: LIVE_MS,
})

export const sourceList = queryOptions({
  queryKey: ['sources'],
  queryFn: ({ signal }) => call<SourceView[]>('GET', 'sources', { signal }),
})

export const makeSource = (json: { name: string; channel: string }) => call<SourceMade>('POST', 'sources', { json })
export const revokeSource = (id: number) => call<void>('DELETE', `sources/${id}`)

export interface DeadLetterFilter {
  code?: string
  source?: string
  /** Those that were replayed too. */
  replayed?: boolean
}

const LETTERS_PER_PAGE = 50

/** Dead letters, newest first, page by page; each page has the counts of all of them. */
export const deadLetters = (filter: DeadLetterFilter) =>
  infiniteQueryOptions({
    queryKey: ['dead-letters', filter],
    queryFn: ({ signal, pageParam }) =>
      call<DeadLetterList>('GET', 'dead-letters', {
        query: { ...filter, before: pageParam, limit: LETTERS_PER_PAGE },
        signal,
      }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.next_before ?? undefined,
    refetchInterval: 10_000,
  })

/** Only how many there are. */
export const deadLetterCounts = queryOptions({
  queryKey: ['dead-letter-counts'],
  queryFn: async ({ signal }) =>
    (await call<DeadLetterList>('GET', 'dead-letters', { query: { limit: 1 }, signal })).counts,
  refetchInterval: 10_000,
})

export const deadLetter = (id: number) =>
  queryOptions({
    queryKey: ['dead-letter', id],
    queryFn: ({ signal }) => call<DeadLetterWhole>('GET', `dead-letters/${id}`, { signal }),
  })

/** Sends it through the door again: as it came, or with `mended` in its place. */
export const replayLetter = (id: number, mended?: string) =>
  call<Replay>('POST', `dead-letters/${id}/replay`, { text: mended })
export const replayLetters = (filter: { code?: string; source?: string }) =>
  call<Replay>('POST', 'dead-letters/replay', { json: filter })
export const deleteLetter = (id: number) => call<void>('DELETE', `dead-letters/${id}`)
