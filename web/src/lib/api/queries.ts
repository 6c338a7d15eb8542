import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { currentPrefs } from '../prefs'
import { request } from './client'
import type {
  Applied,
  AskPeople,
  AuthState,
  Document,
  EventView,
  ImportView,
  JourneyView,
  Kind,
  Lang,
  Mapping,
  PeopleView,
  Preview,
  Scope,
  Select,
  Template,
  TimelineView,
  Upload,
  Workspace,
} from './types'

/* Who is here */

export const authState = queryOptions({
  queryKey: ['auth'],
  queryFn: ({ signal }) => request<AuthState>('GET', 'auth/state', { signal }),
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

export interface SetUp {
  name: string
  email: string
  password: string
  workspace: string
  zone: string
  lang: Lang
}
export const setUp = (body: SetUp) => request<AuthState>('POST', 'auth/setup', { body })
export const signIn = (body: { email: string; password: string }) => request<AuthState>('POST', 'auth/login', { body })
export const signOut = () => request<void>('POST', 'auth/logout')

/* Journeys and documents */

export const journeyList = (scope: Scope = {}) =>
  queryOptions({
    queryKey: ['journeys', scope],
    queryFn: ({ signal }) =>
      request<JourneyView[]>('GET', 'journeys', {
        query: { from: scope.period?.from, to: scope.period?.to, segment: scope.segment },
        signal,
      }),
    placeholderData: keepPreviousData,
  })

export const documentList = (kind: Kind) =>
  queryOptions({
    queryKey: ['documents', kind],
    queryFn: ({ signal }) => request<Document[]>('GET', 'documents', { query: { kind }, signal }),
  })

export const applyText = (text: string, dryRun = false) =>
  request<Applied[]>('POST', 'documents/apply', {
    query: { dry_run: dryRun || undefined },
    raw: { body: text, type: text.trimStart().startsWith('{') ? 'application/json' : 'application/yaml' },
  })

export const removeDocument = (kind: Kind, key: string) =>
  request<void>('DELETE', `documents/${kind}/${encodeURIComponent(key)}`)

export const putDocument = (body: Document['body'], version?: number) =>
  request<Document>('PUT', `documents/${body.kind}/${encodeURIComponent(body.key)}`, {
    body,
    headers: version === undefined ? {} : { 'if-match': String(version) },
  })

export const templateList = queryOptions({
  queryKey: ['templates'],
  queryFn: ({ signal }) => request<Template[]>('GET', 'templates', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

export const startFromTemplate = (key: string, body: { key: string; name: string; lang: Lang }) =>
  request<{ journey: string; map: string }>('POST', `templates/${encodeURIComponent(key)}/use`, { body })

/* Events and people */

export const eventCatalogue = queryOptions({
  queryKey: ['events'],
  queryFn: ({ signal }) => request<EventView[]>('GET', 'events', { signal }),
})

/** First and last instant with an event, or `null` while there is none. */
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
  sort?: 'recent' | 'events' | 'amount' | 'first'
  page?: number
}
export const PEOPLE_PER_PAGE = 50

export const peopleList = (search: PeopleSearch) =>
  queryOptions({
    queryKey: ['people', search],
    queryFn: ({ signal }) => request<PeopleView>('GET', 'people', { query: { ...search }, signal }),
    placeholderData: keepPreviousData,
  })

/** The people behind a number. */
export const peopleOf = (of: Select, scope: Scope, offset: number, limit = PEOPLE_PER_PAGE) =>
  queryOptions({
    queryKey: ['people-of', of, scope, offset, limit],
    queryFn: ({ signal }) => {
      const body: AskPeople = { ask: 'people', of, scope, offset, limit }
      return request<{ answer: { answer: 'people' } & PeopleView }>('POST', 'ask', { body, signal }).then(
        (asked) => asked.answer,
      )
    },
  })

export const timeline = (person: string, limit: number) =>
  queryOptions({
    queryKey: ['timeline', person, limit],
    queryFn: ({ signal }) =>
      request<TimelineView>('GET', `people/${encodeURIComponent(person)}/timeline`, { query: { limit }, signal }),
    placeholderData: keepPreviousData,
  })

/* Imports */

export { upload } from './upload'
export type { Upload }

export const previewImport = (body: { upload: string; mapping?: Mapping }, signal?: AbortSignal) =>
  request<Preview>('POST', 'imports/preview', { body, signal })

export const startImport = (body: { upload: string; mapping: Mapping }) =>
  request<{ id: string }>('POST', 'imports', { body })

export const cancelImport = (id: string) => request<void>('POST', `imports/${encodeURIComponent(id)}/cancel`)

/** Asked again every half second while something runs. */
export const importList = queryOptions({
  queryKey: ['imports'],
  queryFn: ({ signal }) => request<ImportView[]>('GET', 'imports', { signal }),
  refetchInterval: (query) => (query.state.data?.some((one) => one.state === 'running') ? 500 : false),
})
