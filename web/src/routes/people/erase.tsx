import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Form } from 'react-aria-components'
import { problemsIn } from '~/lib/api/client'
import { type Erasure, erasePerson } from '~/lib/api/person'
import type { PersonView } from '~/lib/api/types'
import { Button, Dialog, Icon, Problems, Progress, personLabel, TextField } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './erase.module.css'
import { useExport } from './use-export'

/** Takes a person out in two steps: what will happen, then their identifier typed. It ends with what was done. */
export function EraseDialog({ person, onClose }: { person: PersonView; onClose: () => void }) {
  const { t } = useLingui()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [step, setStep] = useState<'what' | 'sure'>('what')
  const [typed, setTyped] = useState('')
  const { id } = personLabel(person)
  const erase = useMutation({
    mutationFn: () => erasePerson(person.person),
    onSuccess: () => {
      // Everything but this page, which would ask for somebody who is no more.
      void queries.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] !== 'timeline' && queryKey[0] !== 'links',
      })
    },
  })
  const leave = () => {
    if (erase.isPending) return
    onClose()
    if (erase.data) {
      queries.removeQueries({ queryKey: ['timeline', person.person] })
      void navigate({ to: '/people' })
    }
  }
  const isSure = typed.trim() === id
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && leave()}
      title={erase.data ? t`${id} is erased` : step === 'what' ? t`Erase ${id}` : t`Erase ${id} for good?`}
      actions={
        erase.data ? (
          <Button variant="primary" onPress={leave}>
            <Trans>Done</Trans>
          </Button>
        ) : step === 'what' ? (
          <>
            <Button onPress={leave}>
              <Trans>Cancel</Trans>
            </Button>
            <Button variant="danger" onPress={() => setStep('sure')}>
              <Trans>Go on</Trans>
            </Button>
          </>
        ) : (
          <>
            <Button onPress={() => setStep('what')} isDisabled={erase.isPending}>
              <Trans>Back</Trans>
            </Button>
            <Button type="submit" form="erase-person" variant="danger" isDisabled={!isSure} isPending={erase.isPending}>
              <Trans>Erase for good</Trans>
            </Button>
          </>
        )
      }
    >
      {erase.data ? (
        <Done erasure={erase.data} />
      ) : step === 'what' ? (
        <What person={person} />
      ) : (
        <Form
          id="erase-person"
          className={styles.body}
          onSubmit={(event) => {
            event.preventDefault()
            if (isSure && !erase.isPending) erase.mutate()
          }}
        >
          <p className={styles.final}>
            <Icon name="warn" />
            <Trans>This cannot be undone, by anybody, except from a backup made before.</Trans>
          </p>
          <TextField
            label={
              <Trans>
                Type <b className={styles.id}>{id}</b> to go on
              </Trans>
            }
            value={typed}
            onChange={setTyped}
            autoFocus
            autoComplete="off"
            spellCheck="false"
            code
            isDisabled={erase.isPending}
          />
          {erase.isPending && (
            <div role="status" className={styles.working}>
              <Progress label={t`Erasing`} share={null} />
              <span className="soft small">
                <Trans>Files that hold the person are written anew. It is finished even if this page is closed.</Trans>
              </span>
            </div>
          )}
          {erase.error && <Problems problems={problemsIn(erase.error)} live />}
        </Form>
      )}
    </Dialog>
  )
}

/** What erasing does, before anything is done. */
function What({ person }: { person: PersonView }) {
  const f = useFormat()
  const save = useExport(person.person)
  return (
    <div className={styles.body}>
      <ul className={styles.facts}>
        <li>
          <Plural
            value={person.n_events}
            one="# event with all its properties is taken out of every file."
            other="# events with all their properties are taken out of every file."
          />
        </li>
        <li>
          <Trans>
            So are identifiers and links, dead letters, waiting uploads and refused rows that name the person.
          </Trans>
        </li>
        <li>
          <Trans>Numbers change: journeys, maps and segments count without this person, for the past too.</Trans>
        </li>
        <li>
          <Trans>
            If events from before this moment come again, they are dropped at the door. For that a hash of the
            identifiers stays.
          </Trans>
        </li>
        <li>
          <Trans>Backups made before still hold the person; they are named at the end.</Trans>
        </li>
      </ul>
      <p className={styles.save}>
        <Trans>Does the person want their data? Save it before.</Trans>
        <Button size="s" onPress={() => save.mutate()} isPending={save.isPending}>
          <Icon name="download" size={14} />
          <Trans>Everything stored, as JSON</Trans>
        </Button>
      </p>
      <p className="faint small">
        {f.moment(person.first_us)} – {f.moment(person.last_us)}
      </p>
    </div>
  )
}

/** What was done, and what is left for somebody to decide. */
function Done({ erasure }: { erasure: Erasure }) {
  const { t } = useLingui()
  const f = useFormat()
  const kept = erasure.remaining
  const facts: [string, number][] = [
    [t`events taken out`, erasure.n_rows],
    [t`files written anew`, erasure.n_parts],
    [t`links taken out`, erasure.n_links],
    [t`dead letters taken out`, erasure.n_dead_letters],
    [t`uploads and refused rows removed`, erasure.files.length],
  ]
  return (
    <div className={styles.body} role="status">
      <dl className={styles.counts}>
        {facts.map(([label, n]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{f.whole(n)}</dd>
          </div>
        ))}
      </dl>
      {erasure.files.some((file) => !file.searched) && (
        <p className="soft">
          <Trans>Some files could not be searched and were removed, since they might have named the person.</Trans>
        </p>
      )}
      {erasure.backups.length > 0 && (
        <div className={styles.left}>
          <p>
            <Trans>These backups in the data folder still hold the person. Remove them when they are not needed:</Trans>
          </p>
          <ul>
            {erasure.backups.map((name) => (
              <li key={name} className={styles.id}>
                {name}
              </li>
            ))}
          </ul>
        </div>
      )}
      {kept.length > 0 && (
        <div className={styles.left}>
          <p>
            <Trans>These still name the person, and are yours to decide:</Trans>
          </p>
          <ul>
            {kept.slice(0, 20).map((place) => (
              <li key={`${place.kind} ${place.key}`} className={styles.id}>
                {place.kind} · {place.key}
              </li>
            ))}
          </ul>
          {kept.length > 20 && <p className="faint small">{t`and ${f.whole(kept.length - 20)} more`}</p>}
        </div>
      )}
      {!erasure.log_emptied && (
        <p className="soft">
          <Trans>The database's own log is emptied at the next erasure, or when the server ends.</Trans>
        </p>
      )}
    </div>
  )
}
