import { queryOptions } from '@tanstack/react-query'
import { call } from './raw'
import type { Problem } from './types'

export interface BackupView {
  name: string
  state: 'running' | 'done' | 'failed'
  made_us: number
  n_files: number
  size_bytes: number
  bytes_done: number
  bytes_total: number
  problem: Problem | null
}

/** Backups in the data folder, newest first; asked again while one is made. */
export const backupList = queryOptions({
  queryKey: ['backups'],
  queryFn: ({ signal }) => call<BackupView[]>('GET', 'backups', { signal }),
  refetchInterval: (query) => (query.state.data?.some((one) => one.state === 'running') ? 700 : false),
})

export const startBackup = () => call<{ id: string }>('POST', 'backups')

/** What has expired: everything before `before_us`. */
export interface Due {
  before_us: number
  n_events: number
  n_people: number
  n_dead_letters: number
}

export interface Expiry {
  keep_days: number | null
  due: Due | null
  last: { at_us: number; before_us: number; n_rows: number; n_dead_letters: number } | null
}

/** How long data is kept; with `keepDays`, what would be due if it were kept that long. */
export const expiryOf = (keepDays: number | null) =>
  queryOptions({
    queryKey: ['expiry', keepDays],
    queryFn: ({ signal }) => call<Expiry>('GET', 'expiry', { query: { keep_days: keepDays ?? undefined }, signal }),
  })

export const putExpiry = (keep_days: number | null) => call<Expiry>('PUT', 'expiry', { json: { keep_days } })

export const expireNow = () => call<Expiry['last']>('POST', 'expiry/run')
