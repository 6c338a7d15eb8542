import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { ApiError, apiUrl, problemsOf, request } from '../api/client'
import type { Lang } from '../text'
import type { MapQuery } from './address'
import type { MapBody, MapDocument, MapView } from './types'

const path = (key: string) => encodeURIComponent(key)

/** The measured map; the numbers of the last question stay until the next answer is there. */
export const mapView = (key: string, query: MapQuery | null) =>
  queryOptions({
    queryKey: ['map', key, query],
    queryFn: ({ signal }) => request<MapView>('GET', `maps/${path(key)}`, { query: { ...query }, signal }),
    enabled: query !== null,
    placeholderData: keepPreviousData,
  })

/** What the team wrote, as it is stored. */
export const mapDocument = (key: string) =>
  queryOptions({
    queryKey: ['document', 'map', key],
    queryFn: ({ signal }) => request<MapDocument>('GET', `documents/map/${path(key)}`, { signal }),
  })

/** All stored versions, newest first. */
export const mapHistory = (key: string) =>
  queryOptions({
    queryKey: ['document', 'map', key, 'history'],
    queryFn: async ({ signal }) => {
      const versions = await request<MapDocument[]>('GET', `documents/map/${path(key)}/history`, { signal })
      return versions.toSorted((a, b) => b.version - a.version)
    },
    staleTime: 0,
  })

/** Stores `body` on top of `base_version`. Throws an `ApiError` with status 409 when somebody else stored meanwhile. */
export const putMap = (body: MapBody, base_version: number) =>
  request<MapDocument>('PUT', `documents/map/${path(body.key)}`, { body: { body, base_version } })

export type ExportFormat = 'svg' | 'png' | 'pdf' | 'json' | 'yaml'
export type Paper = 'a4' | 'a3' | 'poster'

/** Fetches the map as a file, named as the server names it. */
export async function exportMap(
  key: string,
  query: MapQuery,
  as: { format: ExportFormat; lang: Lang; paper?: Paper },
): Promise<File> {
  const response = await fetch(apiUrl(`maps/${path(key)}/export`, { ...query, ...as }))
  if (!response.ok) {
    const answer: unknown = await response.json().catch(() => null)
    throw new ApiError(response.status, problemsOf(answer))
  }
  const named = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1]
  return new File([await response.blob()], named ? decodeURIComponent(named) : `${key}.${as.format}`)
}
