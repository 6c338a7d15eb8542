import { Plural, Trans, useLingui } from '@lingui/react/macro'
import type { UseQueryResult } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { problemsIn } from '~/lib/api/client'
import { ROWS_MAX, type SqlResult } from '~/lib/api/sql'
import type { Problem } from '~/lib/api/types'
import type { Example } from '~/lib/sql/examples'
import { type Fault, shortReason } from '~/lib/sql/fault'
import { Button, cx, Empty, Icon, Problems, Progress, useShareRead, useSlow } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { DownloadMenu } from './download'
import { Grid } from './grid'
import { useExampleNames } from './side'
import styles from './sql.module.css'

interface ResultProps {
  /** What the answer is of; `undefined` before anything was run. */
  query: string | undefined
  limit: number
  answer: UseQueryResult<SqlResult>
  fault: Fault | null
  examples: Example[] | undefined
  onRun: (query: string) => void
  onMore: () => void
  onCancel: () => void
  onGoTo: (fault: Fault) => void
  onMend: (fault: Fault) => void
  problemId: string
}

/** Under the editor: what came of the query. */
export function Result(props: ResultProps) {
  const { query, limit, answer, fault, examples, onRun, onMore, onCancel, onGoTo, onMend, problemId } = props
  const { t } = useLingui()
  const f = useFormat()
  const isRunning = answer.isFetching
  const data = answer.data
  if (query === undefined) return <Idle examples={examples} onRun={onRun} />
  return (
    <section className={cx('card', styles.result)} aria-label={t`Answer`}>
      <div className={styles.line}>
        {isRunning ? (
          <Running onCancel={onCancel} />
        ) : (
          <p role="status" className={styles.facts}>
            {answer.error ? (
              <span className={styles.bad}>
                <Trans>The query did not run</Trans>
              </span>
            ) : data ? (
              <>
                <b>
                  <Plural value={data.rows.length} one="# row" other="# rows" />
                </b>
                {data.truncated && <span className={styles.cut}>{t`cut: there are more`}</span>}
                <span className="soft">
                  <Plural value={data.columns.length} one="# column" other="# columns" />
                </span>
                <span className="soft">{f.duration(data.took_ms * 1000)}</span>
                <span className="faint" title={f.moment(answer.dataUpdatedAt * 1000)}>
                  {f.ago(answer.dataUpdatedAt * 1000)}
                </span>
              </>
            ) : (
              <Trans>Stopped</Trans>
            )}
          </p>
        )}
        {data && !answer.error && (
          <div className={styles.lineTools}>
            {data.truncated && limit < ROWS_MAX && !isRunning && (
              <Button size="s" onPress={onMore}>
                <Trans>Show up to {f.whole(ROWS_MAX)}</Trans>
              </Button>
            )}
            <DownloadMenu query={query} isDisabled={isRunning || data.columns.length === 0} />
          </div>
        )}
      </div>
      {answer.error && !isRunning ? (
        <div id={problemId} className={styles.problem}>
          <Problems problems={shown(problemsIn(answer.error))} live />
          {fault && (
            <div className={styles.mend}>
              <Button size="s" onPress={() => onGoTo(fault)}>
                <Trans>Go to the place</Trans>
              </Button>
              {fault.meant && (
                <Button size="s" onPress={() => onMend(fault)}>
                  <Trans>Put {fault.meant} there</Trans>
                </Button>
              )}
            </div>
          )}
        </div>
      ) : data && data.rows.length > 0 ? (
        <Grid key={answer.dataUpdatedAt} columns={data.columns} rows={data.rows} isStale={isRunning} />
      ) : data ? (
        <Empty compact icon="search" title={<Trans>The query ran and found no rows</Trans>}>
          <Trans>
            A narrower condition than the data has, or names written otherwise: event names keep their case.
          </Trans>
        </Empty>
      ) : isRunning ? (
        <div className={styles.blank} />
      ) : (
        <Empty compact title={<Trans>The query was stopped</Trans>}>
          <Trans>Nothing was changed. Run it again, or ask for less.</Trans>
        </Empty>
      )}
    </section>
  )
}

/** The list of every column there is would hide the reason; the side of the page shows it. */
const shown = (problems: Problem[]): Problem[] =>
  problems.map((problem) =>
    typeof problem.message === 'string'
      ? problem
      : { ...problem, message: { ko: shortReason(problem.message.ko), en: shortReason(problem.message.en) } },
  )

/** How long it has run by now, how much it has read, and the way to stop it. */
function Running({ onCancel }: { onCancel: () => void }) {
  const { t } = useLingui()
  const f = useFormat()
  const [start] = useState(() => performance.now())
  const [now, setNow] = useState(start)
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 100)
    return () => clearInterval(timer)
  }, [])
  const took_ms = now - start
  const share = useShareRead(useSlow(true))
  // When all is read, it is sorted, joined or grouped for a time that nobody knows.
  const known = share === 1 ? null : share
  return (
    <div className={styles.running}>
      <span className="sr-only" role="status">
        <Trans>The query runs</Trans>
      </span>
      <div className={styles.progress}>
        <Progress label={t`The query runs`} share={known} />
      </div>
      <span className="soft small" aria-hidden="true">
        {took_ms < 300 ? '' : f.duration(Math.round(took_ms / 100) * 100_000)}
      </span>
      <Button size="s" onPress={onCancel}>
        <Trans>Cancel</Trans>
        <kbd className={styles.key}>esc</kbd>
      </Button>
    </div>
  )
}

function Idle({ examples, onRun }: { examples: Example[] | undefined; onRun: (query: string) => void }) {
  const names = useExampleNames()
  return (
    <section className={cx('card', styles.result, styles.idle)}>
      <Empty
        compact
        icon="table"
        title={<Trans>Ask anything of your events</Trans>}
        actions={examples?.slice(0, 4).map((example) => (
          <Button key={example.key} size="s" onPress={() => onRun(example.query)}>
            <Icon name="play" size={12} />
            {names[example.key].name}
          </Button>
        ))}
      >
        <Trans>The answer stands here as a table. Queries only read: nothing can be changed or broken by one.</Trans>
      </Empty>
    </section>
  )
}
