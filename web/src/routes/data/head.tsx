import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { PageHead } from '~/lib/ui'
import styles from './data.module.css'

/** The head of the data room, with the way between its pages. */
export function DataHead({ title, tools }: { title: string; tools?: ReactNode }) {
  const { t } = useLingui()
  return (
    <>
      <PageHead crumb={t`Data`} title={title} tools={tools} />
      <nav className={styles.tabs} aria-label={t`Data`} data-print="hide">
        <Link to="/data/sources" className={styles.tab} activeProps={{ 'aria-current': 'page' }}>
          <Trans>Sources</Trans>
        </Link>
        <Link to="/data/events" className={styles.tab} activeProps={{ 'aria-current': 'page' }}>
          <Trans>Events</Trans>
        </Link>
      </nav>
    </>
  )
}
