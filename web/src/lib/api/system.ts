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
