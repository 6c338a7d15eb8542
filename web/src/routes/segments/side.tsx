import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { headCount } from '~/lib/api/queries'
import type { SegmentBody } from '~/lib/segment/save'
import { cx, Failed, Icon, LinkButton, Skeleton } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import side from '../journey-editor/side.module.css'
import { useWriting } from './context'
import styles from './segments.module.css'
import { useUses } from './use-uses'

/** Beside the form: how many people the segment has, its rule in words, and where it is used. */
export function Side({ body, version, isDirty }: { body: SegmentBody; version: number; isDirty: boolean }) {
  const { t } = useLingui()
  const { words } = useWriting()
  return (
    <aside className={cx(side.side, styles.side)} aria-label={t`Who is in it`}>
      <div className={styles.top}>
        <h2>
          <Trans>Who is in it</Trans>
        </h2>
        {version > 0 ? (
          <Count segment={body.key} version={version} isDirty={isDirty} />
        ) : (
          <p className="soft small" role="status">
            <Trans>Save to count the people.</Trans>
          </p>
        )}
      </div>
      <section className={styles.part} aria-label={t`In words`}>
        <h3>
          <Trans>In words</Trans>
        </h3>
        <p className={styles.inWords}>{words(body.rule)}</p>
      </section>
      {version > 0 && <Uses segment={body.key} />}
    </aside>
  )
}

/** The people of the segment as it is stored, and their share of everybody. */
function Count({ segment, version, isDirty }: { segment: string; version: number; isDirty: boolean }) {
  const f = useFormat()
  const own = useQuery(headCount({ select: 'segment', segment }, version))
  const all = useQuery(headCount({ select: 'everybody' }))
  const n = own.data
  const share = n !== undefined && all.data ? n / all.data : null
  return (
    <>
      <div role="status" aria-busy={own.isPending}>
        <p className="soft small">
          {isDirty ? (
            <Trans>As saved in version {version}. Save to count your changes.</Trans>
          ) : (
            <Trans>All data, version {version}.</Trans>
          )}
        </p>
        {n === undefined ? (
          own.isPending && <Skeleton width="140px" height="28px" />
        ) : (
          <p className={styles.count} data-stale={isDirty || undefined}>
            <b>{f.whole(n)}</b> <Plural value={n} one="person" other="people" />
            {share !== null && (
              <span className="soft">
                {' · '}
                <Trans>{f.percent(share)} of everybody</Trans>
              </span>
            )}
          </p>
        )}
      </div>
      {own.error && <Failed error={own.error} retry={() => void own.refetch()} compact />}
      {share !== null && (
        <span className={side.bar} aria-hidden="true">
          <span className={side.barFill} style={{ width: `${share * 100}%`, background: 'var(--real)' }} />
        </span>
      )}
      {n !== undefined && n > 0 && (
        <div>
          <LinkButton to="/people" search={{ segment }} size="s">
            <Icon name="people" />
            <Trans>See the people</Trans>
          </LinkButton>
        </div>
      )}
    </>
  )
}

function Uses({ segment }: { segment: string }) {
  const { t } = useLingui()
  const uses = useUses()(segment)
  return (
    <section className={styles.part} aria-label={t`Used in`}>
      <h3>
        <Trans>Used in</Trans>
      </h3>
      {uses?.length === 0 && (
        <p className="soft small">
          <Trans>Nothing yet. Choose it at the head of any question or map.</Trans>
        </p>
      )}
      <ul>
        {(uses ?? []).map((use) => (
          <li key={`${use.kind}${use.key}`} className={styles.use}>
            <span className="soft">{use.kind}</span> {use.link ? <Link {...use.link}>{use.name}</Link> : use.name}
          </li>
        ))}
      </ul>
    </section>
  )
}
