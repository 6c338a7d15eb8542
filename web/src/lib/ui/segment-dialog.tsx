import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useId, useRef, useState } from 'react'
import { Form } from 'react-aria-components'
import { problemsIn } from '../api/client'
import { documentList, putDocument } from '../api/queries'
import type { Scope, Select } from '../api/types'
import { lastDays, viewOfPeriod } from '../period'
import { type SegmentBody, segmentOf, trimmed } from '../segment/save'
import type { Text } from '../text'
import { useFormat } from '../use-format'
import { Button } from './button'
import { Dialog } from './overlay'
import { WordsField } from './words-field'

const NAME_MAX = 120

/** Names the people behind a number, and keeps them as a segment. */
export function SegmentDialog({
  of,
  scope,
  title,
  onClose,
  onSaved,
}: {
  of: Select
  scope: Scope
  /** The number they stand behind, the first name that is offered. */
  title: string
  onClose: () => void
  onSaved: (segment: SegmentBody) => void
}) {
  const { t } = useLingui()
  const f = useFormat()
  const id = useId()
  const form = useRef<HTMLFormElement>(null)
  const [name, setName] = useState<Text>(title.slice(0, NAME_MAX))
  const save = useSave(onSaved)
  const ready = trimmed(name)
  const refusal = save.error
    ? problemsIn(save.error)
        .map((problem) => `${f.say(problem.message)} ${f.say(problem.remedy)}`)
        .join(' ')
    : null
  // Said where it can be mended, and read aloud there.
  useEffect(() => {
    if (refusal) form.current?.querySelector('input')?.focus()
  }, [refusal])
  return (
    <Dialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title={t`Save as a segment`}
      note={<StaysCurrent scope={scope} />}
      actions={(close) => (
        <>
          <Button variant="quiet" onPress={close}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" form={id} variant="primary" isDisabled={!ready} isPending={save.isPending}>
            <Trans>Save</Trans>
          </Button>
        </>
      )}
    >
      <Form
        id={id}
        ref={form}
        // A refusal is the server's: the same name may be tried again.
        validationBehavior="aria"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready && !save.isPending) save.mutate({ name: ready, of, scope })
        }}
      >
        <WordsField
          label={t`Name`}
          text={name}
          onChange={(next) => {
            setName(next)
            save.reset()
          }}
          most={NAME_MAX}
          error={refusal}
          autoFocus
        />
      </Form>
    </Dialog>
  )
}

function useSave(onSaved: (segment: SegmentBody) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ name, of, scope }: { name: Text; of: Select; scope: Scope }) => {
      const all = await queries.fetchQuery({ ...documentList('segment'), staleTime: 0 })
      const keys = all.map(({ body }) => body.key)
      const segment = segmentOf(name, of, scope, keys)
      await putDocument(segment, null)
      return segment
    },
    onSuccess: (segment) => {
      void queries.invalidateQueries({ queryKey: ['documents'] })
      void queries.invalidateQueries({ queryKey: ['groups'] })
      onSaved(segment)
    },
  })
}

/** Whether its people change with the data, and which days they are of. */
function StaysCurrent({ scope }: { scope: Scope }) {
  const f = useFormat()
  const { period, from, to } = viewOfPeriod(scope)
  const n = lastDays(period)
  if (from && to) {
    const days = `${f.calendarDay(from)} – ${f.calendarDay(to)}`
    return <Trans>It stays current with the data of these days: {days}.</Trans>
  }
  return n === null ? (
    <Trans>It stays current with the data.</Trans>
  ) : (
    <Plural
      value={n}
      one="It stays current with the data: always the last day."
      other="It stays current with the data: always the last # days."
    />
  )
}
