import type { Id, Link } from './api/person'
import type { PersonView } from './api/types'

/** The identifier a person is called by: the known one, else the first anonymous one; `null` for somebody without any. */
export function idOf(person: PersonView): Id | null {
  if (person.user_id) return { user_id: person.user_id }
  const anonymous_id = person.anonymous_ids[0]
  return anonymous_id === undefined ? null : { anonymous_id }
}

/** What an identifier says. */
export const idText = (id: Id) => id.user_id ?? id.anonymous_id ?? ''

/** A link's two ends as identifiers, to make it again after it was taken back. */
export function endsOf(link: Link): { from: Id; into: Id } {
  const id = (kind: Link['from_kind'], text: string): Id =>
    kind === 'user' ? { user_id: text } : { anonymous_id: text }
  return { from: id(link.from_kind, link.from_id), into: id(link.into_kind, link.into_id) }
}

export interface MergePlan {
  from: Id
  into: Id
  /** Whose page stays: the person linked to. */
  keeps: PersonView
}

/**
 * How two persons become one. An anonymous one is linked to a known one, never the other way, since the known identifier
 * is what both are found by; of two alike, the other is linked to `here`. `null` where one has no identifier or both are
 * the same.
 */
export function mergePlan(here: PersonView, other: PersonView): MergePlan | null {
  const [own, others] = [idOf(here), idOf(other)]
  if (!own || !others || here.person === other.person) return null
  if (!here.user_id && other.user_id) return { from: own, into: others, keeps: other }
  return { from: others, into: own, keeps: here }
}
