import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import {
  Button as AriaButton,
  Disclosure,
  DisclosurePanel,
  Heading,
  ListBox,
  ListBoxItem,
  Tab,
  TabList,
  TabPanel,
  Tabs,
} from 'react-aria-components'
import { sqlTables } from '~/lib/api/sql'
import type { Example, ExampleKey } from '~/lib/sql/examples'
import type { PastQuery } from '~/lib/sql/history'
import { quoted, type Table, type TypeName, typeName } from '~/lib/sql/tables'
import { Button, Empty, Failed, Icon, IconButton, Loading, SearchField, Skeleton } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { matches } from '../frame/matches'
import styles from './side.module.css'

export type SideTab = 'tables' | 'examples' | 'history'

export interface SideProps {
  tab: SideTab
  onTab: (tab: SideTab) => void
  examples: Example[] | undefined
  past: PastQuery[]
  /** Puts a name into the query. */
  onName: (name: string) => void
  /** Puts a query into the editor and runs it. */
  onRun: (query: string) => void
  /** Only puts it there. */
  onOpen: (query: string) => void
  onForget: () => void
}

/** Beside the editor: what can be asked about, queries to begin from, what was asked before. */
export function Side(props: SideProps) {
  const { t } = useLingui()
  return (
    <Tabs
      selectedKey={props.tab}
      onSelectionChange={(key) => props.onTab(key as SideTab)}
      className={styles.side}
      keyboardActivation="automatic"
    >
      <TabList aria-label={t`Help with the query`} className={styles.tabs}>
        <Tab id="tables" className={styles.tab}>
          <Trans>Tables</Trans>
        </Tab>
        <Tab id="examples" className={styles.tab}>
          <Trans>Examples</Trans>
        </Tab>
        <Tab id="history" className={styles.tab}>
          <Trans>History</Trans>
        </Tab>
      </TabList>
      <TabPanel id="tables" className={styles.panel}>
        <Tables {...props} />
      </TabPanel>
      <TabPanel id="examples" className={styles.panel}>
        <Examples {...props} />
      </TabPanel>
      <TabPanel id="history" className={styles.panel}>
        <Past {...props} />
      </TabPanel>
    </Tabs>
  )
}

function Tables({ onName, onRun }: SideProps) {
  const { t } = useLingui()
  const { data, error, refetch } = useQuery(sqlTables)
  const [sought, setSought] = useState('')
  if (error && !data) return <Failed error={error} retry={() => refetch()} compact />
  if (!data)
    return (
      <Loading>
        <div className={styles.loading}>
          {Array.from({ length: 10 }, (_, index) => (
            <Skeleton key={index} width={`${60 + ((index * 17) % 35)}%`} />
          ))}
        </div>
      </Loading>
    )
  const found = data
    .map((table) =>
      matches(table.name, sought)
        ? table
        : { ...table, columns: table.columns.filter((column) => matches(`${table.name} ${column.name}`, sought)) },
    )
    .filter((table) => table.columns.length > 0)
  return (
    <>
      <div className={styles.search}>
        <SearchField label={t`Find a table or column`} value={sought} onChange={setSought} placeholder={t`Column`} />
      </div>
      {found.length === 0 && <Empty compact title={<Trans>No column has this name</Trans>} />}
      {found.map((table, index) => (
        <TableColumns
          // Opens by itself while something is sought.
          key={`${table.name}${sought === '' ? '' : '?'}`}
          table={table}
          isOpen={index === 0 || sought !== ''}
          onName={onName}
          onRun={onRun}
        />
      ))}
    </>
  )
}

/** What each table of the server holds. */
function useTableNotes(): Record<string, string> {
  const { t } = useLingui()
  return {
    events: t`one row for each event`,
    persons: t`one row for each person`,
    sessions: t`visits: events without a long pause`,
    journeys: t`stages that people entered`,
    feedback: t`answers, reviews and tickets`,
    costs: t`what channels cost by day`,
  }
}

function useKinds(): Record<TypeName, string> {
  const { t } = useLingui()
  return {
    text: t`text`,
    number: t`number`,
    money: t`amount`,
    bool: t`yes/no`,
    time: t`time`,
    day: t`day`,
    key: t`key`,
    other: '',
  }
}

function TableColumns({
  table,
  isOpen,
  onName,
  onRun,
}: {
  table: Table
  isOpen: boolean
  onName: (name: string) => void
  onRun: (query: string) => void
}) {
  const { t } = useLingui()
  const kinds = useKinds()
  const note = useTableNotes()[table.name]
  return (
    <Disclosure defaultExpanded={isOpen} className={styles.table}>
      {({ isExpanded }) => (
        <>
          <div className={styles.tableHead}>
            <Heading level={2} className={styles.tableName}>
              <AriaButton slot="trigger" className={styles.fold}>
                <span className={styles.caret} data-open={isExpanded || undefined}>
                  <Icon name="right" size={12} />
                </span>
                {table.name}
              </AriaButton>
            </Heading>
            <IconButton
              label={t`First rows of ${table.name}`}
              size="s"
              onPress={() => onRun(`SELECT * FROM ${quoted(table.name)} LIMIT 100`)}
            >
              <Icon name="table" size={14} />
            </IconButton>
          </div>
          {note && <p className={styles.tableNote}>{note}</p>}
          <DisclosurePanel>
            <ListBox
              aria-label={t`Columns of ${table.name}`}
              items={table.columns.map((column) => ({ id: column.name, ...column }))}
              onAction={(key) => onName(quoted(String(key)))}
              className={styles.columns}
            >
              {(column) => (
                <ListBoxItem id={column.name} textValue={column.name} className={styles.column}>
                  <span className={styles.columnName}>{column.name}</span>
                  <span className={styles.kind} title={column.type}>
                    {kinds[typeName(column.type)]}
                  </span>
                </ListBoxItem>
              )}
            </ListBox>
          </DisclosurePanel>
        </>
      )}
    </Disclosure>
  )
}

/** What each example asks, in words. */
export function useExampleNames(): Record<ExampleKey, { name: string; note: string }> {
  const { t } = useLingui()
  return {
    kinds: { name: t`Kinds of events`, note: t`how many, by how many people, since when` },
    days: { name: t`Events by day`, note: t`in the zone of the workspace` },
    funnel: { name: t`Funnel`, note: t`how many came so far, in this order` },
    channels: { name: t`People by first channel`, note: t`through what they came first` },
    months: { name: t`Amount by month`, note: t`payments, people, sum, mean` },
    repeat: { name: t`Repeat buyers`, note: t`how many bought how often` },
    hours: { name: t`Weekday and hour`, note: t`when people are there; 0 is Sunday` },
    silent: { name: t`Silent for 30 days`, note: t`the busiest of them first` },
  }
}

function Examples({ examples, onRun }: SideProps) {
  const names = useExampleNames()
  if (!examples)
    return (
      <Loading>
        <div className={styles.loading}>
          <Skeleton height="40px" />
          <Skeleton height="40px" />
          <Skeleton height="40px" />
        </div>
      </Loading>
    )
  if (examples.length === 0)
    return (
      <Empty compact title={<Trans>No events yet</Trans>}>
        <Trans>Once events have come in, queries that fit them stand here.</Trans>
      </Empty>
    )
  return (
    <ul className={styles.entries}>
      {examples.map((example) => (
        <li key={example.key}>
          <AriaButton className={styles.entry} onPress={() => onRun(example.query)}>
            <span>{names[example.key].name}</span>
            <span className={styles.entryNote}>{names[example.key].note}</span>
          </AriaButton>
        </li>
      ))}
    </ul>
  )
}

function Past({ past, onRun, onOpen, onForget }: SideProps) {
  const { t } = useLingui()
  const f = useFormat()
  const [sought, setSought] = useState('')
  const found = past.filter((one) => matches(one.query, sought))
  if (past.length === 0)
    return (
      <Empty compact title={<Trans>Nothing was asked yet</Trans>}>
        <Trans>The last 100 queries stay here, on this device only.</Trans>
      </Empty>
    )
  return (
    <>
      <div className={styles.search}>
        <SearchField label={t`Find a query`} value={sought} onChange={setSought} />
      </div>
      {found.length === 0 && <Empty compact title={<Trans>No query has these words</Trans>} />}
      <ul className={styles.entries}>
        {found.map((one) => (
          <li key={one.query} className={styles.past}>
            <AriaButton className={styles.entry} onPress={() => onOpen(one.query)}>
              <span className={styles.query}>{one.query}</span>
              <span className={styles.entryNote}>
                <Facts>
                  {f.ago(one.at_ms * 1000)}
                  {one.n_rows === null ? (
                    <span className={styles.failed}>{t`failed`}</span>
                  ) : (
                    t`${f.whole(one.n_rows)} rows`
                  )}
                  {f.duration(one.took_ms * 1000)}
                </Facts>
              </span>
            </AriaButton>
            <IconButton label={t`Run again`} size="s" onPress={() => onRun(one.query)} className={styles.again}>
              <Icon name="play" size={14} />
            </IconButton>
          </li>
        ))}
      </ul>
      <div className={styles.forget}>
        <span className="faint small">
          <Trans>Kept on this device only.</Trans>
        </span>
        <Button size="s" variant="quiet" onPress={onForget}>
          <Trans>Clear</Trans>
        </Button>
      </div>
    </>
  )
}

/** Facts on one line with a dot between them. */
function Facts({ children }: { children: ReactNode[] }) {
  return children.map((child, index) => (
    <span key={index}>
      {index > 0 && ' · '}
      {child}
    </span>
  ))
}
