import { Plural, Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import type { MapSearch } from '~/lib/map/address'
import type { Standing } from '~/lib/map/arrange'
import type { Card, Lane, MapView } from '~/lib/map/types'
import { Button, Icon, LinkButton, Problems } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './notices.module.css'

/** Why the numbers are not there, or not yet to be read; and what to do about it. */
export function StandingNotice({
  standing,
  view,
  onSearch,
}: {
  standing: Standing
  view: MapView
  onSearch: (search: MapSearch) => void
}) {
  const f = useFormat()
  if (standing === 'fine') return null
  const count = f.whole(view.facts.find((fact) => fact.key === 'people')?.figure.value)
  return (
    <div className={styles.notice} data-tone={standing === 'thin' ? 'guess' : undefined}>
      <Icon name="info" />
      <div className={styles.text}>
        {standing === 'no_events' && (
          <>
            <p>
              <b>
                <Trans>There are no events yet.</Trans>
              </b>
            </p>
            <p className="soft">
              <Trans>Write the cards now; the numbers fill in once customer data is imported.</Trans>
            </p>
          </>
        )}
        {standing === 'nobody' && (
          <>
            <p>
              <b>
                <Trans>Nobody began this journey in the period, among the people chosen.</Trans>
              </b>
            </p>
            <p className="soft">
              <Trans>Choose a longer period or everybody.</Trans>
            </p>
          </>
        )}
        {standing === 'thin' && (
          <p>
            <b>
              <Trans>n {count}: too early to judge.</Trans>
            </b>{' '}
            <span className="soft">
              <Trans>With so few people every share may be chance. Read the map, but do not act on it yet.</Trans>
            </span>
          </p>
        )}
      </div>
      <div className={styles.actions}>
        {standing === 'no_events' && (
          <LinkButton to="/data/sources" size="s" variant="primary">
            <Trans>Import data</Trans>
          </LinkButton>
        )}
        {standing !== 'no_events' && (
          <Button size="s" onPress={() => onSearch({ period: 'all' })}>
            <Trans>Everybody, all time</Trans>
          </Button>
        )}
      </div>
    </div>
  )
}

/** What to know before trusting the numbers; the first in a line, all on demand. */
export function Warnings({ view }: { view: MapView }) {
  const f = useFormat()
  // How few there are is said by the notice above.
  const warnings = view.about.warnings.filter((warning) => warning.code !== 'map.thin')
  const [first] = warnings
  if (!first) return null
  return (
    <details className={styles.warnings}>
      <summary>
        <Icon name="info" size={14} />
        <span>
          {f.say(first.message)}{' '}
          {warnings.length > 1 && (
            <span className="soft">
              <Plural value={warnings.length - 1} one="and # more" other="and # more" />
            </span>
          )}
        </span>
        <Icon name="down" size={12} />
      </summary>
      <Problems problems={warnings} />
    </details>
  )
}

/** Cards that stand in stages which the journey no longer has: kept, and shown, until somebody deletes them. */
export function StrayNotice({
  stray,
  onRemove,
}: {
  stray: { lane: Lane; card: Card }[]
  onRemove: (id: string) => void
}) {
  const f = useFormat()
  if (stray.length === 0) return null
  return (
    <div className={styles.notice} data-tone="guess">
      <Icon name="warn" />
      <div className={styles.text}>
        <p>
          <b>
            <Plural
              value={stray.length}
              one="# card stands in a stage that the journey no longer has."
              other="# cards stand in stages that the journey no longer has."
            />
          </b>
        </p>
        <ul className={styles.stray}>
          {stray.map(({ card }) => (
            <li key={card.id}>
              {f.say(card.text)} <span className="soft">({card.stage})</span>{' '}
              <Button size="s" variant="quiet" onPress={() => onRemove(card.id)}>
                <Trans>Delete</Trans>
              </Button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

/** What the map rests on, at its foot. */
export function MapFoot({
  view,
  author,
  changed_us,
}: {
  view: MapView
  author: string | undefined
  changed_us: number
}) {
  const f = useFormat()
  const people = f.whole(view.about.n_people)
  const events = f.whole(view.about.n_events)
  return (
    <footer className={styles.foot}>
      <span>
        <Trans>
          Data: {people} people · {events} events · up to {f.moment(view.about.as_of_us)} ·{' '}
          <Link to="/data/sources" className={styles.link}>
            sources
          </Link>
        </Trans>
        <span data-print="hide">
          {' · '}
          <Trans>press any number for its definition and its people</Trans>
        </span>
      </span>
      <span>
        <Trans>last changed {f.ago(changed_us)}</Trans>
        {author && ` · ${author}`}
      </span>
    </footer>
  )
}
