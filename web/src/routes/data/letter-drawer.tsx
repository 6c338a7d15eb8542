import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { problemsIn } from '~/lib/api/client'
import { type DeadLetterWhole, deadLetter, deleteLetter, replayLetter, type Verdict } from '~/lib/api/ingest'
import type { Problem } from '~/lib/api/types'
import { jsonFault } from '~/lib/ingest/json-fault'
import { readable } from '~/lib/ingest/letters'
import {
  Button,
  CopyButton,
  Drawer,
  Failed,
  Loading,
  Problems,
  Skeleton,
  TextField,
  toast,
  toastProblem,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './intake.module.css'
import { useReasonName } from './reasons'

interface LetterDrawerProps {
  id: number
  mayEdit: boolean
  onClose: () => void
}

/** One dead letter: what is wrong with it, what came, and the way to mend it. */
export function LetterDrawer({ id, mayEdit, onClose }: LetterDrawerProps) {
  const { t } = useLingui()
  const f = useFormat()
  const name = useReasonName()
  const { data, error, refetch } = useQuery({ ...deadLetter(id), staleTime: Number.POSITIVE_INFINITY })
  return (
    <Drawer
      wide
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={data ? name(data.code) : t`Dead letter`}
      note={
        data && (
          <>
            {data.source} · {f.moment(data.received_us)} · {f.bytes(data.size_bytes)}
          </>
        )
      }
    >
      {error && !data ? (
        <Failed error={error} retry={() => refetch()} compact />
      ) : data ? (
        <Letter letter={data} mayEdit={mayEdit && data.replayed_us === null} onClose={onClose} />
      ) : (
        <Loading>
          <Skeleton height="64px" radius="8px" />
          <div style={{ height: 16 }} />
          <Skeleton height="360px" radius="8px" />
        </Loading>
      )}
    </Drawer>
  )
}

const problemOf = ({ code, message, remedy, where }: Verdict): Problem => ({
  code,
  severity: 'error',
  message,
  remedy,
  where,
})

function Letter({ letter, mayEdit, onClose }: { letter: DeadLetterWhole; mayEdit: boolean; onClose: () => void }) {
  const { t } = useLingui()
  const f = useFormat()
  const queries = useQueryClient()
  const [text, setText] = useState(() => readable(letter.raw))
  const [isSure, setSure] = useState(false)
  const isChanged = text !== readable(letter.raw)
  const fault = isChanged ? jsonFault(text) : null
  const done = () => {
    void queries.invalidateQueries()
    onClose()
  }
  const replay = useMutation({
    mutationFn: () => replayLetter(letter.id, isChanged ? text : undefined),
    onSuccess: ({ n_events }) => {
      toast({ text: n_events === 1 ? t`The event is accepted` : t`${f.whole(n_events)} events accepted` })
      done()
    },
  })
  const remove = useMutation({
    mutationFn: () => deleteLetter(letter.id),
    onSuccess: () => {
      toast({ text: t`The dead letter is gone` })
      done()
    },
    onError: toastProblem,
  })
  // A change may have mended it: then the old reasons are the old text's.
  const problems = replay.error ? problemsIn(replay.error) : letter.verdicts.map(problemOf)
  return (
    <div className={styles.letter}>
      {letter.replayed_us !== null ? (
        <p className={styles.letterNote}>
          <Trans>It was replayed {f.ago(letter.replayed_us)}; its events are in the store.</Trans>
        </p>
      ) : problems.length > 0 ? (
        <Problems problems={problems} live={Boolean(replay.error)} />
      ) : letter.cut ? null : (
        <p className={styles.letterNote}>
          <Trans>As things are now it would be accepted. Replay it.</Trans>
        </p>
      )}
      {letter.cut && (
        <p className="soft">
          <Trans>It was so long that only its beginning was kept. Make it whole before it is replayed.</Trans>
        </p>
      )}
      {!letter.cut && !letter.exact && (
        <p className="soft">
          <Trans>Some of its bytes are no UTF-8 and stand here as �.</Trans>
        </p>
      )}
      <TextField
        label={mayEdit ? t`What came; mend it here` : t`What came`}
        value={text}
        onChange={(next) => {
          setText(next)
          if (replay.error) replay.reset()
        }}
        code
        lines={14}
        isReadOnly={!mayEdit}
        spellCheck="false"
        error={fault ? t`No JSON from line ${fault.line}, column ${fault.column} on` : null}
      />
      <div className={styles.lettersTools}>
        <CopyButton text={text} />
        {isChanged && (
          <Button size="s" variant="quiet" onPress={() => setText(readable(letter.raw))}>
            <Trans>As it came</Trans>
          </Button>
        )}
        <span className={styles.spread} />
        {mayEdit &&
          (isSure ? (
            <>
              <span role="alert">
                <Trans>It is gone for good then.</Trans>
              </span>
              <Button onPress={() => setSure(false)}>
                <Trans>Keep it</Trans>
              </Button>
              <Button variant="danger" autoFocus onPress={() => remove.mutate()} isPending={remove.isPending}>
                <Trans>Delete for good</Trans>
              </Button>
            </>
          ) : (
            <>
              <Button variant="danger" onPress={() => setSure(true)}>
                <Trans>Delete</Trans>
              </Button>
              <Button
                variant="primary"
                onPress={() => replay.mutate()}
                isPending={replay.isPending}
                isDisabled={fault !== null || (letter.cut && !isChanged)}
              >
                {isChanged ? t`Replay as mended` : t`Replay`}
              </Button>
            </>
          ))}
      </div>
    </div>
  )
}
