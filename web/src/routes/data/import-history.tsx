import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { cancelImport, importList, rejectsUrl } from '~/lib/api/queries'
import type { ImportView } from '~/lib/api/types'
import {
  Button,
  cx,
  Empty,
  Failed,
  Icon,
  Loading,
  Problems,
  Progress,
  Skeleton,
  Tag,
  toast,
  toastProblem,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './data.module.css'

/** All imports, the running ones with their progress; when one ends, every number of the app is asked again. */
export function ImportHistory() {
  const { t } = useLingui()
  const f = useFormat()
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery(importList)
  const running = useRef(new Set<string>())
  useEffect(() => {
    for (const one of data ?? []) {
      if (one.state === 'running') running.current.add(one.id)
      else if (running.current.delete(one.id)) {
        void queries.invalidateQueries({
          predicate: (query) => query.queryKey[0] !== 'imports' && query.queryKey[0] !== 'preview',
        })
        if (one.state === 'done') toast({ text: t`${one.file}: ${f.whole(one.n_added)} events added.` })
      }
    }
  }, [data, queries, t, f])
  if (error && !data) return <Failed error={error} retry={() => refetch()} compact />
  if (!data)
    return (
      <Loading>
        <Skeleton height="120px" radius="12px" />
      </Loading>
    )
  if (data.length === 0)
    return (
      <div className="card">
        <Empty compact icon="data" title={<Trans>Nothing was imported yet</Trans>}>
          <Trans>
            Each import stays listed here with what was added, what was there already and what was refused, and why.
          </Trans>
        </Empty>
      </div>
    )
  return (
    <ul className={cx('card', styles.imports)}>
      {data.map((one) => (
        <ImportRow key={one.id} one={one} />
      ))}
    </ul>
  )
}

function ImportRow({ one }: { one: ImportView }) {
  const f = useFormat()
  const { t } = useLingui()
  const queries = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => cancelImport(one.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: importList.queryKey }),
    onError: toastProblem,
  })
  const isRunning = one.state === 'running'
  const took = one.ended_us != null ? one.ended_us - one.started_us : null
  return (
    <li className={styles.import}>
      <div className={styles.importHead}>
        <b>{one.file}</b>
        {one.state === 'done' && <Tag tone="good">{t`done`}</Tag>}
        {one.state === 'failed' && <Tag tone="bad">{t`failed`}</Tag>}
        {one.state === 'cancelled' && <Tag>{t`stopped`}</Tag>}
        {isRunning && <Tag tone="real">{t`at work`}</Tag>}
        <span className="faint small">{one.mapping}</span>
        <span className={styles.importWhen} title={f.moment(one.started_us)}>
          {f.ago(one.started_us)}
          {took !== null && took > 0 && ` · ${f.duration(took)}`}
        </span>
      </div>
      {isRunning && (
        <div className={styles.importProgress}>
          <Progress
            label={t`Import of ${one.file}`}
            share={one.bytes_total > 0 ? one.bytes_read / one.bytes_total : null}
          />
          <span className="soft small">
            {f.bytes(one.bytes_read)} / {f.bytes(one.bytes_total)} ·{' '}
            <Plural value={one.n_rows} one="# row" other="# rows" />
          </span>
          <Button size="s" onPress={() => cancel.mutate()} isPending={cancel.isPending}>
            <Trans>Stop</Trans>
          </Button>
        </div>
      )}
      {(!isRunning || one.n_added > 0) && (
        <div className={styles.counts}>
          <dl className={styles.counts}>
            <Count label={t`rows`} n={one.n_rows} />
            <Count label={t`added`} n={one.n_added} isMain />
            <Count label={t`there already`} n={one.n_duplicates} />
            <Count label={t`refused`} n={one.n_rejected} isBad={one.n_rejected > 0} />
            {one.n_skipped > 0 && <Count label={t`left out by rule`} n={one.n_skipped} />}
          </dl>
          {one.has_rejects && (
            <a href={rejectsUrl(one.id)} download className={styles.rejects}>
              <Icon name="download" size={14} />
              rejects.csv
            </a>
          )}
        </div>
      )}
      {one.warnings.length > 0 && <Problems problems={one.warnings} />}
      {one.problem && <Problems problems={[one.problem]} />}
    </li>
  )
}

function Count({ label, n, isMain, isBad }: { label: string; n: number; isMain?: boolean; isBad?: boolean }) {
  const f = useFormat()
  return (
    <div className={styles.count}>
      <dt>{label}</dt>
      <dd className={cx(isMain && styles.main, isBad && styles.bad)}>{f.whole(n)}</dd>
    </div>
  )
}
