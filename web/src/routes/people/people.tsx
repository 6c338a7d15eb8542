import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { PEOPLE_PER_PAGE, peopleList } from '~/lib/api/queries'
import type { PersonView } from '~/lib/api/types'
import {
  Button,
  type Column,
  DataTable,
  Empty,
  Failed,
  Icon,
  LinkButton,
  Loading,
  Page,
  PersonName,
  personLabel,
  SearchField,
  SegmentPicker,
  SegmentRule,
  Skeleton,
  TraitLine,
  useTyped,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { PeopleHead } from './head'
import styles from './people.module.css'

export function PeoplePage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/people' })
  const navigate = useNavigate({ from: '/people' })
  const list = useQuery(peopleList(search))
  const typed = useTyped(search.search ?? '', (text) =>
    navigate({ search: { ...search, search: text || undefined, page: undefined }, replace: true }),
  )
  const isFiltered = Boolean(search.search || search.segment)
  const total = list.data?.n_people
  return (
    <Page>
      <PeopleHead
        title={t`People`}
        note={
          <>
            {total !== undefined && <Plural value={total} one="# person" other="# people" />}
            {search.segment && (
              <span className="soft">
                {' · '}
                <SegmentRule segment={search.segment} />
              </span>
            )}
          </>
        }
        tools={
          <>
            <div className={styles.search}>
              <SearchField {...typed} label={t`Find a person`} placeholder={t`Identifier, name or trait`} />
            </div>
            <SegmentPicker
              value={search.segment}
              onChange={(segment) => navigate({ search: { ...search, segment, page: undefined } })}
            />
          </>
        }
      />
      {list.error && !list.data ? (
        <Failed error={list.error} retry={() => list.refetch()} />
      ) : !list.data ? (
        <PeopleLoading />
      ) : list.data.people.length > 0 ? (
        <>
          <div className="card">
            <PeopleTable people={list.data.people} isStale={list.isPlaceholderData} />
          </div>
          <Pages
            page={search.page ?? 1}
            total={list.data.n_people}
            onPage={(page) => navigate({ search: { ...search, page: page === 1 ? undefined : page } })}
          />
        </>
      ) : isFiltered ? (
        <Empty
          icon="search"
          title={<Trans>Nobody matches</Trans>}
          actions={
            <Button onPress={() => navigate({ search: {} })}>
              <Trans>Show everybody</Trans>
            </Button>
          }
        >
          <Trans>Identifiers and trait values are searched. Part of a word is enough.</Trans>
        </Empty>
      ) : (
        <Empty
          icon="people"
          title={<Trans>Nobody is here yet</Trans>}
          actions={
            <LinkButton to="/data/sources" variant="primary">
              <Icon name="upload" />
              <Trans>Import a file</Trans>
            </LinkButton>
          }
        >
          <Trans>Everybody in your files stands here with one timeline of all they did, in every channel.</Trans>
        </Empty>
      )}
    </Page>
  )
}

function PeopleTable({ people, isStale }: { people: PersonView[]; isStale: boolean }) {
  const f = useFormat()
  const { t } = useLingui()
  const columns: Column<PersonView>[] = [
    {
      key: 'who',
      head: t`Person`,
      cell: (person) => {
        const { name, id } = personLabel(person)
        return (
          <Link to="/people/$person" params={{ person: person.person }} className={styles.who}>
            <PersonName person={person} />
            {name !== null && name !== id && <span className={styles.id}>{id}</span>}
          </Link>
        )
      },
      width: '26%',
    },
    { key: 'traits', head: t`Traits`, cell: (person) => <TraitLine traits={person.traits} most={4} />, wideOnly: true },
    { key: 'events', head: t`Events`, cell: (person) => f.whole(person.n_events), end: true },
    {
      key: 'amount',
      head: t`Amount`,
      cell: (person) => (person.amount === 0 ? '' : f.money(Math.round(person.amount))),
      end: true,
      wideOnly: true,
    },
    { key: 'first', head: t`First seen`, cell: (person) => f.day(person.first_us), end: true, wideOnly: true },
    {
      key: 'last',
      head: t`Last seen`,
      cell: (person) => <span title={f.moment(person.last_us)}>{f.ago(person.last_us)}</span>,
      end: true,
    },
  ]
  return (
    <DataTable
      caption={t`People, last seen first`}
      columns={columns}
      rows={people}
      rowKey={(person) => person.person}
      isStale={isStale}
    />
  )
}

function Pages({ page, total, onPage }: { page: number; total: number; onPage: (page: number) => void }) {
  const f = useFormat()
  const last = Math.max(1, Math.ceil(total / PEOPLE_PER_PAGE))
  if (last === 1) return null
  const from = (page - 1) * PEOPLE_PER_PAGE + 1
  return (
    <nav className={styles.pages}>
      <Button isDisabled={page <= 1} onPress={() => onPage(page - 1)}>
        <Icon name="left" />
        <Trans>Newer</Trans>
      </Button>
      <span className="soft">
        {f.whole(from)}–{f.whole(Math.min(total, from + PEOPLE_PER_PAGE - 1))} / {f.whole(total)}
      </span>
      <Button isDisabled={page >= last} onPress={() => onPage(page + 1)}>
        <Trans>Older</Trans>
        <Icon name="right" />
      </Button>
    </nav>
  )
}

function PeopleLoading() {
  return (
    <Loading>
      <div className={`card ${styles.loading}`}>
        {Array.from({ length: 12 }, (_, row) => (
          <div key={row} className={styles.loadingRow}>
            <Skeleton width="18%" />
            <Skeleton width="30%" />
            <Skeleton width="8%" />
            <Skeleton width="10%" />
          </div>
        ))}
      </div>
    </Loading>
  )
}
