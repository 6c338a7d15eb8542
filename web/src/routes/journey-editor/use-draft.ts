import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { ApiError, problemsIn } from '~/lib/api/client'
import { document, putDocument } from '~/lib/api/queries'
import type { DocumentBody, Kind, Problem } from '~/lib/api/types'
import * as draft from '~/lib/draft'

/** What is edited, and how it reaches the server. */
export interface Edited<Body, Placed> {
  kind: Kind
  /** Its key; `null`: nothing is stored yet. */
  key: string | null
  /** What a document begins as that is not stored yet. */
  fresh?: Body
  /** Gives such a document its key, just before it is stored. */
  named?: (body: Body) => Promise<Body>
  /** Where problems of a body stand in the form. */
  placed: (body: Body, problems: Problem[]) => Placed[]
  /** Queries whose answers follow from the document, by the first part of their keys. */
  follows: string[]
}

export interface DraftEditor<Body, Placed = Problem> {
  draft: draft.Draft<Body> | null
  error: unknown
  retry: () => void
  isSaving: boolean
  problems: Placed[]
  /** Somebody else's version, stored meanwhile. */
  conflict: draft.Stored<Body> | null
  set: (to: (body: Body) => Body, gesture?: string) => void
  undo: () => void
  redo: () => void
  /** Whether it was stored. `over`: on top of the newer version. */
  save: (over?: draft.Stored<Body>) => Promise<boolean>
  takeTheirs: () => void
}

/** The draft of a document and its way to the server. */
export function useDraft<Body extends DocumentBody, Placed>({
  kind,
  key,
  fresh,
  named,
  placed,
  follows,
}: Edited<Body, Placed>): DraftEditor<Body, Placed> {
  const queries = useQueryClient()
  // Documents of a kind have a body of that kind; the schema cannot say so.
  const asStored = (stored: unknown) => stored as draft.Stored<Body>
  const query = useQuery({ ...document(kind, key ?? ''), enabled: key !== null, refetchOnWindowFocus: false })
  const [now, setNow] = useState(() => (key === null && fresh ? draft.openDraft({ body: fresh, version: 0 }) : null))
  const [problems, setProblems] = useState<Placed[]>([])
  const [conflict, setConflict] = useState<draft.Stored<Body> | null>(null)
  const latest = useRef(now)
  const put = useCallback((next: draft.Draft<Body> | null) => {
    latest.current = next
    setNow(next)
  }, [])

  const stored = query.data && asStored(query.data)
  useEffect(() => {
    const before = latest.current
    // A newer version shows by itself only where nothing of ours would be lost.
    if (stored && (before?.now.key !== key || (stored.version > before.version && !draft.isDirty(before))))
      put(draft.openDraft(stored))
  }, [stored, key, put])

  const write = useMutation({
    mutationFn: ({ body, version }: { body: Body; version: number }) => putDocument(body, version || null),
  })
  const save = async (over?: draft.Stored<Body>): Promise<boolean> => {
    const mine = latest.current
    if (!mine || write.isPending) return false
    const base = over ? draft.rebased(mine, over) : mine
    let sent = base.now
    try {
      if (base.version === 0 && named) sent = await named(sent)
      const answer = await write.mutateAsync({ body: sent, version: base.version })
      const meanwhile = latest.current ?? base
      put(draft.saved(meanwhile.now === base.now ? { ...meanwhile, now: sent } : meanwhile, answer.version, sent))
      setProblems([])
      setConflict(null)
      queries.setQueryData(document(kind, sent.key).queryKey, answer)
      for (const first of follows) void queries.invalidateQueries({ queryKey: [first] })
      return true
    } catch (error) {
      if (error instanceof ApiError && error.status === 409 && base.version > 0) {
        const theirs = await queries.fetchQuery({ ...document(kind, sent.key), staleTime: 0 }).catch(() => null)
        if (theirs) {
          setConflict(asStored(theirs))
          return false
        }
      }
      setProblems(placed(sent, problemsIn(error)))
      return false
    }
  }

  return {
    draft: key === null || now?.now.key === key ? now : null,
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
