import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { askProgress } from '../api/queries'
import { useFormat } from '../use-format'
import { Button } from './button'
import { Progress } from './marks'
import styles from './working.module.css'

/** How long an answer may take before the reader is told how far it is, milliseconds. */
const SLOW_MS = 1_000

/** Whether something is on its way for longer than a reader waits without a word. */
export function useSlow(isFetching: boolean): boolean {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    if (!isFetching) {
      setSlow(false)
      return
    }
    const timer = setTimeout(() => setSlow(true), SLOW_MS)
    return () => clearTimeout(timer)
  }, [isFetching])
  return slow
}

/** The share of the events of the reader's questions that is read, 0 to 1; `null` while that is not known. */
export function useShareRead(isAsked: boolean): number | null {
  const { data } = useQuery({ ...askProgress, enabled: isAsked })
  return isAsked && data && data.n_buckets > 0 ? data.n_done / data.n_buckets : null
}

/** How far the reader's questions are, and the way to stop them. Only what changes rarely is read aloud. */
export function Working({ stop }: { stop?: () => void }) {
  const { t } = useLingui()
  const f = useFormat()
  const share = useShareRead(true)
  return (
    <div className={styles.working}>
      <p role="status">
        <Trans>Still reading events</Trans>
      </p>
      <div className={styles.bar}>
        <Progress label={t`Events read so far`} share={share} />
        <span className={styles.share}>{share === null ? '' : f.percent(share, 0)}</span>
      </div>
      {stop && (
        <Button size="s" onPress={stop}>
          <Trans>Stop</Trans>
        </Button>
      )}
    </div>
  )
}
