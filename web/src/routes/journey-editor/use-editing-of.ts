import { useLingui } from '@lingui/react/macro'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { ApiError, answered, api } from '~/lib/api/client'
import { documentList, eventCatalogue } from '~/lib/api/queries'
import type { Kind } from '~/lib/api/types'
import { isDirty } from '~/lib/draft'
import type { Placed } from '~/lib/journey/place'
import type { JourneyBody } from '~/lib/journey/types'
import type { Text } from '~/lib/text'
import { toast } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import type { Choosable, Editing } from './context'
import type { DraftEditor } from './use-draft'
import { useFocusNext } from './use-focus-next'

/** Stages with the people in them, as the stored journey has them. */
const stagesOf = (journey: string, version: number) => ({
  queryKey: ['stages', journey, version],
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const { answer } = await answered(
      api.POST('/api/v1/ask', { body: { ask: 'stages', journey, scope: {}, compare: 'nothing' }, signal }),
    )
    if (answer.answer !== 'stages') throw new ApiError(200, [])
    return answer
  },
})

/** Documents of a kind by key and name. */
function useChoosable(kind: Kind): Choosable[] {
  const f = useFormat()
  const { data } = useQuery(documentList(kind))
  return useMemo(
    () =>
      (data ?? []).map(({ body }) => {
        const named = body as { key: string; name?: Text | null }
        return { key: named.key, name: f.say(named.name) || named.key }
      }),
    [data, f],
  )
}

/** What the parts of the form share. `editing` is `null` until the draft is there. */
export function useEditingOf(editor: DraftEditor<JourneyBody, Placed>) {
  const { t } = useLingui()
  const { draft, set, undo, problems } = editor
  const catalogue = useQuery(eventCatalogue)
  const stages = useQuery({
    ...stagesOf(draft?.now.key ?? '', draft?.version ?? 0),
    enabled: draft !== null,
    // The counts of the version before stay until the new ones are there.
    placeholderData: keepPreviousData,
  })
  const metrics = useChoosable('metric')
  const segments = useChoosable('segment')
  const journeys = useChoosable('journey')
  const [said, say] = useState('')
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const focusNext = useFocusNext()
  const events = useMemo(
    () => (catalogue.data ? new Map(catalogue.data.map((event) => [event.name, event])) : null),
    [catalogue.data],
  )
  const counted = useMemo(
    () =>
      stages.data
        ? new Map(
            stages.data.stages.map((stage) => [
              stage.key,
              {
                entered: stage.entered.value ?? 0,
                here: stage.here.value ?? 0,
                dropped: stage.dropped.value ?? 0,
              },
            ]),
          )
        : null,
    [stages.data],
  )
  const editing: Editing | null = draft && {
    body: draft.now,
    set,
    remove: (to, name, focus) => {
      focusNext(focus)
      set(to)
      toast({ text: t`Removed “${name}”.`, action: { label: t`Undo`, run: undo } })
    },
    events,
    problems,
    metrics,
    segments,
    journeys: journeys.filter((journey) => journey.key !== draft.now.key),
    counted,
    isStale: isDirty(draft) || stages.isPlaceholderData,
    say,
    focusNext,
    opened,
    toggle: (anchor, open) =>
      setOpened((before) => {
        const after = new Set(before)
        if (open ?? !before.has(anchor)) after.add(anchor)
        else after.delete(anchor)
        return after
      }),
  }
  return { editing, said, stages }
}
