import { applyEdit, type Edit, findCard, same } from './edit'
import type { Card, MapBody, MapDocument } from './types'

/** One undoable step. */
interface Entry {
  edit: Edit
  back: Edit
  /** Steps of one gesture (a drag, a run of key presses) share it and are undone together. */
  gesture: string | null
}

/**
 * The map as edited here: the stored version it rests on, the edits not stored yet, and the way back and forth.
 * Immutable; every function returns a new log, and the same one when nothing changed.
 */
export interface Log {
  map: MapBody
  /** Version in the store that `pending` builds on, and its body. */
  version: number
  base: MapBody
  /** Edits made on top of `version`, undone ones followed by their opposites, oldest first. */
  pending: readonly Edit[]
  done: readonly Entry[]
  undone: readonly Entry[]
}

/** How far undo reaches, in steps. */
const DEEPEST = 500

/** A log of a stored document, with nothing to undo. */
export const openLog = (document: MapDocument): Log => ({
  map: document.body,
  version: document.version,
  base: document.body,
  pending: [],
  done: [],
  undone: [],
})

/** Makes an edit. Edits of one `gesture` in a row that set the same value become one step. */
export function perform(log: Log, edit: Edit, gesture: string | null = null): Log {
  const edited = applyEdit(log.map, edit)
  if (!edited) return log
  const last = log.done.at(-1)
  const goesOn = gesture !== null && last?.gesture === gesture && edit.edit === 'assume' && last.edit.edit === 'assume'
  const entry: Entry = { edit, back: goesOn ? last.back : edited.back, gesture }
  const done = [...(goesOn ? log.done.slice(0, -1) : log.done), entry]
  const pending = [...(goesOn && log.pending.at(-1) === last.edit ? log.pending.slice(0, -1) : log.pending), edit]
  return { ...log, map: edited.map, pending, done: done.slice(-DEEPEST), undone: [] }
}

/** Takes the last step back. A step whose object somebody else removed is passed over. */
export function undo(log: Log): Log {
  const entry = log.done.at(-1)
  if (!entry) return log
  const done = log.done.slice(0, -1)
  const edited = applyEdit(log.map, entry.back)
  if (!edited) return undo({ ...log, done })
  const undone = [...log.undone, { edit: entry.edit, back: edited.back, gesture: null }]
  return { ...log, map: edited.map, pending: [...log.pending, entry.back], done, undone }
}

/** Makes the last undone step again. */
export function redo(log: Log): Log {
  const entry = log.undone.at(-1)
  if (!entry) return log
  const undone = log.undone.slice(0, -1)
  const edited = applyEdit(log.map, entry.back)
  if (!edited) return redo({ ...log, undone })
  const done = [...log.done, { edit: entry.edit, back: edited.back, gesture: null }]
  return { ...log, map: edited.map, pending: [...log.pending, entry.back], done, undone }
}

/** `body`, which holds the first `n_sent` pending edits, is now stored as `version`. */
export const saved = (log: Log, version: number, body: MapBody, n_sent: number): Log => ({
  ...log,
  version,
  base: body,
  pending: log.pending.slice(n_sent),
})

/** What laying the pending edits on somebody else's version did. */
export interface Rebased {
  log: Log
  /** Edits whose card or lane is gone there: they cannot be kept. */
  lost: Edit[]
  /** Edits that replace a text or value the other changed too: ours wins. */
  overwriting: Edit[]
}

/** Lays the pending edits on a version that somebody else stored. */
export function rebase(log: Log, document: MapDocument): Rebased {
  let map = document.body
  const pending: Edit[] = []
  const lost: Edit[] = []
  const overwriting: Edit[] = []
  for (const edit of log.pending) {
    const edited = applyEdit(map, edit)
    if (edited) {
      map = edited.map
      pending.push(edit)
      if (clashes(edit, log.base, document.body)) overwriting.push(edit)
    } else if (isGone(map, edit)) lost.push(edit)
  }
  return { log: { ...log, map, version: document.version, base: document.body, pending }, lost, overwriting }
}

/** Whether both sides changed the same field since `base`. */
function clashes(edit: Edit, base: MapBody, theirs: MapBody): boolean {
  const cardFields = (id: string, fields: (keyof Card)[]) => {
    const [before, now] = [findCard(base, id)?.card, findCard(theirs, id)?.card]
    return before !== undefined && now !== undefined && fields.some((field) => !same(before[field], now[field]))
  }
  const lane = (map: MapBody, key: string) => map.lanes.find((one) => one.key === key)
  switch (edit.edit) {
    case 'change_card':
      return cardFields(edit.id, Object.keys(edit.fields) as (keyof Card)[])
    case 'remove_card':
      return cardFields(edit.id, ['text', 'tone', 'tags', 'evidence', 'owner', 'value'])
    case 'rename_lane':
      return !same(lane(base, edit.key)?.name, lane(theirs, edit.key)?.name)
    case 'remove_lane':
      return !same(lane(base, edit.key)?.cards, lane(theirs, edit.key)?.cards)
    case 'assume':
      return base.assumed_emotion?.[edit.stage] !== theirs.assumed_emotion?.[edit.stage]
    case 'rename':
      return !same(base.name, theirs.name)
    case 'replace':
      return !same(base, theirs)
    default:
      return false
  }
}

/** Whether an edit changed nothing because its object is gone, rather than because it was made already. */
function isGone(map: MapBody, edit: Edit): boolean {
  const hasLane = (key: string) => map.lanes.some((lane) => lane.key === key)
  switch (edit.edit) {
    case 'change_card':
      return !findCard(map, edit.id)
    case 'move_card':
      return !findCard(map, edit.id) || !hasLane(edit.lane)
    case 'add_card':
      return !hasLane(edit.lane)
    case 'rename_lane':
    case 'move_lane':
      return !hasLane(edit.key)
    default:
      return false
  }
}

/** What undo would take back, and redo make again. */
export const nextUndo = (log: Log): Edit | null => log.done.at(-1)?.edit ?? null
export const nextRedo = (log: Log): Edit | null => log.undone.at(-1)?.edit ?? null
