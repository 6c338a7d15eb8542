import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import { headCount } from '~/lib/api/queries'
import { equal } from '~/lib/draft'
import { askedPersonRule } from '~/lib/segment/asked'
import type { SegmentBody } from '~/lib/segment/save'
import type { PersonRule } from '~/lib/segment/words'
import { cx, Failed, Icon, LinkButton, Skeleton } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import side from '../journey-editor/side.module.css'
import { useWriting } from './context'
import styles from './segments.module.css'
import { useUses } from './use-uses'

/** Beside the form: how many people the rule has, that rule in words, and where it is used. */
export function Side({ body, version, isDirty }: { body: SegmentBody; version: number; isDirty: boolean }) {
  const { t } = useLingui()
  const { words } = useWriting()
  return (
    <aside className={cx(side.side, styles.side)} aria-label={t`Who is in it`}>
      <div className={styles.top}>
        <h2>
          <Trans>Who is in it</Trans>
        </h2>
        <Count rule={body.rule} stored={version > 0 && !isDirty ? body.key : null} />
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

/** How long writing rests before it is counted, milliseconds. */
const REST_MS = 300

/** A value once it has stayed the same for a while. */
function useRested<Value>(value: Value): Value {
  const [rested, setRested] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS)
    return () => clearTimeout(timer)
  }, [value])
  return rested
}

/** The people the rule has as it is written, and their share of everybody. */
function Count({ rule, stored }: { rule: PersonRule; stored: string | null }) {
  const f = useFormat()
  const rested = useRested(rule)
  const said = useMemo(() => askedPersonRule(rested), [rested])
  const asked = said ?? { all: [] }
  const own = useQuery({ ...headCount({ select: 'rule', rule: asked }), placeholderData: keepPreviousData })
  const all = useQuery(headCount({ select: 'everybody' }))
  // A count that fails leaves the one before it.
  const [last, setLast] = useState<number>()
  if (own.data !== undefined && own.data !== last) setLast(own.data)
  const n = own.data ?? last
  const isBehind = own.isPlaceholderData || rested !== rule || own.error !== null
  const share = n !== undefined && all.data ? n / all.data : null
  return (
    <>
      <div role="status" aria-busy={own.isFetching}>
        {n === undefined ? (
          own.isPending && <Skeleton width="140px" height="28px" />
        ) : (
          <p className={styles.count} data-stale={isBehind || undefined}>
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
      {share !== null && (
        <span className={side.bar} aria-hidden="true">
          <span className={side.barFill} style={{ width: `${share * 100}%`, background: 'var(--real)' }} />
        </span>
      )}
      <p className="soft small">
        {equal(said, rested) ? (
          <Trans>All data, counted as you write.</Trans>
        ) : (
          <Trans>All data. Conditions that are not finished do not count yet.</Trans>
        )}
      </p>
      {own.error && <Failed error={own.error} retry={() => void own.refetch()} compact />}
      {stored !== null && n !== undefined && n > 0 && (
        <div>
          <LinkButton to="/people" search={{ segment: stored }} size="s">
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
