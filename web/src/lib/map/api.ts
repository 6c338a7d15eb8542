import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { ApiError, answered, api, apiUrl, problemsOf } from '../api/client'
import type { components } from '../api/schema'
import type { Lang } from '../text'
import type { MapQuery } from './address'
import type { MapBody, MapDocument } from './types'

/** Documents of kind `map` have a body of kind `map`; the schema cannot say so. */
const asMap = (document: components['schemas']['Document']) => document as MapDocument
const mapPath = (key: string) => ({ kind: 'map' as const, key })

/** The measured map; the numbers of the last question stay until the next answer is there. */
export const mapView = (key: string, query: MapQuery | null) =>
  queryOptions({
    queryKey: ['map', key, query],
    queryFn: ({ signal }) =>
      answered(api.GET('/api/v1/maps/{key}', { params: { path: { key }, query: query ?? {} }, signal })),
    enabled: query !== null,
    placeholderData: keepPreviousData,
  })

/** What the team wrote, as it is stored. */
export const mapDocument = (key: string) =>
  queryOptions({
    queryKey: ['documents', 'map', key],
    queryFn: async ({ signal }) =>
      asMap(await answered(api.GET('/api/v1/documents/{kind}/{key}', { params: { path: mapPath(key) }, signal }))),
  })

/** All stored versions, newest first. */
export const mapHistory = (key: string) =>
  queryOptions({
    queryKey: ['documents', 'map', key, 'history'],
    queryFn: async ({ signal }) => {
      const path = mapPath(key)
      const versions = await answered(api.GET('/api/v1/documents/{kind}/{key}/history', { params: { path }, signal }))
      return versions.map(asMap).toSorted((a, b) => b.version - a.version)
    },
    staleTime: 0,
  })

/** Stores `body` on top of `base_version`. Throws an `ApiError` with status 409 when somebody else stored meanwhile. */
export const putMap = async (body: MapBody, base_version: number) =>
  asMap(
    await answered(
      api.PUT('/api/v1/documents/{kind}/{key}', {
        params: { path: mapPath(body.key) },
        body: { body, base_version },
      }),
    ),
  )

export type ExportFormat = components['schemas']['ExportFormat']
export type Paper = components['schemas']['Sheet']

/** Fetches the map as a file, named as the server names it. */
export async function exportMap(
  key: string,
  query: MapQuery,
  as: { format: ExportFormat; lang: Lang; paper?: Paper },
): Promise<File> {
  const response = await fetch(apiUrl(`maps/${encodeURIComponent(key)}/export`, { ...query, ...as }))
  if (!response.ok) {
    const answer: unknown = await response.json().catch(() => null)
    throw new ApiError(response.status, problemsOf(answer))
  }
  const disposition = response.headers.get('content-disposition') ?? ''
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1]
  const plain = /filename="([^"]+)"/i.exec(disposition)?.[1]
  const name = encoded ? decodeURIComponent(encoded) : (plain ?? `${key}.${as.format}`)
  return new File([await response.blob()], name)
}
