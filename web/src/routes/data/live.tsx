import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { type IngestView, ingestView, type LogState } from '~/lib/api/ingest'
import type { Problem } from '~/lib/api/types'
import { ratePerMinute } from '~/lib/ingest/letters'
import { cx, Failed, Loading, Problems, Skeleton, Tag } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './intake.module.css'
import { MinuteChart } from './minute-chart'

/** What comes in at this moment, and whether it can. */
export function Live() {
  const { data, error, refetch } = useQuery(ingestView)
  if (error && !data) return <Failed error={error} retry={() => refetch()} compact />
  if (!data)
    return (
      <Loading>
        <Skeleton height="226px" radius="12px" />
      </Loading>
    )
  return <LiveCard view={data} isLost={Boolean(error)} />
}

function LiveCard({ view, isLost }: { view: IngestView; isLost: boolean }) {
  const { t } = useLingui()
  const f = useFormat()
  const trouble = useTrouble(view.log.state)
  const rate = ratePerMinute(view.minutes)
  return (
    <div className={cx('card', styles.live)}>
      <div className={styles.liveHead}>
        {view.log.state === 'ok' ? (
          <Tag tone="good">{t`taking events`}</Tag>
        ) : (
          <Tag tone="bad">
            {view.log.state === 'overloaded' ? t`overloaded` : view.log.state === 'full' ? t`disk full` : t`stopped`}
          </Tag>
        )}
        {isLost && <Tag tone="guess">{t`not up to date`}</Tag>}
        <span className={styles.since} title={f.moment(view.since_us)}>
          <Trans>counted since the server started, {f.ago(view.since_us)}</Trans>
        </span>
      </div>
      {trouble && <Problems problems={[trouble]} live />}
      <div className={styles.liveBody}>
        <dl className={styles.figures}>
          <Fact label={t`per minute`} note={t`mean of the last 5 minutes`} isMain>
            {rate > 0 && rate < 10 ? f.whole(rate, 1) : f.whole(Math.round(rate))}
          </Fact>
          <Fact label={t`received`}>{f.whole(view.n_received)}</Fact>
          <Fact label={t`accepted`}>{f.whole(view.n_accepted)}</Fact>
          <Fact label={t`rejected`} isBad={view.n_rejected > 0}>
            {view.n_rejected > 0 ? <Link to="/data/dead-letters">{f.whole(view.n_rejected)}</Link> : f.whole(0)}
          </Fact>
          <Fact label={t`waiting to be sorted`} note={t`stored already, and in every answer`}>
            {f.whole(view.log.tail_rows)}
          </Fact>
          <Fact
            label={t`log on disk`}
            note={
              view.log.last_append_us === null ? t`nothing written yet` : t`written ${f.ago(view.log.last_append_us)}`
            }
          >
            {f.bytes(view.log.size_bytes)}
          </Fact>
        </dl>
        <MinuteChart minutes={view.minutes} />
      </div>
    </div>
  )
}

function Fact({
  label,
  note,
  isMain,
  isBad,
  children,
}: {
  label: string
  note?: string
  isMain?: boolean
  isBad?: boolean
  children: ReactNode
}) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className={cx(isMain && styles.main, isBad && styles.bad)}>{children}</dd>
      {note && <dd className={styles.factNote}>{note}</dd>}
    </div>
  )
}

/** What it means that the log does not take events, and what to do. */
function useTrouble(state: LogState): Problem | null {
  const { t } = useLingui()
  const problem = (message: string, remedy: string): Problem => ({
    code: `ingest.${state}`,
    severity: state === 'overloaded' ? 'warning' : 'error',
    message,
    remedy,
  })
  switch (state) {
    case 'full':
      return problem(
        t`The disk is full: no event is taken. Everything stored is there, and questions are answered.`,
        t`Make room on the disk of the data folder; taking events goes on by itself. Senders are told to try again, so that nothing is lost while they keep it.`,
      )
    case 'overloaded':
      return problem(
        t`More comes than can be put in order: senders are asked to wait a second.`,
        t`This usually passes by itself. If it stays, send in larger batches, or move the data folder to a faster disk.`,
      )
    case 'stopped':
      return problem(
        t`The disk did not keep what was written: the server stops taking events and ends.`,
        t`Look into the server log and check the disk, then start the server again. What was acknowledged is on disk.`,
      )
    default:
      return null
  }
}
