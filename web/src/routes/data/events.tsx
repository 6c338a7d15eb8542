import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { eventCatalogue } from '~/lib/api/queries'
import type { EventView } from '~/lib/api/types'
import {
  Button,
  ChannelMark,
  type Column,
  channelColor,
  DataTable,
  Empty,
  Failed,
  Icon,
  LinkButton,
  Loading,
  Page,
  SearchField,
  Skeleton,
  Sparkline,
  Tag,
  usePeopleDrawer,
  useTyped,
  valueText,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { matches } from '../frame/matches'
import styles from './data.module.css'
import { DataHead } from './head'

const sorts: Record<string, (a: EventView, b: EventView) => number> = {
  name: (a, b) => a.name.localeCompare(b.name),
  n_events: (a, b) => b.n_events - a.n_events,
  n_people: (a, b) => b.n_people - a.n_people,
  first_us: (a, b) => b.first_us - a.first_us,
  last_us: (a, b) => b.last_us - a.last_us,
}

/** Every kind of event there is: how many, by whom, since when, with which properties. */
export function EventsPage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/data/events' })
  const navigate = useNavigate({ from: '/data/events' })
  const { data, error, refetch } = useQuery(eventCatalogue)
  const typed = useTyped(search.search ?? '', (text) =>
    navigate({ search: { ...search, search: text || undefined }, replace: true }),
  )
  const sort = search.sort && sorts[search.sort] ? search.sort : 'n_events'
  const found = (data ?? []).filter((event) =>
    matches([event.name, ...event.channels, ...event.properties.map((one) => one.key)].join(' '), search.search ?? ''),
  )
  const total = (data ?? []).reduce((sum, event) => sum + event.n_events, 0)
  return (
    <Page>
      <DataHead
        title={t`Events`}
        tools={
          data &&
          data.length > 0 && (
            <>
              <span className="soft">
                <Plural value={total} one="# event" other="# events" />
              </span>
              <div className={styles.search}>
                <SearchField {...typed} label={t`Find an event`} placeholder={t`Event, channel or property`} />
              </div>
            </>
          )
        }
      />
      {error && !data ? (
        <Failed error={error} retry={() => refetch()} />
      ) : !data ? (
        <Loading>
          <Skeleton height="480px" radius="12px" />
        </Loading>
      ) : data.length === 0 ? (
        <Empty
          icon="event"
          title={<Trans>No events yet</Trans>}
          actions={
            <LinkButton to="/data/sources" variant="primary">
              <Icon name="upload" />
              <Trans>Import a file</Trans>
            </LinkButton>
          }
        >
          <Trans>
            Every kind of event stands here with its volume, people, channels and properties: what journeys are made of.
          </Trans>
        </Empty>
      ) : found.length === 0 ? (
        <Empty
          icon="search"
          title={<Trans>No event matches</Trans>}
          actions={
            <Button onPress={() => navigate({ search: {} })}>
              <Trans>Show all events</Trans>
            </Button>
          }
        />
      ) : (
        <div className="card">
          <EventTable
            events={found.toSorted(sorts[sort])}
            sort={sort}
            open={search.open}
            onSort={(key) =>
              navigate({ search: { ...search, sort: key === 'n_events' ? undefined : key }, replace: true })
            }
            onOpen={(name) =>
              navigate({ search: { ...search, open: name === search.open ? undefined : name }, replace: true })
            }
          />
        </div>
      )}
    </Page>
  )
}

interface EventTableProps {
  events: EventView[]
  sort: string
  open: string | undefined
  onSort: (key: string) => void
  onOpen: (name: string) => void
}

function EventTable({ events, sort, open, onSort, onOpen }: EventTableProps) {
  const f = useFormat()
  const { t } = useLingui()
  const columns: Column<EventView>[] = [
    {
      key: 'name',
      head: t`Event`,
      sortable: true,
      cell: (event) => (
        <button
          type="button"
          className={styles.open}
          aria-expanded={open === event.name}
          onClick={() => onOpen(event.name)}
        >
          <span className={styles.caret} data-open={open === event.name || undefined}>
            <Icon name="right" size={12} />
          </span>
          {event.name}
        </button>
      ),
    },
    {
      key: 'channels',
      head: t`Channels`,
      wideOnly: true,
      cell: (event) => (
        <span className={styles.channels}>
          {event.channels.slice(0, 3).map((channel) => (
            <span key={channel}>
              <ChannelMark color={channelColor(channel)} /> {channel}
            </span>
          ))}
          {event.channels.length > 3 && <span className="faint">+{event.channels.length - 3}</span>}
        </span>
      ),
    },
    {
      key: 'history',
      head: t`Over time`,
      wideOnly: true,
      cell: (event) => <Sparkline values={event.history} width={96} height={22} label={t`${event.name} over time`} />,
    },
    { key: 'n_events', head: t`Events`, sortable: true, end: true, cell: (event) => f.whole(event.n_events) },
    { key: 'n_people', head: t`People`, sortable: true, end: true, cell: (event) => f.whole(event.n_people) },
    {
      key: 'first_us',
      head: t`First seen`,
      sortable: true,
      end: true,
      wideOnly: true,
      cell: (event) => f.day(event.first_us),
    },
    {
      key: 'last_us',
      head: t`Last seen`,
      sortable: true,
      end: true,
      wideOnly: true,
      cell: (event) => <span title={f.moment(event.last_us)}>{f.ago(event.last_us)}</span>,
    },
  ]
  return (
    <DataTable
      caption={t`Events`}
      columns={columns}
      rows={events}
      rowKey={(event) => event.name}
      sort={{ key: sort, descending: sort !== 'name' }}
      onSort={onSort}
      isOpen={(event) => event.name === open}
      detail={(event) => <EventDetail event={event} />}
    />
  )
}

/** The properties of an event, and the way to its people. */
function EventDetail({ event }: { event: EventView }) {
  const f = useFormat()
  const { t } = useLingui()
  const showPeople = usePeopleDrawer()
  const kinds = { text: t`text`, number: t`number`, bool: t`yes/no` }
  return (
    <div className={styles.detail}>
      {event.properties.length === 0 ? (
        <p className="soft">
          <Trans>This event carries no properties.</Trans>
        </p>
      ) : (
        <ul className={styles.properties}>
          {event.properties.map((property) => (
            <li key={`${property.key}${property.kind}`}>
              <b>{property.key}</b> <Tag>{kinds[property.kind]}</Tag>
              <span className="soft small">
                {f.percent(event.n_events === 0 ? null : property.n_events / event.n_events, 0)}
              </span>
              <span className={styles.examples}>{property.examples.map(valueText).join(' · ')}</span>
            </li>
          ))}
        </ul>
      )}
      <Button
        size="s"
        onPress={() =>
          showPeople({
            of: { select: 'did', when: { event: event.name } },
            scope: {},
            title: event.name,
            count: event.n_people,
          })
        }
      >
        <Icon name="people" size={14} />
        <Trans>Show the people</Trans>
      </Button>
    </div>
  )
}
