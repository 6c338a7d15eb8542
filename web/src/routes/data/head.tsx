import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { deadLetterCounts } from '~/lib/api/ingest'
import { PageHead } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './data.module.css'

/** The head of the data room, with the way between its pages. */
export function DataHead({ title, tools }: { title: string; tools?: ReactNode }) {
  const { t } = useLingui()
  const f = useFormat()
  const n_waiting = (useQuery(deadLetterCounts).data ?? []).reduce((sum, one) => sum + one.n_waiting, 0)
  return (
    <>
      <PageHead crumb={t`Data`} title={title} tools={tools} />
      <nav className={styles.tabs} aria-label={t`Data`} data-print="hide">
        <Link to="/data/sources" className={styles.tab} activeProps={{ 'aria-current': 'page' }}>
          <Trans>Sources</Trans>
        </Link>
        <Link to="/data/dead-letters" className={styles.tab} activeProps={{ 'aria-current': 'page' }}>
          <Trans>Dead letters</Trans>
          {n_waiting > 0 && (
            <span className={styles.tabCount}>
              {f.short(n_waiting)} <span className="sr-only">{t`waiting`}</span>
            </span>
          )}
        </Link>
        <Link to="/data/events" className={styles.tab} activeProps={{ 'aria-current': 'page' }}>
          <Trans>Events</Trans>
        </Link>
      </nav>
    </>
  )
}
