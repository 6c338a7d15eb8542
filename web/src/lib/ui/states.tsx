import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { problemsIn } from '../api/client'
import type { Problem } from '../api/types'
import { usePrefs } from '../prefs'
import { say } from '../text'
import { Button } from './button'
import { cx } from './class-names'
import { Icon, type IconName } from './icon'
import styles from './states.module.css'

export interface EmptyProps {
  icon?: IconName
  title: ReactNode
  children?: ReactNode
  actions?: ReactNode
  /** Inside a card or drawer rather than in place of a page. */
  compact?: boolean
}

/** Nothing here: what would be, and the one thing to do. */
export function Empty({ icon, title, children, actions, compact }: EmptyProps) {
  return (
    <div className={cx(styles.empty, compact && styles.compact)}>
      {icon && (
        <span className={styles.icon}>
          <Icon name={icon} size={compact ? 20 : 26} />
        </span>
      )}
      <h2>{title}</h2>
      {children && <div className={styles.text}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  )
}

/**
 * What went wrong, where, and how to mend it: one line for each problem. `live` reads it aloud when it appears, as after
 * something the reader did.
 */
export function Problems({ problems, live }: { problems: Problem[]; live?: boolean }) {
  const { lang } = usePrefs()
  const { t } = useLingui()
  if (problems.length === 0) return null
  return (
    <div role={live ? 'alert' : undefined}>
      <ul className={styles.problems}>
        {problems.map((problem, index) => {
          const { line, path, file } = problem.where ?? {}
          const where = [file, line !== undefined && t`line ${line}`, path].filter(Boolean).join(' · ')
          return (
            <li key={index} className={cx(styles.problem, problem.severity === 'warning' && styles.warning)}>
              <Icon name="warn" />
              <div>
                <p>{say(problem.message, lang)}</p>
                <p className="soft">{say(problem.remedy, lang)}</p>
                {where && <p className={styles.where}>{where}</p>}
              </div>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

/** In place of what could not be loaded: the reason, what to do, and another try. */
export function Failed({ error, retry, compact }: { error: unknown; retry?: () => void; compact?: boolean }) {
  return (
    <div role="alert" className={cx(styles.empty, compact && styles.compact)}>
      <h2>
        <Trans>This could not be loaded</Trans>
      </h2>
      <div className={styles.failed}>
        <Problems problems={problemsIn(error)} />
      </div>
      {retry && (
        <div className={styles.actions}>
          <Button onPress={retry}>
            <Trans>Try again</Trans>
          </Button>
        </div>
      )}
    </div>
  )
}

/** A grey shape in the place and size of what is loading. Sizes are CSS lengths. */
export function Skeleton({
  width = '100%',
  height = '1em',
  radius,
}: {
  width?: string
  height?: string
  radius?: string
}) {
  return <span aria-hidden="true" className={styles.skeleton} style={{ width, height, borderRadius: radius }} />
}

/** Skeleton content that says "loading" once to screen readers. */
export function Loading({ children }: { children: ReactNode }) {
  return (
    <div role="status" aria-busy="true">
      <span className="sr-only">
        <Trans>Loading</Trans>
      </span>
      {children}
    </div>
  )
}
