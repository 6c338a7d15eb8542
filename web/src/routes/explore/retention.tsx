import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Scope } from '~/lib/api/types'
import { type Grain, RETENTION_TABS, type RetentionSearch } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import type { CellValue } from '~/lib/explore/export'
import { whoOfCohort, whoOfRetention } from '~/lib/explore/people'
import { cellLabel, dayOfBucket } from '~/lib/explore/retention'
import { askedRule, isNamed } from '~/lib/explore/rules'
import { usualGrain } from '~/lib/explore/trend'
import type { AskOf, CohortsView, RetentionView } from '~/lib/explore/types'
import { Checkbox, Select, usePeopleDrawer, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { HeatMatrix } from './charts/heat-matrix'
import { TrendChart } from './charts/trend-chart'
import { Answer } from './parts/answer'
import { useCells } from './parts/cells'
import { ChartCard } from './parts/chart-card'
import { useSource, useSpanWords } from './parts/common'
import { GrainChoice, Group, More, Tabs } from './parts/controls'
import styles from './parts/explore.module.css'
import { ExplorePage } from './parts/shell'
import { RuleChoice } from './parts/steps'

const DEFAULT_INTERVALS = 12

const rulesOf = (search: RetentionSearch) => ({
  start: search.start && isNamed(search.start) ? askedRule(search.start) : undefined,
  back: search.back && isNamed(search.back) ? askedRule(search.back) : undefined,
})

export function retentionAsk(search: RetentionSearch, scope: Scope, grain: Grain): AskOf<'retention'> {
  const { start, back } = rulesOf(search)
  return {
    ask: 'retention',
    scope,
    grain: search.grain ?? grain,
    intervals: search.intervals ?? DEFAULT_INTERVALS,
    ...(start ? { start } : {}),
    ...(back ? { return: back } : {}),
    ...(search.clock ? { clock: search.clock } : {}),
    ...(search.measure ? { measure: search.measure } : {}),
    ...(search.recurring ? { recurring: true } : {}),
  }
}

export function RetentionPage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/explore/retention' })
  const navigate = useNavigate({ from: '/explore/retention' })
  const set = (next: RetentionSearch) => navigate({ search: next, replace: true })
  const tab = search.tab ?? 'retention'
  const names = { retention: t`Who comes back`, value: t`What they are worth` }
  const tabs = (
    <Tabs
      value={tab}
      onChange={(next) => set({ ...search, tab: next === 'retention' ? undefined : next })}
      options={RETENTION_TABS.map((key) => ({ key, label: names[key] }))}
    />
  )
  return tab === 'value' ? (
    <ValueTab search={search} set={set} tabs={tabs} />
  ) : (
    <RetentionTab search={search} set={set} tabs={tabs} />
  )
}

interface TabProps {
  search: RetentionSearch
  set: (search: RetentionSearch) => void
  tabs: ReactNode
}

function RetentionTab({ search, set, tabs }: TabProps) {
  const { t } = useLingui()
  const f = useFormat()
  const scope = useScope(search)
  const grain = scope ? usualGrain(scope.days) : 'week'
  const ask = scope && retentionAsk(search, scope.scope, grain)
  const query = useQuery(asked<'retention'>(ask))
  return (
    <ExplorePage
      title={t`Retention`}
      view={search}
      onView={set}
      noCompare
      question={ask}
      controls={
        <>
          <Group title={t`Starts with`}>
            <RuleChoice
              label={t`Starts with`}
              rule={search.start}
              all={t`any event`}
              onChange={(start) => set({ ...search, start })}
            />
            <Checkbox
              isSelected={search.recurring === true}
              onChange={(on) => set({ ...search, recurring: on || undefined })}
              hint={t`Otherwise only the first start ever.`}
            >
              <Trans>Every start counts</Trans>
            </Checkbox>
          </Group>
          <Group title={t`Comes back with`}>
            <RuleChoice
              label={t`Comes back with`}
              rule={search.back}
              all={t`any event`}
              onChange={(back) => set({ ...search, back })}
            />
          </Group>
          <GrainChoice
            value={search.grain ?? grain}
            onChange={(key) => set({ ...search, grain: key === grain ? undefined : key })}
          />
          <More n_set={[search.measure, search.clock, search.intervals].filter((one) => one !== undefined).length}>
            <Select
              label={t`A return counts`}
              value={search.measure ?? 'on'}
              onChange={(key) =>
                set({ ...search, measure: key === 'on' ? undefined : (key as 'on_or_after' | 'streak') })
              }
              options={[
                { key: 'on', label: t`in its interval` },
                { key: 'on_or_after', label: t`in its interval or later` },
                { key: 'streak', label: t`in every interval until then` },
              ]}
            />
            <Select
              label={t`Clock`}
              value={search.clock ?? 'calendar'}
              onChange={(key) => set({ ...search, clock: key === 'rolling' ? 'rolling' : undefined })}
              options={[
                { key: 'calendar', label: t`the calendar` },
                { key: 'rolling', label: t`from each start` },
              ]}
            />
            <Select
              label={t`Intervals`}
              value={String(search.intervals ?? DEFAULT_INTERVALS)}
              onChange={(key) =>
                set({ ...search, intervals: Number(key) === DEFAULT_INTERVALS ? undefined : Number(key) })
              }
              options={[6, 8, 12, 18, 24, 30].map((n) => ({ key: String(n), label: f.whole(n) }))}
            />
          </More>
        </>
      }
    >
      {tabs}
      <Answer
        query={query}
        n={(answer) => answer.about.n_people}
        isEmpty={(answer) => answer.cohorts.length === 0}
        explain={
          <Trans>
            People are in the cohort of the interval in which they started. A cell is the share of them that returned in
            its interval. A dashed cell is not over for the whole cohort and says what is known so far; averages weigh
            cohorts by their people and take only what is over.
          </Trans>
        }
      >
        {({ question, answer }) => <RetentionAnswer question={question} view={answer} />}
      </Answer>
    </ExplorePage>
  )
}

function RetentionAnswer({ question, view }: { question: AskOf<'retention'>; view: RetentionView }) {
  const f = useFormat()
  const { t } = useLingui()
  const showPeople = usePeopleDrawer()
  const source = useSource(question.scope)
  const grain = question.grain ?? 'week'
  const heads = view.averages.map((_, cell) => cellLabel(view.edges, cell))
  const spanWords = useSpanWords()
  const spans = heads.map((head) => spanWords(head, grain))
  const cohortOf = (start_us: number) => dayOfBucket(start_us, grain, f)
  const { whole, percent } = useCells()
  const most = Math.max(0.01, ...view.cohorts.flatMap((row) => row.cells.slice(1).map((cell) => cell.share ?? 0)))
  // The first interval is mostly the start itself and would take all the colour.
  const heat = (share: number) => Math.min(1, share / most)
  const later = view.averages.findLast((figure) => figure.value != null)
  const [first] = view.averages.slice(1)
  const lastAt = later ? view.averages.indexOf(later) : 0
  const lead = first?.value != null && later && (
    <Trans>
      Of those who start, <b>{f.percent(first.value)}</b> return after {spans[1]}, and {f.percent(later.value)} after{' '}
      {spans[lastAt]}.
    </Trans>
  )
  return (
    <>
      <ChartCard
        title={t`Retention by cohort`}
        lead={lead}
        isTable
        table={{
          columns: [
            { key: 'cohort', head: t`Cohort` },
            { key: 'people', head: t`People`, end: true },
            ...heads.flatMap((head, cell) => [
              { key: `s${cell}`, head, end: true, format: percent },
              { key: `n${cell}`, head: `${head} n`, end: true },
            ]),
          ],
          rows: view.cohorts.map((row): CellValue[] => [
            cohortOf(row.start_us),
            row.n_people,
            ...heads.flatMap((_, cell): CellValue[] => [
              row.cells[cell]?.share ?? null,
              row.cells[cell]?.n_people ?? null,
            ]),
          ]),
        }}
      >
        <HeatMatrix
          caption={t`Share of each cohort (row) that returned in each interval (column)`}
          corner={t`Cohort`}
          leadHeads={[t`People`]}
          heads={heads}
          rows={[
            {
              key: 'average',
              head: t`Weighted average`,
              isTotal: true,
              lead: [f.whole(view.cohorts.reduce((sum, row) => sum + row.n_people, 0))],
              cells: view.averages.map((figure, cell) =>
                figure.value == null
                  ? null
                  : {
                      text: f.percent(figure.value, 0),
                      heat: heat(figure.value),
                      says: t`${heads[cell]}: ${f.percent(figure.value)} on average (95%: ${f.percent(figure.low)} – ${f.percent(figure.high)}), n ${f.whole(figure.n)}`,
                    },
              ),
            },
            ...view.cohorts.map((row, cohort) => ({
              key: String(row.start_us),
              head: cohortOf(row.start_us),
              lead: [f.whole(row.n_people)],
              cells: heads.map((head, cell) => {
                const one = row.cells[cell]
                // What nobody has had yet says nothing.
                if (!one || one.share == null || (one.n_people === 0 && one.n_had === 0)) return null
                const title = `${cohortOf(row.start_us)} · ${head}`
                return {
                  text: f.percent(one.share, 0),
                  heat: heat(one.share),
                  isIncomplete: !one.is_complete,
                  says: one.is_complete
                    ? t`${title}: ${f.percent(one.share)}, ${f.whole(one.n_people)} people`
                    : t`${title}: ${f.percent(one.share)}, ${f.whole(one.n_people)} people, not over yet`,
                  onPress: () =>
                    showPeople({
                      of: whoOfRetention(question, cohort, cell),
                      scope: question.scope,
                      title,
                      count: one.n_people,
                    }),
                }
              }),
            })),
          ]}
        />
        <p className={styles.cardNote}>
          <Trans>Dashed: not over yet for the whole cohort.</Trans>
        </p>
      </ChartCard>
      {view.averages.filter((figure) => figure.value != null).length > 1 && (
        <ChartCard
          title={t`Retention curve`}
          note={t`weighted average with its 95% interval`}
          source={source}
          table={{
            columns: [
              { key: 'interval', head: t`Interval` },
              { key: 'share', head: t`Share of all`, end: true, format: percent },
              { key: 'low', head: '95% −', end: true, format: percent },
              { key: 'high', head: '95% +', end: true, format: percent },
              { key: 'n', head: 'n', end: true, format: whole },
            ],
            rows: view.averages.map((figure, cell) => [
              heads[cell] ?? '',
              figure.value ?? null,
              figure.low ?? null,
              figure.high ?? null,
              figure.n,
            ]),
          }}
        >
          <TrendChart
            label={t`Retention curve`}
            buckets={view.averages.map((_, cell) => cell)}
            names={spans}
            grain={grain}
            series={[
              {
                key: 'all',
                name: t`Retention`,
                color: 'var(--real)',
                values: view.averages.map((figure) => figure.value ?? null),
                low: view.averages.map((figure) => figure.low ?? null),
                high: view.averages.map((figure) => figure.high ?? null),
              },
            ]}
            write={(value) => f.percent(value)}
            tight={(value) => f.percent(value, 0)}
          />
        </ChartCard>
      )}
    </>
  )
}

/** What a cohort brings in over its life. */
function ValueTab({ search, set, tabs }: TabProps) {
  const { t } = useLingui()
  const scope = useScope(search)
  const grain = scope ? usualGrain(scope.days) : 'week'
  const { start, back } = rulesOf(search)
  const ask: AskOf<'cohorts'> | null = scope && {
    ask: 'cohorts',
    scope: scope.scope,
    grain: search.grain ?? grain,
    ...(start ? { start } : {}),
    ...(back ? { count: back } : {}),
  }
  const query = useQuery(asked<'cohorts'>(ask))
  return (
    <ExplorePage
      title={t`Retention`}
      view={search}
      onView={set}
      noCompare
      question={ask}
      controls={
        <>
          <Group title={t`Starts with`}>
            <RuleChoice
              label={t`Starts with`}
              rule={search.start}
              all={t`any event`}
              onChange={(next) => set({ ...search, start: next })}
            />
          </Group>
          <Group title={t`What is counted`}>
            <RuleChoice
              label={t`What is counted`}
              rule={search.back}
              all={t`every event`}
              onChange={(next) => set({ ...search, back: next })}
            />
          </Group>
          <GrainChoice
            value={search.grain ?? grain}
            onChange={(key) => set({ ...search, grain: key === grain ? undefined : key })}
          />
        </>
      }
    >
      {tabs}
      <Answer
        query={query}
        isEmpty={(answer) => answer.cohorts.length === 0}
        explain={
          <Trans>
            People are in the cohort of their first start ever. A cell is the amount of the counted events up to and
            with its interval, by the people of the cohort: what a person has been worth so far.
          </Trans>
        }
      >
        {({ question, answer }) => <ValueAnswer question={question} view={answer} />}
      </Answer>
    </ExplorePage>
  )
}

function ValueAnswer({ question, view }: { question: AskOf<'cohorts'>; view: CohortsView }) {
  const f = useFormat()
  const { t } = useLingui()
  const showPeople = usePeopleDrawer()
  const grain = question.grain ?? 'week'
  const n_cells = Math.max(0, ...view.cohorts.map((row) => row.cells.length))
  const heads = Array.from({ length: n_cells }, (_, cell) => String(cell))
  const most = Math.max(1, ...view.cohorts.flatMap((row) => row.cells.map((cell) => cell.value_so_far)))
  const cohortOf = (start_us: number) => dayOfBucket(start_us, grain, f)
  return (
    <ChartCard
      title={t`Worth of a person so far, by cohort`}
      isTable
      table={{
        columns: [
          { key: 'cohort', head: t`Cohort` },
          { key: 'people', head: t`People`, end: true },
          ...heads.map((head) => ({ key: `v${head}`, head, end: true })),
        ],
        rows: view.cohorts.map((row): CellValue[] => [
          cohortOf(row.start_us),
          row.n_people,
          ...heads.map((_, cell): CellValue => row.cells[cell]?.value_so_far ?? null),
        ]),
      }}
    >
      <HeatMatrix
        caption={t`Amount per person of each cohort (row) up to each interval (column)`}
        corner={t`Cohort`}
        leadHeads={[t`People`]}
        heads={heads}
        rows={view.cohorts.map((row, cohort) => ({
          key: String(row.start_us),
          head: cohortOf(row.start_us),
          lead: [f.whole(row.n_people)],
          cells: row.cells.map((cell, at) => ({
            text: f.moneyShort(cell.value_so_far),
            heat: cell.value_so_far / most,
            isIncomplete: !cell.is_complete,
            says: t`${cohortOf(row.start_us)} · ${heads[at]}: ${f.money(Math.round(cell.value_so_far))} per person, ${f.whole(cell.n_people)} people`,
            onPress: () =>
              showPeople({
                of: whoOfCohort(question, cohort, at),
                scope: question.scope,
                title: `${cohortOf(row.start_us)} · ${heads[at]}`,
                count: cell.n_people,
              }),
          })),
        }))}
      />
      <p className={styles.cardNote}>
        <Trans>Dashed: not over yet for the whole cohort.</Trans>
      </p>
    </ChartCard>
  )
}
