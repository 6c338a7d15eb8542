import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError, answered, api, problemsIn } from '~/lib/api/client'
import { document, putDocument } from '~/lib/api/queries'
import * as draft from '~/lib/journey/draft'
import { type Placed, placed } from '~/lib/journey/place'
import type { JourneyBody, JourneyDocument } from '~/lib/journey/types'

/** Documents of kind `journey` have a body of that kind; the schema cannot say so. */
const asJourney = (stored: unknown) => stored as JourneyDocument

/** Stages with the people in them, as the stored journey has them. */
export const stagesOf = (journey: string, version: number) => ({
  queryKey: ['stages', journey, version],
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const { answer } = await answered(
      api.POST('/api/v1/ask', { body: { ask: 'stages', journey, scope: {}, compare: 'nothing' }, signal }),
    )
    if (answer.answer !== 'stages') throw new ApiError(200, [])
    return answer
  },
})

export interface DraftEditor {
  draft: draft.Draft | null
  error: unknown
  retry: () => void
  isSaving: boolean
  problems: Placed[]
  /** Somebody else's version, stored meanwhile. */
  conflict: JourneyDocument | null
  set: (to: (body: JourneyBody) => JourneyBody, gesture?: string) => void
  undo: () => void
  redo: () => void
  /** Whether it was stored. `over`: on top of the newer version. */
  save: (over?: JourneyDocument) => Promise<boolean>
  takeTheirs: () => void
}

/** The draft of a stored journey and its way to the server. */
export function useDraft(key: string): DraftEditor {
  const queries = useQueryClient()
  const query = useQuery({ ...document('journey', key), refetchOnWindowFocus: false })
  const [now, setNow] = useState<draft.Draft | null>(null)
  const [problems, setProblems] = useState<Placed[]>([])
  const [conflict, setConflict] = useState<JourneyDocument | null>(null)
  const latest = useRef(now)
  const put = useCallback((next: draft.Draft | null) => {
    latest.current = next
    setNow(next)
  }, [])

  const stored = query.data && asJourney(query.data)
  useEffect(() => {
    const before = latest.current
    // A newer version shows by itself only where nothing of ours would be lost.
    if (stored && (before?.now.key !== key || (stored.version > before.version && !draft.isDirty(before))))
      put(draft.openDraft(stored))
  }, [stored, key, put])

  const write = useMutation({
    mutationFn: ({ body, version }: { body: JourneyBody; version: number }) => putDocument(body, version),
  })
  const save = async (over?: JourneyDocument): Promise<boolean> => {
    const mine = latest.current
    if (!mine || write.isPending) return false
    const base = over ? draft.rebased(mine, over) : mine
    const sent = base.now
    try {
      const answer = await write.mutateAsync({ body: sent, version: base.version })
      put(draft.saved(latest.current ?? base, answer.version, sent))
      setProblems([])
      setConflict(null)
      queries.setQueryData(document('journey', key).queryKey, answer)
      void queries.invalidateQueries({ queryKey: ['journeys'] })
      void queries.invalidateQueries({ queryKey: ['map'] })
      return true
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) {
        const theirs = await queries.fetchQuery({ ...document('journey', key), staleTime: 0 }).catch(() => null)
        if (theirs) {
          setConflict(asJourney(theirs))
          return false
        }
      }
      setProblems(placed(sent, problemsIn(error)))
      return false
    }
  }

  return {
    draft: now?.now.key === key ? now : null,
    error: query.error,
    retry: () => void query.refetch(),
    isSaving: write.isPending,
    problems,
    conflict,
    set: useCallback(
      (to, gesture) => latest.current && put(draft.change(latest.current, to(latest.current.now), gesture ?? null)),
      [put],
    ),
    undo: useCallback(() => latest.current && put(draft.undo(latest.current)), [put]),
    redo: useCallback(() => latest.current && put(draft.redo(latest.current)), [put]),
    save,
    takeTheirs: () => {
      if (conflict) put(draft.openDraft(conflict))
      setConflict(null)
      setProblems([])
    },
  }
}
