import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Form } from 'react-aria-components'
import { problemsIn } from '~/lib/api/client'
import { ingestView, makeSource, type SourceMade, sourceList } from '~/lib/api/ingest'
import { eventCatalogue } from '~/lib/api/queries'
import { type SnippetKey, snippets } from '~/lib/ingest/snippets'
import { Button, Choice, CodeBlock, Combo, Dialog, Icon, Problems, TextField } from '~/lib/ui'
import styles from './intake.module.css'

/** Makes a source, shows its key the one time it can be shown, and waits with the reader for its first event. */
export function NewSource({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useLingui()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [channel, setChannel] = useState('')
  const [isCopied, setCopied] = useState(false)
  const [isWarned, setWarned] = useState(false)
  const channels = [...new Set((useQuery(eventCatalogue).data ?? []).flatMap((event) => event.channels))]
  const make = useMutation({
    mutationFn: () => makeSource({ name: name.trim(), channel: channel.trim() }),
    onSuccess: () => queries.invalidateQueries({ queryKey: sourceList.queryKey }),
  })
  const made = make.data
  const leave = () => {
    // The key is nowhere else: a stray press beside the dialog must not lose it.
    if (made && !isCopied && !isWarned) setWarned(true)
    else onClose()
  }
  return (
    <Dialog
      wide
      isOpen={isOpen}
      onOpenChange={(next) => !next && leave()}
      title={made ? t`The key of ${made.name}` : t`New source`}
      actions={
        made ? (
          <Button variant={isCopied ? 'primary' : 'plain'} onPress={leave}>
            {isWarned && !isCopied ? t`Close without the key` : t`Done`}
          </Button>
        ) : (
          <>
            <Button onPress={onClose}>
              <Trans>Cancel</Trans>
            </Button>
            <Button
              type="submit"
              form="new-source"
              variant="primary"
              isDisabled={name.trim() === ''}
              isPending={make.isPending}
            >
              <Trans>Make the key</Trans>
            </Button>
          </>
        )
      }
    >
      {made ? (
        <Made made={made} isWarned={isWarned && !isCopied} onCopied={() => setCopied(true)} />
      ) : (
        <Form
          id="new-source"
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() !== '') make.mutate()
          }}
        >
          <TextField
            label={t`Name`}
            value={name}
            onChange={setName}
            autoFocus
            isRequired
            placeholder="web"
            hint={t`Its events carry it, for ever: “web”, “app”, “till in Mapo”.`}
          />
          <Combo
            label={t`Channel of events that name none`}
            value={channel}
            onChange={setChannel}
            allowsCustom
            options={channels.map((one) => ({ key: one, label: one }))}
            hint={t`May stay empty.`}
          />
          {make.error && <Problems problems={problemsIn(make.error)} live />}
        </Form>
      )}
    </Dialog>
  )
}

function Made({ made, isWarned, onCopied }: { made: SourceMade; isWarned: boolean; onCopied: () => void }) {
  const { t } = useLingui()
  const [kind, setKind] = useState<SnippetKey>('curl')
  const all = snippets(made.key, window.location.origin)
  const shown = all.find((one) => one.key === kind)
  return (
    <div className={styles.form}>
      <div className={styles.keyBox}>
        <p>
          <b>
            <Trans>This key is shown now and never again.</Trans>
          </b>{' '}
          <Trans>Keep it where the sender keeps its secrets. It can only send events, not read any.</Trans>
        </p>
        <CodeBlock code={made.key} label={t`Key`} onCopied={onCopied} />
        {isWarned && (
          <p role="alert" className={styles.bad}>
            <Trans>The key was not copied. Closing now means making another source.</Trans>
          </p>
        )}
      </div>
      <Choice
        label={t`Send a first event`}
        value={kind}
        onChange={setKind}
        options={all.map(({ key, label }) => ({ key, label }))}
      />
      {shown && <CodeBlock code={shown.code} label={t`Example: ${shown.label}`} onCopied={onCopied} />}
      <FirstEvent made={made} />
    </div>
  )
}

/** Looks every other second whether something has come from the new source. */
function FirstEvent({ made }: { made: SourceMade }) {
  const live = useQuery(ingestView).data
  const seen = live?.sources.find((one) => one.name === made.name && one.last_received_us >= made.created_us)
  return (
    <p role="status" className={styles.first}>
      {!seen ? (
        <span className="soft">
          <span className={styles.pulse} aria-hidden="true" />
          <Trans>Waiting for its first event</Trans>
        </span>
      ) : seen.n_accepted > 0 ? (
        <span className={styles.good}>
          <Icon name="check" />
          <Trans>The first event has come</Trans>
        </span>
      ) : (
        <span className={styles.bad}>
          <Icon name="warn" />
          <Trans>Something came but was rejected: the reason stands under dead letters</Trans>
        </span>
      )}
    </p>
  )
}
