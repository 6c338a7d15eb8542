import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError } from '~/lib/api/client'
import { mapDocument, putMap } from '~/lib/map/api'
import { type Edit, same } from '~/lib/map/edit'
import { type Log, openLog, perform, type Rebased, rebase, redo, saved, undo } from '~/lib/map/log'
import type { MapDocument } from '~/lib/map/types'
import { toastProblem } from '~/lib/ui'

/** How the map stands beside its stored version. */
export type SaveState = 'saved' | 'waiting' | 'saving' | 'failed' | 'conflict'

export interface Editor {
  /** `null` until the document is there. */
  log: Log | null
  /** Who stored the version the log rests on, and when. */
  stored: MapDocument | undefined
  state: SaveState
  /** What somebody else stored meanwhile, and what laying our edits on it would do. */
  conflict: { theirs: MapDocument; merged: Rebased } | null
  edit: (edit: Edit | null, gesture?: string) => void
  undo: () => void
  redo: () => void
  save: () => void
  /** Lays our edits on theirs, or gives ours up. */
  settle: (how: 'merge' | 'theirs') => void
}

/** Rest after the last edit before it is stored, and before a failed save is tried again. */
const REST_MS = 700
const AGAIN_MS = 8000

/** Edits of a map, stored by themselves. One save at a time; edits made meanwhile go with the next one. */
export function useEditor(key: string): Editor {
  const queries = useQueryClient()
  const { data: stored } = useQuery(mapDocument(key))
  const [log, setLog] = useState<Log | null>(null)
  const [state, setState] = useState<SaveState>('saved')
  const [conflict, setConflict] = useState<Editor['conflict']>(null)
  const latest = useRef<{ log: Log | null; isSaving: boolean; inConflict: boolean }>({
    log: null,
    isSaving: false,
    inConflict: false,
  })
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)

  const put = useCallback((next: Log | null) => {
    latest.current.log = next
    setLog(next)
  }, [])

  // A newer stored version comes in under our edits; with none of ours it simply shows.
  useEffect(() => {
    if (!stored || stored.body.key !== key) return
    const now = latest.current.log
    if (!now || now.map.key !== key) put(openLog(stored))
    else if (stored.version > now.version && now.pending.length === 0) put(rebase(now, stored).log)
  }, [stored, key, put])

  const save = useCallback(async () => {
    clearTimeout(timer.current)
    timer.current = undefined
    const { log: now, isSaving, inConflict } = latest.current
    if (!now || isSaving || inConflict || now.pending.length === 0) return
    const n_sent = now.pending.length
    if (same(now.map, now.base)) {
      // Done and undone again: there is nothing to store.
      put(saved(now, now.version, now.base, n_sent))
      setState('saved')
      return
    }
    latest.current.isSaving = true
    setState('saving')
    try {
      const answer = await putMap(now.map, now.version)
      const after = latest.current.log
      if (after) put(saved(after, answer.version, now.map, n_sent))
      queries.setQueryData(mapDocument(key).queryKey, answer)
      void queries.invalidateQueries({ queryKey: [...mapDocument(key).queryKey, 'history'] })
      if (!same(lanesOf(now.base), lanesOf(now.map))) void queries.invalidateQueries({ queryKey: ['map', key] })
      void queries.invalidateQueries({ queryKey: ['journeys'] })
      setState((latest.current.log?.pending.length ?? 0) > 0 ? 'waiting' : 'saved')
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) {
        const theirs = await queries.fetchQuery({ ...mapDocument(key), staleTime: 0 }).catch(() => null)
        const mine = latest.current.log
        if (theirs && mine) {
          latest.current.inConflict = true
          setConflict({ theirs, merged: rebase(mine, theirs) })
          setState('conflict')
        } else setState('failed')
      } else {
        setState('failed')
        toastProblem(error)
        timer.current = setTimeout(() => void save(), AGAIN_MS)
      }
    } finally {
      latest.current.isSaving = false
    }
    if (latest.current.log?.pending.length && !latest.current.inConflict)
      timer.current ??= setTimeout(() => void save(), REST_MS)
  }, [key, put, queries])

  const change = useCallback(
    (step: (log: Log) => Log) => {
      const now = latest.current.log
      if (!now) return
      const next = step(now)
      if (next === now) return
      put(next)
      if (latest.current.inConflict) {
        setConflict((before) => before && { ...before, merged: rebase(next, before.theirs) })
        return
      }
      setState((before) => (before === 'saving' ? before : 'waiting'))
      clearTimeout(timer.current)
      timer.current = setTimeout(() => void save(), REST_MS)
    },
    [put, save],
  )

  const settle = useCallback(
    (how: 'merge' | 'theirs') => {
      if (!conflict || !latest.current.log) return
      latest.current.inConflict = false
      const merged = rebase(latest.current.log, conflict.theirs).log
      put(how === 'merge' ? merged : openLog(conflict.theirs))
      setConflict(null)
      setState(how === 'merge' && merged.pending.length > 0 ? 'waiting' : 'saved')
      void queries.invalidateQueries({ queryKey: ['map', key] })
      if (how === 'merge') void save()
    },
    [conflict, key, put, queries, save],
  )

  // Leaving the page stores what is left; closing the tab asks when that cannot be waited for.
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if ((latest.current.log?.pending.length ?? 0) > 0) event.preventDefault()
    }
    const hide = () => document.visibilityState === 'hidden' && void save()
    window.addEventListener('beforeunload', ask)
    document.addEventListener('visibilitychange', hide)
    return () => {
      window.removeEventListener('beforeunload', ask)
      document.removeEventListener('visibilitychange', hide)
      void save()
    }
  }, [save])

  return {
    log: log?.map.key === key ? log : null,
    stored,
    state,
    conflict,
    edit: useCallback(
      (edit: Edit | null, gesture?: string) => edit && change((now) => perform(now, edit, gesture ?? null)),
      [change],
    ),
    undo: useCallback(() => change(undo), [change]),
    redo: useCallback(() => change(redo), [change]),
    save: useCallback(() => void save(), [save]),
    settle,
  }
}

/** What decides which numbers the map needs. */
const lanesOf = (map: MapDocument['body']) => map.lanes.map((lane) => [lane.key, lane.kind])
