import { queryOptions } from '@tanstack/react-query'
import { call } from './raw'
import type { components } from './schema'

export type BackupView = components['schemas']['BackupView']

/** Backups in the data folder, newest first; asked again while one is made. */
export const backupList = queryOptions({
  queryKey: ['backups'],
  queryFn: ({ signal }) => call<BackupView[]>('GET', 'backups', { signal }),
  refetchInterval: (query) => (query.state.data?.some((one) => one.state === 'running') ? 700 : false),
})

export const startBackup = () => call<{ id: string }>('POST', 'backups')

export type Due = components['schemas']['Due']
export type Expiry = components['schemas']['Expiry']

/** How long data is kept; with `keepDays`, what would be due if it were kept that long. */
export const expiryOf = (keepDays: number | null) =>
  queryOptions({
    queryKey: ['expiry', keepDays],
    queryFn: ({ signal }) => call<Expiry>('GET', 'expiry', { query: { keep_days: keepDays ?? undefined }, signal }),
  })

export const putExpiry = (keep_days: number | null) => call<Expiry>('PUT', 'expiry', { json: { keep_days } })

export const expireNow = () => call<Expiry['last']>('POST', 'expiry/run')
