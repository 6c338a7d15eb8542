import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components'
import { authState, timeline, useWorkspace } from '~/lib/api/queries'
import type { PersonView, TimelineEvent } from '~/lib/api/types'
import {
  Button,
  ChannelMark,
  channelColor,
  cx,
  Empty,
  Failed,
  Icon,
  IconButton,
  Loading,
  Menu,
  MenuItem,
  MenuTrigger,
  Page,
  PageHead,
  personLabel,
  Skeleton,
  Tag,
  valueText,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { EraseDialog } from './erase'
import { Identity } from './identity'
import styles from './people.module.css'
import { byDay } from './timeline'
import { useExport } from './use-export'

const NO_CHANNEL = '—'

export function PersonPage() {
  const { person } = useParams({ from: '/frame/people/$person' })
  const { t } = useLingui()
  const pages = useInfiniteQuery(timeline(person))
  const first = pages.data?.pages[0]?.person
  const label = first ? personLabel(first) : null
  const role = useQuery(authState).data?.user?.role
  const mayEdit = role === 'owner' || role === 'editor'
  return (
    <Page>
      <PageHead
        crumb={
          <Link to="/people">
            <Trans>People</Trans>
          </Link>
        }
        title={label ? (label.name ?? t`Anonymous ${label.id.slice(0, 12)}`) : '…'}
        note={first && !first.user_id && <Tag>{t`not known yet`}</Tag>}
        tools={first && mayEdit && <PersonMenu person={first} isOwner={role === 'owner'} />}
      />
      {pages.error && !pages.data ? (
        <Failed error={pages.error} retry={() => pages.refetch()} />
      ) : !pages.data || !first ? (
        <PersonLoading />
      ) : (
        <div className={styles.columns}>
          <div className={styles.side}>
            <Profile person={first} />
            {mayEdit && <Identity person={first} />}
          </div>
          <Timeline
            events={pages.data.pages.flatMap((page) => page.events)}
            more={pages.hasNextPage}
            isLoading={pages.isFetchingNextPage}
            onMore={() => pages.fetchNextPage()}
          />
        </div>
      )}
    </Page>
  )
}

/** What can be done with all that is stored about a person. */
function PersonMenu({ person, isOwner }: { person: PersonView; isOwner: boolean }) {
  const { t } = useLingui()
  const save = useExport(person.person)
  const [isErasing, setErasing] = useState(false)
  return (
    <>
      <Button onPress={() => save.mutate()} isPending={save.isPending}>
        <Icon name="download" />
        <Trans>Export</Trans>
      </Button>
      {isOwner && (
        <MenuTrigger>
          <IconButton label={t`More`} variant="plain">
            <Icon name="more" />
          </IconButton>
          <Menu aria-label={t`More`}>
            <MenuItem icon="trash" danger onAction={() => setErasing(true)}>
              {t`Erase this person`}
            </MenuItem>
          </Menu>
        </MenuTrigger>
      )}
      {isErasing && <EraseDialog person={person} onClose={() => setErasing(false)} />}
    </>
  )
}

function Profile({ person }: { person: PersonView }) {
  const f = useFormat()
  const traits = Object.entries(person.traits)
  return (
    <section className={`card ${styles.profile}`}>
      <dl className={styles.sums}>
        <div>
          <dt>
            <Trans>Events</Trans>
          </dt>
          <dd>{f.whole(person.n_events)}</dd>
        </div>
        <div>
          <dt>
            <Trans>Amount</Trans>
          </dt>
          <dd>{f.money(Math.round(person.amount))}</dd>
        </div>
        <div>
          <dt>
            <Trans>First seen</Trans>
          </dt>
          <dd className={styles.when}>{f.day(person.first_us)}</dd>
        </div>
        <div>
          <dt>
            <Trans>Last seen</Trans>
          </dt>
          <dd className={styles.when}>{f.ago(person.last_us)}</dd>
        </div>
      </dl>
      {traits.length > 0 && (
        <>
          <h2 className={styles.subhead}>
            <Trans>Traits</Trans>
          </h2>
          <dl className={styles.traits}>
            {traits.map(([key, value]) => (
              <div key={key} style={{ display: 'contents' }}>
                <dt>{key}</dt>
                <dd>{valueText(value)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <h2 className={styles.subhead}>
        <Trans>Identifiers</Trans>
      </h2>
      <dl className={styles.traits}>
        {person.user_id && (
          <>
            <dt>
              <Trans>Known</Trans>
            </dt>
            <dd className={styles.mono}>{person.user_id}</dd>
          </>
        )}
        {person.anonymous_ids.map((id) => (
          <div key={id} style={{ display: 'contents' }}>
            <dt>
              <Trans>Anonymous</Trans>
            </dt>
            <dd className={styles.mono}>{id}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

interface TimelineProps {
  events: TimelineEvent[]
  more: boolean
  isLoading: boolean
  onMore: () => void
}

/** Everything the person did, newest first, by day; channels can be picked out. */
function Timeline({ events, more, isLoading, onMore }: TimelineProps) {
  const f = useFormat()
  const { t } = useLingui()
  const { zone } = useWorkspace()
  const [only, setOnly] = useState<ReadonlySet<string>>(new Set())
  const channels = useMemo(() => {
    const counts = new Map<string, number>()
    for (const event of events)
      counts.set(event.channel ?? NO_CHANNEL, (counts.get(event.channel ?? NO_CHANNEL) ?? 0) + 1)
    return [...counts].sort((a, b) => b[1] - a[1])
  }, [events])
  const days = useMemo(
    () => byDay(only.size === 0 ? events : events.filter((event) => only.has(event.channel ?? NO_CHANNEL)), zone),
    [events, only, zone],
  )
  return (
    <section className={`card ${styles.timeline}`} aria-label={t`Timeline`}>
      {channels.length > 1 && (
        <ToggleButtonGroup
          aria-label={t`Channels`}
          selectionMode="multiple"
          selectedKeys={only}
          onSelectionChange={(keys) => setOnly(new Set([...keys].map(String)))}
          className={styles.filters}
        >
          {channels.map(([channel, count]) => (
            <ToggleButton key={channel} id={channel} className={styles.filter}>
              <ChannelMark color={channelColor(channel === NO_CHANNEL ? null : channel)} />
              {channel === NO_CHANNEL ? t`no channel` : channel}
              <span className="faint">{f.whole(count)}</span>
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      )}
      {days.length === 0 && <Empty compact title={<Trans>No events</Trans>} />}
      {days.map(({ day, moments }) => (
        <div key={day}>
          <h3 className={styles.day}>
            {moments[0] && f.dayHeading(moments[0].event.time_us)}
            <span>
              <Plural value={moments.length} one="# event" other="# events" />
            </span>
          </h3>
          <ol className={styles.events}>
            {moments.map(({ event, silence_us }) => (
              <li key={event.id}>
                <EventRow event={event} />
                {silence_us !== null && (
                  <p className={styles.gap}>
                    <Trans>silent for {f.duration(silence_us)}</Trans>
                  </p>
                )}
              </li>
            ))}
          </ol>
        </div>
      ))}
      {more && (
        <div className={styles.more}>
          <Button onPress={onMore} isPending={isLoading}>
            <Trans>Show older events</Trans>
          </Button>
        </div>
      )}
    </section>
  )
}

function EventRow({ event }: { event: TimelineEvent }) {
  const f = useFormat()
  const properties = Object.entries(event.properties)
  return (
    <div className={styles.event}>
      <time
        className={styles.time}
        dateTime={new Date(event.time_us / 1000).toISOString()}
        title={f.moment(event.time_us)}
      >
        {f.clock(event.time_us)}
      </time>
      <span className={styles.rail}>
        <span className={styles.dot} style={{ background: channelColor(event.channel) }} />
      </span>
      <div className={styles.what}>
        <b>{event.event}</b>
        {event.channel && <span className={styles.channel}>{event.channel}</span>}
        {properties.length > 0 && (
          <div className={styles.properties}>
            {properties.map(([key, value]) => (
              <span key={key}>
                <span>{key}</span> {valueText(value)}
              </span>
            ))}
          </div>
        )}
      </div>
      {event.amount != null && (
        <span className={cx(styles.amount, event.amount < 0 && styles.refund)}>{f.money(event.amount)}</span>
      )}
    </div>
  )
}

function PersonLoading() {
  return (
    <Loading>
      <div className={styles.columns}>
        <Skeleton height="300px" radius="12px" />
        <Skeleton height="520px" radius="12px" />
      </div>
    </Loading>
  )
}
