import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Form } from 'react-aria-components'
import { problemsIn } from '~/lib/api/client'
import { type Due, type Expiry, expireNow, expiryOf, putExpiry } from '~/lib/api/system'
import { Button, Choice, Dialog, Failed, Loading, Problems, Skeleton, TextField, toast } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './settings.module.css'

/** Thirteen and twenty-five months: a year, or two, and the month to compare with. */
const PRESETS = [400, 765]

/** How long events are kept. For owners: what expires is taken out for good. */
export function ExpiryCard() {
  const { data, error, refetch } = useQuery(expiryOf(null))
  return (
    <section className={`card ${styles.card}`} aria-labelledby="expiry">
      <h2 id="expiry">
        <Trans>How long data is kept</Trans>
      </h2>
      {data ? (
        <KeepForm key={data.keep_days} kept={data.keep_days ?? null} />
      ) : error ? (
        <Failed error={error} retry={() => refetch()} compact />
      ) : (
        <Loading>
          <Skeleton height="120px" radius="8px" />
        </Loading>
      )}
      {data?.last && <LastRun last={data.last} />}
    </section>
  )
}

/** The days that a choice and the field beside it mean; `undefined` while they mean none. */
export function daysOf(choice: string, typed: string): number | null | undefined {
  if (choice === 'always') return null
  if (choice !== 'other') return Number(choice)
  const days = /^\d{1,5}$/.test(typed.trim()) ? Number(typed) : 0
  return days >= 1 && days <= 36_500 ? days : undefined
}

function choiceOf(kept: number | null): string {
  if (kept === null) return 'always'
  return PRESETS.includes(kept) ? String(kept) : 'other'
}

function KeepForm({ kept }: { kept: number | null }) {
  const { t } = useLingui()
  const queries = useQueryClient()
  const [choice, setChoice] = useState(choiceOf(kept))
  const [typed, setTyped] = useState(kept === null ? '' : String(kept))
  const [isAsking, setAsking] = useState(false)
  const days = daysOf(choice, typed)
  // What is kept already is known to the card: the server need not count it twice.
  const asked = days === undefined || days === kept ? null : days
  const { data } = useQuery({ ...expiryOf(asked), placeholderData: keepPreviousData })
  const save = useMutation({
    mutationFn: () => putExpiry(days ?? null),
    onSuccess: () => {
      toast({ text: t`Kept so from now on` })
      void queries.invalidateQueries({ queryKey: ['expiry'] })
    },
  })
  const isWrong = days === undefined && typed !== ''
  return (
    <Form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (days !== undefined) save.mutate()
      }}
    >
      <Choice
        label={t`Keep events`}
        value={choice}
        onChange={setChoice}
        options={[
          { key: 'always', label: t`for good` },
          { key: '400', label: t`13 months` },
          { key: '765', label: t`25 months` },
          { key: 'other', label: t`other` },
        ]}
      />
      {choice === 'other' && (
        <TextField
          label={t`Days after they happened`}
          value={typed}
          onChange={setTyped}
          inputMode="numeric"
          error={isWrong ? t`Write 1 to 36,500 days.` : null}
        />
      )}
      {typeof days === 'number' && data?.due && <DueNote due={data.due} />}
      {save.error && <Problems problems={problemsIn(save.error)} live />}
      <div className={styles.actions}>
        <Button
          type="submit"
          variant="primary"
          isDisabled={days === undefined || days === kept}
          isPending={save.isPending}
        >
          <Trans>Save</Trans>
        </Button>
        {kept !== null && days === kept && isDue(data?.due) && (
          <Button variant="danger" onPress={() => setAsking(true)}>
            <Trans>Take out now…</Trans>
          </Button>
        )}
      </div>
      {isAsking && data?.due && <ExpireDialog due={data.due} onClose={() => setAsking(false)} />}
    </Form>
  )
}

const isDue = (due: Due | null | undefined) => !!due && due.n_events + due.n_dead_letters > 0

function DueNote({ due }: { due: Due }) {
  const f = useFormat()
  const day = f.day(due.before_us, true)
  if (!isDue(due)) {
    return (
      <p className="soft small" role="status">
        <Trans>Nothing is older than that: no event lies before {day}.</Trans>
      </p>
    )
  }
  return (
    <p className="soft small" role="status">
      <Trans>
        Before {day}: <Plural value={due.n_events} one="# event" other="# events" />,{' '}
        <Plural value={due.n_people} one="# person" other="# people" /> of whom nothing would be left,{' '}
        <Plural value={due.n_dead_letters} one="# dead letter" other="# dead letters" />. They are taken out for good,
        at the latest seven days after they expire.
      </Trans>
    </p>
  )
}

function LastRun({ last }: { last: NonNullable<Expiry['last']> }) {
  const f = useFormat()
  return (
    <p className="faint small">
      <Trans>
        Last taken out {f.ago(last.at_us)}: <Plural value={last.n_rows} one="# event" other="# events" />,{' '}
        <Plural value={last.n_dead_letters} one="# dead letter" other="# dead letters" />.
      </Trans>
    </p>
  )
}

function ExpireDialog({ due, onClose }: { due: Due; onClose: () => void }) {
  const { t } = useLingui()
  const f = useFormat()
  const queries = useQueryClient()
  const day = f.day(due.before_us, true)
  const expire = useMutation({
    mutationFn: expireNow,
    onSuccess: (done) => {
      void queries.invalidateQueries()
      toast({ text: t`${f.whole(done?.n_rows ?? 0)} events were taken out` })
      onClose()
    },
  })
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && !expire.isPending && onClose()}
      title={t`Take out everything before ${day}?`}
      actions={
        <>
          <Button onPress={onClose} isDisabled={expire.isPending}>
            <Trans>Cancel</Trans>
          </Button>
          <Button variant="danger" onPress={() => expire.mutate()} isPending={expire.isPending}>
            <Trans>Take out for good</Trans>
          </Button>
        </>
      }
    >
      <DueNote due={due} />
      <p>
        <Trans>
          This cannot be undone, except from a backup made before. It waits for an import at work, and writes the stored
          files anew.
        </Trans>
      </p>
      {expire.error && <Problems problems={problemsIn(expire.error)} live />}
    </Dialog>
  )
}
