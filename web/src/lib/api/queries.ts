import { infiniteQueryOptions, keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { currentPrefs } from '../prefs'
import { ApiError, answered, api } from './client'
import type { components } from './schema'
import type { AskPeople, DocumentBody, Kind, Mapping, Scope, Select, Workspace } from './types'

export { upload } from './upload'

/* Who is here */

export const authState = queryOptions({
  queryKey: ['auth'],
  queryFn: ({ signal }) => answered(api.GET('/api/v1/auth/state', { signal })),
  staleTime: 60_000,
})

const fallback: Workspace = {
  name: 'Gilmok',
  zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Seoul',
  week_start: 'monday',
  currency: 'KRW',
  lang: currentPrefs().lang,
}

/** The workspace's calendar and currency; the browser's zone until it is known. */
export function useWorkspace(): Workspace {
  return useQuery({ ...authState, select: (state) => state.workspace }).data ?? fallback
}

/** Whether the reader may change what is stored; not while it is not known. */
export function useCanEdit(): boolean {
  const { data: role } = useQuery({ ...authState, select: (state) => state.user?.role })
  return role !== undefined && role !== 'viewer'
}

export const setUp = (body: components['schemas']['SetUp']) => answered(api.POST('/api/v1/auth/setup', { body }))
export const signIn = (body: components['schemas']['Login']) => answered(api.POST('/api/v1/auth/login', { body }))
export const signOut = () => answered(api.POST('/api/v1/auth/logout'))
export const putWorkspace = (body: Workspace) => answered(api.PUT('/api/v1/workspace', { body }))

/* Journeys and documents */

/** A scope as the query string of a reading route. */
export const scopeQuery = (scope: Scope) => ({
  from: scope.period?.from,
  to: scope.period?.to,
  segment: scope.segment ?? undefined,
  persona: scope.persona ?? undefined,
})

export const journeyList = (scope: Scope = {}) =>
  queryOptions({
    queryKey: ['journeys', scope],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/journeys', { params: { query: scopeQuery(scope) }, signal })),
    placeholderData: keepPreviousData,
  })

export const documentList = (kind: Kind) =>
  queryOptions({
    queryKey: ['documents', kind],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/documents', { params: { query: { kind } }, signal })),
  })

export const document = (kind: Kind, key: string) =>
  queryOptions({
    queryKey: ['documents', kind, key],
    queryFn: ({ signal }) =>
      answered(api.GET('/api/v1/documents/{kind}/{key}', { params: { path: { kind, key } }, signal })),
  })

/** Writes a document made on `base_version`; `null` makes a new one. */
export const putDocument = (body: DocumentBody, base_version: number | null) =>
  answered(
    api.PUT('/api/v1/documents/{kind}/{key}', {
      params: { path: { kind: body.kind, key: body.key } },
      body: { body, base_version },
    }),
  )

export const removeDocument = (kind: Kind, key: string) =>
  answered(api.DELETE('/api/v1/documents/{kind}/{key}', { params: { path: { kind, key } } }))

/** Applies definitions written as YAML or JSON: all of them or none. `dryRun` only tells what would change. */
export const applyText = (text: string, dryRun = false) =>
  answered(
    api.POST('/api/v1/documents/apply', {
      params: { query: { dry_run: dryRun } },
      body: text,
      bodySerializer: (body) => body,
      headers: { 'content-type': text.trimStart().startsWith('{') ? 'application/json' : 'application/yaml' },
    }),
  )

export const templateList = queryOptions({
  queryKey: ['templates'],
  queryFn: ({ signal }) => answered(api.GET('/api/v1/templates', { signal })),
  staleTime: Number.POSITIVE_INFINITY,
})

export const startFromTemplate = (template: string, body: components['schemas']['UseTemplate']) =>
  answered(api.POST('/api/v1/templates/{template}/use', { params: { path: { template } }, body }))

/** How far the reader's own questions are: asked again and again while somebody looks. */
export const askProgress = queryOptions({
  queryKey: ['ask-progress'],
  queryFn: ({ signal }) => answered(api.GET('/api/v1/ask/progress', { signal })),
  refetchInterval: 400,
  gcTime: 0,
})

/* Events and people */

export const eventCatalogue = queryOptions({
  queryKey: ['events'],
  queryFn: ({ signal }) => answered(api.GET('/api/v1/events', { signal })),
})

/** First and last instant with an event; `null` while there is none, `undefined` while it is not known. */
export function useDataRange(): { first_us: number; last_us: number } | null | undefined {
  const { data } = useQuery(eventCatalogue)
  if (!data) return undefined
  if (data.length === 0) return null
  return {
    first_us: Math.min(...data.map((event) => event.first_us)),
    last_us: Math.max(...data.map((event) => event.last_us)),
  }
}

export interface PeopleSearch {
  search?: string
  segment?: string
  page?: number
}
export const PEOPLE_PER_PAGE = 50

export const peopleList = ({ search, segment, page = 1 }: PeopleSearch) =>
  queryOptions({
    queryKey: ['people', search, segment, page],
    queryFn: ({ signal }) =>
      answered(
        api.GET('/api/v1/people', {
          params: { query: { search, segment, offset: (page - 1) * PEOPLE_PER_PAGE, limit: PEOPLE_PER_PAGE } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  })

/** Segments and personas with the number of people in them. */
export const groupList = queryOptions({
  queryKey: ['groups'],
  queryFn: ({ signal }) => answered(api.GET('/api/v1/groups', { signal })),
})

/** The people behind a number, in the asked order: the page from `offset`. */
export const peopleOf = (ask: AskPeople, offset: number) =>
  queryOptions({
    queryKey: ['people-of', ask, offset],
    queryFn: async ({ signal }) => {
      const { answer } = await answered(
        api.POST('/api/v1/ask', { body: { ask: 'people', ...ask, offset, limit: PEOPLE_PER_PAGE }, signal }),
      )
      if (answer.answer !== 'people') throw new ApiError(200, [])
      return answer
    },
  })

/** How many people stand behind a number, all time. */
export const headCount = (of: Select) =>
  queryOptions({
    queryKey: ['people-of', of],
    queryFn: async ({ signal }) => {
      const { answer } = await answered(api.POST('/api/v1/ask', { body: { ask: 'people', of, limit: 0 }, signal }))
      if (answer.answer !== 'people') throw new ApiError(200, [])
      return answer.n_people
    },
  })

/** All people behind a number as a CSV file. */
export const peopleFile = (ask: AskPeople) =>
  answered(api.POST('/api/v1/people/export', { body: ask, parseAs: 'blob' }))

const TIMELINE_PAGE = 100

/** A person's events, newest first, page by page. */
export const timeline = (person: string) =>
  infiniteQueryOptions({
    queryKey: ['timeline', person],
    queryFn: ({ signal, pageParam }) =>
      answered(
        api.GET('/api/v1/people/{person}/timeline', {
          params: { path: { person }, query: { limit: TIMELINE_PAGE, before_us: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => (last.more ? last.events.at(-1)?.time_us : undefined),
  })

/* Imports */

export const previewImport = (body: { upload: string; mapping?: Mapping }, signal?: AbortSignal) =>
  answered(api.POST('/api/v1/imports/preview', { body, signal }))

export const startImport = (body: { upload: string; mapping: Mapping }) =>
  answered(api.POST('/api/v1/imports', { body }))

/** Throws an upload away that was not imported. */
export const dropUpload = (upload: string) =>
  answered(api.DELETE('/api/v1/uploads/{upload}', { params: { path: { upload } } }))

export const cancelImport = (id: string) =>
  answered(api.POST('/api/v1/imports/{id}/cancel', { params: { path: { id } } }))

/** Where the rows an import refused can be fetched. */
export const rejectsUrl = (id: string) => `/api/v1/imports/${encodeURIComponent(id)}/rejects.csv`

/** Asked again every half second while something runs. */
export const importList = queryOptions({
  queryKey: ['imports'],
  queryFn: ({ signal }) => answered(api.GET('/api/v1/imports', { signal })),
  refetchInterval: (query) => (query.state.data?.some((one) => one.state === 'running') ? 500 : false),
})
