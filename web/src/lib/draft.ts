import type { Document } from './api/types'
import { say, type Text } from './text'

/* A document being written: its body with its way back and forth, and the stored version it rests on. */

/** A stored document of one kind: the schema cannot say which body belongs to which. */
export type Stored<Body> = Omit<Document, 'body'> & { body: Body }

/** Steps that can be taken back. */
const STEPS_MAX = 200

export interface Draft<Body> {
  now: Body
  past: Body[]
  future: Body[]
  /** What is stored, and its version: 0 where nothing is yet. */
  base: Body
  version: number
  /** The field being written: its keystrokes are one step. */
  gesture: string | null
}

export const openDraft = <Body>({ body, version }: Pick<Stored<Body>, 'body' | 'version'>): Draft<Body> => ({
  now: body,
  past: [],
  future: [],
  base: body,
  version,
  gesture: null,
})

/** The draft with a new body. Steps of one gesture in a row count as one. */
export function change<Body>(draft: Draft<Body>, next: Body, gesture: string | null = null): Draft<Body> {
  if (next === draft.now || equal(next, draft.now)) return draft
  const goesOn = gesture !== null && gesture === draft.gesture && draft.past.length > 0
  const past = goesOn ? draft.past : [...draft.past, draft.now].slice(-STEPS_MAX)
  return { ...draft, now: next, past, future: [], gesture }
}

export function undo<Body>(draft: Draft<Body>): Draft<Body> {
  const before = draft.past.at(-1)
  if (!before) return draft
  return { ...draft, now: before, past: draft.past.slice(0, -1), future: [draft.now, ...draft.future], gesture: null }
}

export function redo<Body>(draft: Draft<Body>): Draft<Body> {
  const [after, ...future] = draft.future
  if (!after) return draft
  return { ...draft, now: after, past: [...draft.past, draft.now], future, gesture: null }
}

/** The draft after `sent` was stored as `version`; what was written meanwhile stays unsaved. */
export const saved = <Body>(draft: Draft<Body>, version: number, sent: Body): Draft<Body> => ({
  ...draft,
  base: sent,
  version,
  gesture: null,
})

/** The same draft on a newer stored version, for writing it over that one. */
export const rebased = <Body>(draft: Draft<Body>, theirs: Stored<Body>): Draft<Body> => ({
  ...draft,
  base: theirs.body,
  version: theirs.version,
})

export const isDirty = <Body>(draft: Draft<Body>): boolean => !equal(draft.now, draft.base)

/** Whether two plain values are equal, whatever the order of their fields; a field of `undefined` is none. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = Object.entries(a).filter(([, value]) => value !== undefined)
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined))
  return left.length === right.size && left.every(([key, value]) => right.has(key) && equal(value, right.get(key)))
}

/** `fields` laid over `whole`; `undefined` takes a field away, so that documents stay short. */
export function merge<T extends object>(whole: T, fields: Partial<T>): T {
  const merged = { ...whole, ...fields }
  for (const [key, value] of Object.entries(merged)) if (value === undefined) delete merged[key as keyof T]
  return merged
}

/* Words */

/** Nothing where no words are left. */
export const orNone = (text: Text): Text | undefined =>
  say(text, 'ko').trim() === '' && say(text, 'en').trim() === '' ? undefined : text
