import type { Document, Kind } from '../api/types'

/* Which documents need a segment: by name wherever a document may name one. */

/** The kinds of document that may name a segment. */
export const USERS = ['journey', 'map', 'persona', 'segment', 'insight'] as const satisfies Kind[]

/** Whether a document names the segment: as a population, on a map, as a persona's or in a scope. */
export function uses(body: unknown, segment: string): boolean {
  if (Array.isArray(body)) return body.some((one) => uses(one, segment))
  if (typeof body !== 'object' || body === null) return false
  return Object.entries(body).some(([field, value]) => {
    if (field === 'segment' || field === 'population') return value === segment
    if (field === 'segments' && Array.isArray(value)) return value.includes(segment)
    return uses(value, segment)
  })
}

/** The documents that need a segment. */
export const usersOf = (documents: Document[], segment: string): Document[] =>
  documents.filter(({ body }) => !(body.kind === 'segment' && body.key === segment) && uses(body, segment))
