import { createContext, use } from 'react'
import type { PlacedRule } from '~/lib/segment/form'
import type { PersonRule } from '~/lib/segment/words'

/** What every part of a rule's form may know and do. */
export interface Writing {
  problems: PlacedRule[]
  /** A rule in one line. */
  words: (rule: PersonRule) => string
  /** Says aloud what happened. */
  say: (text: string) => void
  /** Says in a notice what was removed, with the way back. */
  removed: (name: string) => void
  /** Moves focus there once the change is drawn. */
  focusNext: (selector: string) => void
}

export const WritingContext = createContext<Writing | null>(null)

export function useWriting(): Writing {
  const writing = use(WritingContext)
  if (!writing) throw new Error('outside of the segment editor')
  return writing
}

/** A place in the rule: of a condition in the root, then in a group. */
export type Place = number[]

/** How a place is counted for people: `2.1`. */
export const placeName = (place: Place): string => place.map((at) => at + 1).join('.')

/** The element of a condition or group. */
export const placeId = (place: Place): string => `rule-${place.join('-')}`
/** The button of the menu at a condition or group. */
export const menuId = (place: Place): string => `${placeId(place)}-menu`
/** The button that adds what people did to a group; the root is an empty place. */
export const addId = (place: Place): string => `add-${place.join('-')}`
export const selectorOf = (id: string): string => `#${CSS.escape(id)}`
