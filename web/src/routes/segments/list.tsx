import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { documentList, groupList, headCount, useCanEdit } from '~/lib/api/queries'
import type { GroupSize } from '~/lib/api/types'
import type { SegmentBody } from '~/lib/segment/save'
import { useRuleWords } from '~/lib/segment/use-rule-words'
import {
  Button,
  type Column,
  DataTable,
  Empty,
  Failed,
  Icon,
  IconButton,
  LinkButton,
  Loading,
  Menu,
  MenuItem,
  MenuLine,
  MenuTrigger,
  Page,
  Problems,
  SearchField,
  Skeleton,
  useTyped,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { matches } from '../frame/matches'
import { PeopleHead } from '../people/head'
import styles from './segments.module.css'
import { useDropSegment } from './use-drop-segment'
import { type Use, useUses } from './use-uses'

/** Rows from which on a search is worth its place. */
const SEARCH_FROM = 8
/** Places of use that a row names. */
const USES_SHOWN = 2

interface Row {
  segment: SegmentBody
  name: string
  /** Its rule in one line. */
  words: string
  changed_us: number
  size: GroupSize | undefined
  uses: Use[] | undefined
}

/** The segments of the workspace: who is in them, how many, and where they are used. */
export function SegmentsPage() {
  const { t } = useLingui()
  const { search = '' } = useSearch({ from: '/frame/segments' })
  const navigate = useNavigate({ from: '/segments' })
  const canEdit = useCanEdit()
  const { rows, error, retry } = useRows()
  const found = rows?.filter((row) => matches([row.name, row.words, row.segment.key].join(' '), search))
  const typed = useTyped(search, (text) => navigate({ search: { search: text || undefined }, replace: true }))
  const n = rows?.length
  return (
    <Page>
      <PeopleHead
        title={t`Segments`}
        note={n !== undefined && n > 0 && <Plural value={n} one="# segment" other="# segments" />}
        tools={
          n !== 0 && (
            <>
              {(n ?? 0) >= SEARCH_FROM && (
                <div className={styles.search}>
                  <SearchField {...typed} label={t`Find a segment`} placeholder={t`Name or rule`} />
                </div>
              )}
              {canEdit && <NewSegment />}
            </>
          )
        }
      />
      {error && !rows ? (
        <Failed error={error} retry={retry} />
      ) : !found ? (
        <ListLoading />
      ) : n === 0 ? (
        <Empty icon="people" title={<Trans>No segments yet</Trans>} actions={canEdit && <NewSegment />}>
          <Trans>
            A segment is a group of people told by what they did and who they are. It narrows every map and every
            question, and stays current with the data. The people behind any number can be kept as one too.
          </Trans>
        </Empty>
      ) : found.length === 0 ? (
        <Empty
          icon="search"
          title={<Trans>No segment matches</Trans>}
          actions={
            <Button onPress={() => navigate({ search: {} })}>
              <Trans>Show all</Trans>
            </Button>
          }
        />
      ) : (
        <div className="card">
          <Segments rows={found} canEdit={canEdit} />
        </div>
      )}
    </Page>
  )
}

/** Segments by name, each with its size and its uses as they become known. */
function useRows(): { rows: Row[] | undefined; error: unknown; retry: () => void } {
  const f = useFormat()
  const words = useRuleWords()
  const uses = useUses()
  const list = useQuery(documentList('segment'))
  const sizes = useQuery(groupList).data
  const rows = list.data?.map(({ body, created_us }): Row => {
    const segment = body as SegmentBody
    return {
      segment,
      name: f.say(segment.name) || segment.key,
      words: words(segment.rule),
      changed_us: created_us,
      size: sizes?.find((group) => group.kind === 'segment' && group.key === segment.key),
      uses: uses(segment.key),
    }
  })
  return {
    rows: rows?.sort((a, b) => a.name.localeCompare(b.name, f.lang)),
    error: list.error,
    retry: () => void list.refetch(),
  }
}

function NewSegment() {
  return (
    <LinkButton to="/segments/new" variant="primary">
      <Icon name="plus" />
      <Trans>New segment</Trans>
    </LinkButton>
  )
}

function Segments({ rows, canEdit }: { rows: Row[]; canEdit: boolean }) {
  const f = useFormat()
  const { t } = useLingui()
  const total = useQuery(headCount({ select: 'everybody' })).data
  const columns: Column<Row>[] = [
    { key: 'name', head: t`Segment`, cell: (row) => <Named row={row} /> },
    { key: 'people', head: t`People`, cell: (row) => <Size row={row} total={total} />, end: true },
    { key: 'uses', head: t`Used in`, cell: (row) => <UsedIn uses={row.uses} />, wideOnly: true, width: '24%' },
    {
      key: 'changed',
      head: t`Changed`,
      cell: (row) => <span title={f.moment(row.changed_us)}>{f.ago(row.changed_us)}</span>,
      end: true,
      wideOnly: true,
    },
    {
      key: 'more',
      head: <span className="sr-only">{t`More`}</span>,
      cell: (row) => <RowMenu row={row} canEdit={canEdit} />,
      end: true,
      width: '44px',
    },
  ]
  return <DataTable caption={t`Segments by name`} columns={columns} rows={rows} rowKey={(row) => row.segment.key} />
}

function Named({ row }: { row: Row }) {
  const f = useFormat()
  const { segment, name, words, size } = row
  return (
    <div className={styles.named}>
      <Link to="/segments/$key/edit" params={{ key: segment.key }} className={styles.name}>
        {name}
      </Link>
      {segment.description && <span className="soft">{f.say(segment.description)}</span>}
      <span className={styles.ruleLine}>{words}</span>
      {size && size.problems.length > 0 && <Problems problems={size.problems} />}
    </div>
  )
}

/** How many, and what part of everybody; they open. */
function Size({ row, total }: { row: Row; total: number | undefined }) {
  const f = useFormat()
  const { t } = useLingui()
  if (!row.size) return <Skeleton width="56px" />
  const n = row.size.n_people
  if (n == null) return '–'
  return (
    <span className={styles.size}>
      <Link
        to="/people"
        search={{ segment: row.segment.key }}
        className={styles.sizeLink}
        aria-label={t`${row.name}: ${f.whole(n)} people`}
      >
        {f.whole(n)}
      </Link>
      {total ? <span className="soft small">{f.percent(n / total)}</span> : null}
    </span>
  )
}

function UsedIn({ uses }: { uses: Use[] | undefined }) {
  if (!uses) return <Skeleton width="80px" />
  const more = uses.length - USES_SHOWN
  return (
    <ul className={styles.uses}>
      {uses.slice(0, USES_SHOWN).map((use) => (
        <li key={`${use.kind}${use.key}`}>
          <span className="soft">{use.kind}</span> {use.link ? <Link {...use.link}>{use.name}</Link> : use.name}
        </li>
      ))}
      {more > 0 && (
        <li className="soft">
          <Plural value={uses.length - USES_SHOWN} one="# more" other="# more" />
        </li>
      )}
    </ul>
  )
}

function RowMenu({ row, canEdit }: { row: Row; canEdit: boolean }) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const drop = useDropSegment()
  const { segment, name } = row
  return (
    <MenuTrigger>
      <IconButton label={t`More about ${name}`} size="s">
        <Icon name="more" />
      </IconButton>
      <Menu>
        <MenuItem icon="edit" onAction={() => navigate({ to: '/segments/$key/edit', params: { key: segment.key } })}>
          {canEdit ? t`Edit` : t`Open`}
        </MenuItem>
        <MenuItem icon="people" onAction={() => navigate({ to: '/people', search: { segment: segment.key } })}>
          {t`See the people`}
        </MenuItem>
        {canEdit && (
          <MenuItem icon="copy" onAction={() => navigate({ to: '/segments/new', search: { from: segment.key } })}>
            {t`Duplicate`}
          </MenuItem>
        )}
        {canEdit && <MenuLine />}
        {canEdit && (
          <MenuItem icon="trash" danger onAction={() => drop.mutate(segment)}>
            {t`Delete`}
          </MenuItem>
        )}
      </Menu>
    </MenuTrigger>
  )
}

function ListLoading() {
  return (
    <Loading>
      <div className={`card ${styles.loading}`}>
        {[0, 1, 2, 3, 4].map((row) => (
          <div key={row} className={styles.loadingRow}>
            <Skeleton width="40%" height="34px" />
            <Skeleton width="8%" />
            <Skeleton width="18%" />
          </div>
        ))}
      </div>
    </Loading>
  )
}
