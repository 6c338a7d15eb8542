import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { DEFAULT_GAP, EDGES, PATH_TABS, type PathSearch, type PathTab } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import type { CellValue, TableData } from '~/lib/explore/export'
import { whoWentOn } from '~/lib/explore/people'
import type { AskOf, TransitionRow, TransitionsView } from '~/lib/explore/types'
import { Checkbox, Select, usePeopleDrawer, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { DurationField } from '../journey-editor/inputs'
import { FlowGraph } from './charts/flow-graph'
import { HeatMatrix } from './charts/heat-matrix'
import { Answer } from './parts/answer'
import { useCells } from './parts/cells'
import { ChartCard } from './parts/chart-card'
import { useSource } from './parts/common'
import { Group, Tabs } from './parts/controls'
import styles from './parts/explore.module.css'
import { ExplorePage } from './parts/shell'
import { PathsTab, type PathTabProps } from './path-flow'
import { VariantsTab } from './variants'

/** Rows asked: enough for the table, more than can be drawn. */
const ROWS_ASKED = 500
const EDGES_USUAL = 20

export function PathsPage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/explore/paths' })
  const navigate = useNavigate({ from: '/explore/paths' })
  const set = (next: PathSearch) => navigate({ search: next, replace: true })
  const tab = search.tab ?? 'graph'
  const names: Record<PathTab, string> = {
    graph: t`Graph`,
    sankey: t`Paths`,
    steps: t`Step matrix`,
    variants: t`Variants`,
  }
  const tabs = (
    <Tabs
      value={tab}
      onChange={(next) => set({ ...search, tab: next === 'graph' ? undefined : next })}
      options={PATH_TABS.map((key) => ({ key, label: names[key] }))}
    />
  )
  if (tab === 'variants') return <VariantsTab search={search} set={set} tabs={tabs} />
  if (tab === 'sankey' || tab === 'steps') return <PathsTab search={search} set={set} tabs={tabs} />
  return <GraphPage search={search} set={set} tabs={tabs} />
}

/** Which event follows which. */
function GraphPage({ search, set, tabs }: PathTabProps) {
  const { t } = useLingui()
  const f = useFormat()
  const scope = useScope(search)
  const ask: AskOf<'transitions'> | null = scope && {
    ask: 'transitions',
    scope: scope.scope,
    limit: ROWS_ASKED,
    ...(search.gap ? { gap: search.gap } : {}),
  }
  const query = useQuery(asked<'transitions'>(ask))
  const edges = search.edges ?? EDGES_USUAL
  return (
    <ExplorePage
      title={t`Paths`}
      view={search}
      onView={set}
      noCompare
      question={ask}
      controls={
        <>
          <Group title={t`Rules`}>
            <div className={styles.duration}>
              <DurationField
                label={t`Longest gap`}
                value={search.gap ?? DEFAULT_GAP}
                onChange={(gap) => set({ ...search, gap: gap === DEFAULT_GAP ? undefined : gap })}
              />
            </div>
          </Group>
          <Group title={t`What is drawn`}>
            <Select
              label={t`Transitions drawn`}
              hideLabel
              value={String(edges)}
              onChange={(key) => set({ ...search, edges: Number(key) === EDGES_USUAL ? undefined : Number(key) })}
              options={EDGES.map((n) => ({ key: String(n), label: t`the ${f.whole(n)} most frequent` }))}
            />
            <Checkbox
              isSelected={search.as === 'matrix'}
              onChange={(on) => set({ ...search, as: on ? 'matrix' : undefined })}
            >
              <Trans>As a matrix</Trans>
            </Checkbox>
          </Group>
        </>
      }
    >
      {tabs}
      <Answer
        query={query}
        isEmpty={(answer) => answer.rows.length === 0}
        explain={
          <Trans>
            Two events of one person count as a transition when the second is the very next one and comes no later than
            the longest time between them. Events at the same instant stand in the order in which they were stored. A
            person counts once in each transition's people.
          </Trans>
        }
      >
        {({ question, answer }) => (
          <GraphAnswer question={question} answer={answer} edges={edges} asMatrix={search.as === 'matrix'} />
        )}
      </Answer>
    </ExplorePage>
  )
}

function GraphAnswer({
  question,
  answer,
  edges,
  asMatrix,
}: {
  question: AskOf<'transitions'>
  answer: TransitionsView
  edges: number
  asMatrix: boolean
}) {
  const f = useFormat()
  const { t } = useLingui()
  const source = useSource(question.scope)
  const [focus, setFocus] = useState<string | null>(null)
  const all = answer.rows.reduce((sum, row) => sum + row.count, 0) + answer.n_other
  const drawn = answer.rows.slice(0, edges)
  const share = drawn.reduce((sum, row) => sum + row.count, 0) / Math.max(1, all)
  const { whole, percent } = useCells()
  const showPeople = usePeopleDrawer()
  const table: TableData = {
    columns: [
      { key: 'event', head: t`Event` },
      { key: 'next', head: t`Next event` },
      { key: 'count', head: t`Times`, end: true, format: whole },
      { key: 'people', head: t`People`, end: true, format: whole },
      { key: 'share', head: t`Of all transitions`, end: true, format: percent },
    ],
    rows: [
      ...answer.rows.map((row): CellValue[] => [
        row.event,
        row.next,
        row.count,
        row.n_people,
        row.count / Math.max(1, all),
      ]),
      ...(answer.n_other > 0 ? [[t`Others`, null, answer.n_other, null, answer.n_other / Math.max(1, all)]] : []),
    ],
  }
  const top = answer.rows.find((row) => row.event !== row.next)
  const show = (row: TransitionRow | undefined) =>
    row &&
    (() =>
      showPeople({
        of: whoWentOn(question, row.event, row.next),
        scope: question.scope,
        title: `${row.event} → ${row.next}`,
        count: row.n_people,
      }))
  return (
    <ChartCard
      title={asMatrix ? t`Which event follows which, as a matrix` : t`Which event follows which`}
      note={t`${f.percent(share, 0)} of all transitions are drawn`}
      lead={
        top && (
          <Trans>
            Most often <b>{top.next}</b> follows <b>{top.event}</b>: {f.whole(top.count)} times, by{' '}
            {f.whole(top.n_people)} people.
          </Trans>
        )
      }
      source={source}
      table={table}
      onRow={(row) => show(answer.rows[row])}
      isTable={asMatrix}
    >
      {asMatrix ? (
        <TransitionMatrix rows={drawn} show={show} />
      ) : (
        <FlowGraph rows={drawn} focus={focus} onFocus={setFocus} />
      )}
    </ChartCard>
  )
}

/** Of each event, the share of its next events: rows add up to one when all are drawn. */
function TransitionMatrix({
  rows,
  show,
}: {
  rows: TransitionRow[]
  show: (row: TransitionRow | undefined) => (() => void) | undefined
}) {
  const f = useFormat()
  const { t } = useLingui()
  const names = [...new Set(rows.flatMap((row) => [row.event, row.next]))]
  const most = Math.max(1, ...rows.map((row) => row.count))
  return (
    <HeatMatrix
      caption={t`How often an event (row) is followed by another (column)`}
      corner={t`Event → next`}
      heads={names}
      rows={names
        .filter((event) => rows.some((row) => row.event === event))
        .map((event) => ({
          key: event,
          head: event,
          cells: names.map((next) => {
            const row = rows.find((one) => one.event === event && one.next === next)
            return row
              ? {
                  text: f.short(row.count),
                  heat: Math.sqrt(row.count / most),
                  says: t`${event} → ${next}: ${f.whole(row.count)} times, ${f.whole(row.n_people)} people`,
                  onPress: show(row),
                }
              : null
          }),
        }))}
    />
  )
}
