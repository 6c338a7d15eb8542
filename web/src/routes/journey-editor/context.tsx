import { createContext, use } from 'react'
import type { EventView, StandView } from '~/lib/api/types'
import type { Anchor, Placed } from '~/lib/journey/place'
import type { JourneyBody } from '~/lib/journey/types'

/** A name to choose: a metric, a segment, another journey. */
export interface Choosable {
  key: string
  name: string
}

/** What every part of the form may know and do. */
export interface Editing {
  body: JourneyBody
  /** Puts another body in place; keystrokes of one `gesture` are one step of undo. */
  set: (to: (body: JourneyBody) => JourneyBody, gesture?: string) => void
  /** Removes with a way back in a notice, and moves focus to the selector. */
  remove: (to: (body: JourneyBody) => JourneyBody, name: string, focus: string) => void
  /** Events of the catalogue by name; `null` until it is known. */
  events: ReadonlyMap<string, EventView> | null
  problems: Placed[]
  metrics: Choosable[]
  segments: Choosable[]
  journeys: Choosable[]
  /** Stages as last counted, by key. */
  counted: ReadonlyMap<string, Pick<StandView, 'entered' | 'here' | 'dropped'>> | null
  /** The counts are of an older version than the one on the screen. */
  isStale: boolean
  say: (text: string) => void
  /** Moves focus there once the change is drawn. */
  focusNext: (selector: string) => void
  opened: ReadonlySet<string>
  toggle: (anchor: Anchor, open?: boolean) => void
}

export const EditingContext = createContext<Editing | null>(null)

/** Events of the catalogue for rules that stand outside of the journey editor. */
export const EventsContext = createContext<ReadonlyMap<string, EventView> | null>(null)

/** Events of the catalogue by name; `null` until it is known. */
export function useEvents(): ReadonlyMap<string, EventView> | null {
  const editing = use(EditingContext)
  const events = use(EventsContext)
  return editing ? editing.events : events
}

export function useEditing(): Editing {
  const editing = use(EditingContext)
  if (!editing) throw new Error('outside of the journey editor')
  return editing
}
