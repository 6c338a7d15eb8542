import type { PeopleSearch } from '~/lib/api/queries'

/** Reads the address of the people list. */
export function readPeopleSearch(raw: Record<string, unknown>): PeopleSearch {
  const search: PeopleSearch = {}
  if (typeof raw.search === 'string' && raw.search) search.search = raw.search
  // A search of digits only comes back from the URL as a number.
  if (typeof raw.search === 'number') search.search = String(raw.search)
  if (typeof raw.segment === 'string' && raw.segment) search.segment = raw.segment
  const page = Number(raw.page)
  if (Number.isInteger(page) && page > 1) search.page = page
  return search
}
