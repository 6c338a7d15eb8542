import { queryOptions } from '@tanstack/react-query'
import { call, respond } from './raw'
import type { PersonView } from './types'

/* One person: everything stored, taking it out, and who is the same as whom. */

/** An identifier; exactly one of the two. */
export interface Id {
  user_id?: string
  anonymous_id?: string
}

export interface Link {
  id: number
  from_kind: 'user' | 'anonymous'
  from_id: string
  into_kind: 'user' | 'anonymous'
  into_id: string
  time_us: number
  source: string
  state: 'in_force' | 'refused' | 'undone'
}

interface Place {
  kind: string
  key: string
}

export interface Erasure {
  person: string
  erased_us: number
  n_rows: number
  n_parts: number
  n_links: number
  n_dead_letters: number
  files: { file: string; searched: boolean }[]
  backups: string[]
  remaining: Place[]
  log_emptied: boolean
}

/** Everything stored about a person, as a file. */
export const exportPerson = async (person: string) => (await respond('GET', `people/${person}/export`)).blob()

export const erasePerson = (person: string) => call<Erasure>('POST', `people/${person}/erase`)

/** Links of all identifiers of a person that the list shows, newest first, each once. */
export const linksOf = (person: PersonView) => {
  const ids = [...(person.user_id ? [person.user_id] : []), ...person.anonymous_ids]
  return queryOptions({
    queryKey: ['links', person.person, ids],
    queryFn: async ({ signal }) => {
      const lists = await Promise.all(ids.map((id) => call<Link[]>('GET', 'identity/links', { query: { id }, signal })))
      const links = new Map(lists.flat().map((link) => [link.id, link]))
      return [...links.values()].sort((a, b) => b.time_us - a.time_us || b.id - a.id)
    },
  })
}

export const mergeIds = (from: Id, into: Id) =>
  call<{ link: number }>('POST', 'identity/merge', { json: { from, into } })
export const unmergeLink = (link: number) => call<void>('POST', 'identity/unmerge', { json: { link } })
