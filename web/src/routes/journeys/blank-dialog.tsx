import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { Form } from 'react-aria-components'
import { problemsIn } from '~/lib/api/client'
import { documentList, eventCatalogue, putDocument, removeDocument } from '~/lib/api/queries'
import { blankJourney, blankMap } from '~/lib/journey/blank'
import { freeKey, keyOf } from '~/lib/journey/draft'
import { Button, Combo, Dialog, Problems, TextField } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './journeys.module.css'

/** Asks for a name and for the event that begins the journey (one that nobody can start is refused), and makes it. */
export function BlankDialog({ onClose }: { onClose: () => void }) {
  const f = useFormat()
  const { t } = useLingui()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const form = useId()
  const events = useQuery(eventCatalogue)
  const [event, setEvent] = useState('')
  const [name, setName] = useState('')
  const make = useMutation({
    mutationFn: async () => {
      const [journeys, maps] = await Promise.all([
        queries.fetchQuery({ ...documentList('journey'), staleTime: 0 }),
        queries.fetchQuery({ ...documentList('map'), staleTime: 0 }),
      ])
      const taken = [...journeys, ...maps].map(({ body }) => body.key)
      const key = freeKey(keyOf(name), taken)
      await putDocument(blankJourney(key, name.trim(), event.trim()), null)
      try {
        await putDocument(blankMap(key), null)
      } catch (error) {
        // Both or none.
        await removeDocument('journey', key).catch(() => {})
        throw error
      }
      return key
    },
    onSuccess: async (key) => {
      void queries.invalidateQueries({ queryKey: ['journeys'] })
      void queries.invalidateQueries({ queryKey: ['documents'] })
      await navigate({ to: '/journeys/$key/edit', params: { key } })
    },
  })
  const isReady = name.trim() !== '' && event.trim() !== ''
  return (
    <Dialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title={t`Blank journey`}
      note={t`Awareness → Consideration → Purchase → Retention → Advocacy. All can be renamed, moved and removed.`}
      actions={(close) => (
        <>
          <Button variant="quiet" onPress={close}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" form={form} variant="primary" isDisabled={!isReady} isPending={make.isPending}>
            <Trans>Make the journey</Trans>
          </Button>
        </>
      )}
    >
      <Form
        id={form}
        className={styles.blank}
        onSubmit={(submit) => {
          submit.preventDefault()
          if (isReady) make.mutate()
        }}
      >
        <TextField
          label={t`Name of the journey`}
          value={name}
          onChange={setName}
          isRequired
          autoFocus
          maxLength={120}
          hint={t`It can be changed later.`}
        />
        <Combo
          label={t`The event with which it begins`}
          value={event}
          onChange={setEvent}
          allowsCustom
          placeholder={t`Find an event`}
          hint={t`The first touchpoint of the first stage. More follow in the editor.`}
          options={[...(events.data ?? [])]
            .sort((a, b) => b.n_events - a.n_events)
            .map((one) => ({
              key: one.name,
              label: one.name,
              note: t`${f.whole(one.n_events)} events · ${f.whole(one.n_people)} people`,
            }))}
        />
        {make.error && <Problems problems={problemsIn(make.error)} live />}
      </Form>
    </Dialog>
  )
}
