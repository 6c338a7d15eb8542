import { Trans, useLingui } from '@lingui/react/macro'
import { useQueries, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { documentList, groupList } from '~/lib/api/queries'
import type { Scope } from '~/lib/api/types'
import { type CompareSearch, DEFAULT_WINDOW, type Measure, QUESTIONS, type Question } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import { EVERYBODY, sidesOf } from '~/lib/explore/compare'
import type { CellValue, TableData } from '~/lib/explore/export'
import { isNamed, ruleName } from '~/lib/explore/rules'
import { isTold, shareDifference, wilson } from '~/lib/explore/stats'
import { openFrom, usualGrain, valuesOf } from '~/lib/explore/trend'
import type { AskOf, ChannelsView, FunnelView, TrendView } from '~/lib/explore/types'
import {
  Chip,
  Choice,
  Delta,
  Doubt,
  Empty,
  Failed,
  FigureText,
  Menu,
  MenuItem,
  MenuTrigger,
  Select,
  Skeleton,
  useScope,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { DurationField } from '../journey-editor/inputs'
import { BarChart } from './charts/bar-chart'
import { FunnelChart } from './charts/funnel-chart'
import { TrendChart } from './charts/trend-chart'
import { FunnelExplained, FunnelStart, funnelAsk } from './funnel'
import { Answer } from './parts/answer'
import { ChartCard, Legend } from './parts/chart-card'
import { useMeasures, useScopeName } from './parts/common'
import styles from './parts/explore.module.css'
import { ExplorePage, Group } from './parts/shell'
import { RuleChoice, StepList } from './parts/steps'
import { TrendExplained, trendAsk } from './trends'

const COLORS = { a: 'var(--real)', b: 'var(--channel-3)' } as const

interface Sides {
  a: Scope
  b: Scope
  nameA: string
  nameB: string
}

export function ComparePage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/explore/compare' })
  const navigate = useNavigate({ from: '/explore/compare' })
  const set = (next: CompareSearch) => navigate({ search: next, replace: true })
  const scope = useScope(search)
  const scopes = scope && sidesOf(search, scope.days, scope.before)
  const scopeName = useScopeName()
  const question = search.ask ?? 'metrics'
  const measures = useMeasures()
  const names: Record<Question, string> = {
    metrics: t`Metrics`,
    funnel: t`Funnel`,
    channels: t`Channels`,
    trend: t`Trend`,
  }
  const sides: Sides | null = scopes && {
    ...scopes,
    nameA: scopeName(scopes.a, scopes.b),
    nameB: scopeName(scopes.b, scopes.a),
  }
  return (
    <ExplorePage
      title={t`Compare`}
      view={search}
      onView={set}
      summary={names[question]}
      tools={<OtherPicker value={search.with} onChange={(other) => set({ ...search, with: other })} />}
      controls={
        question === 'funnel' || question === 'trend' ? (
          <>
            {question === 'funnel' && (
              <Group title={t`Steps, in this order`}>
                <StepList
                  steps={search.steps ?? []}
                  onChange={(steps) => set({ ...search, steps: steps.length > 0 ? steps : undefined })}
                />
                <DurationField
                  label={t`Window`}
                  value={search.window ?? DEFAULT_WINDOW}
                  onChange={(window) => set({ ...search, window: window === DEFAULT_WINDOW ? undefined : window })}
                />
              </Group>
            )}
            {question === 'trend' && (
              <>
                <Group title={t`What is counted`}>
                  <Select
                    label={t`Measure`}
                    hideLabel
                    value={search.measure ?? 'people'}
                    onChange={(key) => set({ ...search, measure: key === 'people' ? undefined : (key as Measure) })}
                    options={(Object.keys(measures) as Measure[]).map((key) => ({ key, label: measures[key].name }))}
                  />
                </Group>
                <Group title={t`Which events`}>
                  <RuleChoice
                    label={t`Which events`}
                    rule={search.when}
                    all={t`All events`}
                    onChange={(when) => set({ ...search, when })}
                  />
                </Group>
              </>
            )}
          </>
        ) : undefined
      }
    >
      <div className={styles.tabs} data-print="hide">
        <Choice
          label={t`What both are asked`}
          hideLabel
          value={question}
          onChange={(ask) => set({ ...search, ask: ask === 'metrics' ? undefined : ask })}
          options={QUESTIONS.map((key) => ({ key, label: names[key] }))}
        />
      </div>
      {!scope ? null : !sides ? (
        <div className="card">
          <Empty icon="copy" title={<Trans>Both sides are the same</Trans>}>
            <Trans>Choose a period to compare with, or other people.</Trans>
          </Empty>
        </div>
      ) : question === 'metrics' ? (
        <CompareMetrics sides={sides} />
      ) : question === 'funnel' ? (
        (search.steps ?? []).filter(isNamed).length >= 2 ? (
          <CompareFunnels sides={sides} search={search} />
        ) : (
          <FunnelStart n_steps={search.steps?.length ?? 0} onStart={(steps) => set({ ...search, steps })} />
        )
      ) : question === 'channels' ? (
        <CompareChannels sides={sides} />
      ) : (
        <CompareTrends sides={sides} search={search} />
      )}
    </ExplorePage>
  )
}

/** The chip for the people of the other side. */
function OtherPicker({
  value,
  onChange,
}: {
  value: string | undefined
  onChange: (value: string | undefined) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const groups = useQuery(groupList).data ?? []
  const options = groups.map((group) => ({
    key: `${group.kind === 'persona' ? 'p' : 's'}:${group.key}`,
    name: f.say(group.name),
    size: group.n_people,
  }))
  const chosen = options.find((option) => option.key === value)
  return (
    <MenuTrigger>
      <Chip label={<Trans>Against</Trans>}>
        {value === undefined
          ? t`the same people`
          : value === EVERYBODY
            ? t`Everybody`
            : (chosen?.name ?? value.slice(2))}
      </Chip>
      <Menu
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[value ?? 'same']}
        onSelectionChange={(keys) => {
          const [key] = keys
          onChange(key === undefined || key === 'same' ? undefined : String(key))
        }}
      >
        <MenuItem id="same">{t`the same people`}</MenuItem>
        <MenuItem id={EVERYBODY}>{t`Everybody`}</MenuItem>
        {options.map((option) => (
          <MenuItem
            key={option.key}
            id={option.key}
            textValue={option.name}
            note={option.size == null ? '' : f.whole(option.size)}
          >
            {option.name}
          </MenuItem>
        ))}
      </Menu>
    </MenuTrigger>
  )
}

const legendOf = (sides: Sides, sizes: string[] = []) => [
  { key: 'a', name: [sides.nameA, sizes[0]].filter(Boolean).join(' · '), color: COLORS.a },
  { key: 'b', name: [sides.nameB, sizes[1]].filter(Boolean).join(' · '), color: COLORS.b },
]

/** Every metric of the workspace on both sides. */
function CompareMetrics({ sides }: { sides: Sides }) {
  const f = useFormat()
  const { t } = useLingui()
  const metrics = useQuery(documentList('metric'))
  const answers = useQueries({
    queries: (metrics.data ?? []).map(({ body }) =>
      asked<'metric'>({ ask: 'metric', metric: body.key, scope: sides.a, compare: { scope: sides.b } }),
    ),
  })
  if (metrics.error) return <Failed error={metrics.error} retry={() => metrics.refetch()} />
  if (metrics.data?.length === 0)
    return (
      <div className="card">
        <Empty icon="info" title={<Trans>There are no metrics in this workspace</Trans>}>
          <Trans>
            Metrics are written in a definition file and used on the map. Compare a funnel, channels or a trend instead.
          </Trans>
        </Empty>
      </div>
    )
  const failed = answers.find((answer) => answer.error)
  const rows = (metrics.data ?? []).map(({ body }, index) => {
    const answer = answers[index]?.data?.answer.metric
    return {
      key: body.key,
      name: 'name' in body ? f.say(body.name) : body.key,
      figure: answer?.figure,
      isPending: answers[index]?.isPending ?? true,
    }
  })
  const table: TableData = {
    columns: [
      { key: 'metric', head: t`Metric` },
      { key: 'a', head: sides.nameA, end: true },
      { key: 'b', head: sides.nameB, end: true },
      { key: 'low', head: '95% −', end: true },
      { key: 'high', head: '95% +', end: true },
      { key: 'n', head: 'n', end: true },
    ],
    rows: rows.map(({ name, figure }): CellValue[] => [
      name,
      figure?.value ?? null,
      figure?.previous ?? null,
      figure?.low ?? null,
      figure?.high ?? null,
      figure?.n ?? null,
    ]),
  }
  return (
    <ChartCard title={t`Metrics`} table={table} isTable>
      {failed && <Failed error={failed.error} retry={() => failed.refetch()} compact />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section className={styles.compareScroll} tabIndex={0} aria-label={t`Metrics of both sides`}>
        <table className={styles.compareTable}>
          <caption className="sr-only">{t`Metrics of both sides`}</caption>
          <thead>
            <tr>
              <th scope="col">{t`Metric`}</th>
              <th scope="col">{sides.nameA}</th>
              <th scope="col">{sides.nameB}</th>
              <th scope="col">{t`Change`}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row">{row.name}</th>
                {row.figure ? (
                  <>
                    <td>
                      <b>
                        <FigureText figure={row.figure} />
                      </b>{' '}
                      <Doubt figure={row.figure} />
                    </td>
                    <td>
                      <FigureText figure={{ ...row.figure, value: row.figure.previous ?? null }} />
                    </td>
                    <td>
                      <Delta figure={row.figure} />
                    </td>
                  </>
                ) : (
                  <td colSpan={3}>{row.isPending && <Skeleton width="60%" />}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </ChartCard>
  )
}

/** One answer with the other beside it, if that one is there too. */
function CompareFunnels({ sides, search }: { sides: Sides; search: CompareSearch }) {
  const ask = (scope: Scope) => funnelAsk({ steps: search.steps, window: search.window }, scope)
  const a = useQuery(asked<'funnel'>(ask(sides.a)))
  const b = useQuery(asked<'funnel'>(ask(sides.b)))
  return (
    <Answer
      query={b.error ? b : a}
      explain={<FunnelExplained />}
      n={(answer) => answer.lines[0]?.reached[0] ?? 0}
      isEmpty={(answer) => !answer.lines[0]?.reached[0]}
    >
      {({ question, answer }) =>
        b.data && <TwoFunnels sides={sides} question={question} a={answer} b={b.data.answer} />
      }
    </Answer>
  )
}

function TwoFunnels({
  sides,
  question,
  a,
  b,
}: {
  sides: Sides
  question: AskOf<'funnel'>
  a: FunnelView
  b: FunnelView
}) {
  const f = useFormat()
  const { t } = useLingui()
  const names = question.steps.map(ruleName)
  const [ra = [], rb = []] = [a.lines[0]?.reached, b.lines[0]?.reached]
  const end = (reached: number[]) => ({ hits: reached.at(-1) ?? 0, n: reached[0] ?? 0 })
  const whole = shareDifference(end(ra), end(rb))
  const number = (value: CellValue) => (typeof value === 'number' ? value : null)
  const percent = (value: CellValue) => f.percent(number(value))
  const points = (value: CellValue) => f.points(number(value))
  const table: TableData = {
    columns: [
      { key: 'step', head: t`Step` },
      { key: 'a', head: t`${sides.nameA}: people`, end: true, format: (value) => f.whole(number(value)) },
      { key: 'ap', head: '%', end: true, format: percent },
      { key: 'b', head: t`${sides.nameB}: people`, end: true, format: (value) => f.whole(number(value)) },
      { key: 'bp', head: '%', end: true, format: percent },
      { key: 'd', head: t`Difference`, end: true, format: points },
      { key: 'low', head: '95% −', end: true, format: points },
      { key: 'high', head: '95% +', end: true, format: points },
    ],
    rows: names.map((name, step) => {
      const difference = shareDifference({ hits: ra[step] ?? 0, n: ra[0] ?? 0 }, { hits: rb[step] ?? 0, n: rb[0] ?? 0 })
      return [
        `${step + 1}. ${name}`,
        ra[step] ?? null,
        ra[0] ? (ra[step] ?? 0) / ra[0] : null,
        rb[step] ?? null,
        rb[0] ? (rb[step] ?? 0) / rb[0] : null,
        step === 0 ? null : (difference?.value ?? null),
        step === 0 ? null : (difference?.low ?? null),
        step === 0 ? null : (difference?.high ?? null),
      ]
    }),
  }
  return (
    <ChartCard
      title={t`Funnel`}
      note={t`bars are shares of the first step`}
      lead={<DifferenceText sides={sides} difference={whole} />}
      table={table}
      legend={
        <Legend
          items={legendOf(
            sides,
            [ra[0] ?? 0, rb[0] ?? 0].map((n) => t`${f.whole(n)} people`),
          )}
        />
      }
    >
      <FunnelChart
        steps={names}
        series={[
          { label: sides.nameA, reached: ra, color: COLORS.a },
          { label: sides.nameB, reached: rb, color: COLORS.b },
        ]}
      />
    </ChartCard>
  )
}

/** What may be said of a difference of shares. */
function DifferenceText({ sides, difference }: { sides: Sides; difference: ReturnType<typeof shareDifference> }) {
  const f = useFormat()
  if (!difference) return <Trans>One side has nobody to compare.</Trans>
  const interval = `${f.points(difference.low)} – ${f.points(difference.high)}`
  const size = f.points(Math.abs(difference.value)).replace('+', '')
  return isTold(difference) ? (
    difference.value > 0 ? (
      <Trans>
        <b>{sides.nameA}</b> converts <b>{size}</b> more than {sides.nameB} (95%: {interval}).
      </Trans>
    ) : (
      <Trans>
        <b>{sides.nameA}</b> converts <b>{size}</b> less than {sides.nameB} (95%: {interval}).
      </Trans>
    )
  ) : (
    <Trans>
      Between {sides.nameA} and {sides.nameB} no difference can be told: {size}, 95% {interval}.
    </Trans>
  )
}

function CompareChannels({ sides }: { sides: Sides }) {
  const a = useQuery(asked<'channels'>({ ask: 'channels', scope: sides.a }))
  const b = useQuery(asked<'channels'>({ ask: 'channels', scope: sides.b }))
  return (
    <Answer
      query={b.error ? b : a}
      isEmpty={(answer) => answer.rows.length === 0}
      explain={
        <Trans>
          Of each side's people, the share with an event by the channel, with Wilson's 95% interval. A person who came
          by several channels counts in each.
        </Trans>
      }
    >
      {({ answer }) => b.data && <TwoChannels sides={sides} a={answer} b={b.data.answer} />}
    </Answer>
  )
}

function TwoChannels({ sides, a, b }: { sides: Sides; a: ChannelsView; b: ChannelsView }) {
  const f = useFormat()
  const { t } = useLingui()
  const channels = [...new Set([...a.rows, ...b.rows].map((row) => row.channel ?? null))]
  const nameOf = (channel: string | null) => channel || t`(no channel)`
  const of = (view: ChannelsView, channel: string | null) => {
    const hits = view.rows.find((row) => (row.channel ?? null) === channel)?.n_people ?? 0
    const n = view.about.n_people
    return { hits, n, value: n ? hits / n : null, ...wilson(hits, n) }
  }
  const rows = channels.map((channel) => {
    const [one, other] = [of(a, channel), of(b, channel)]
    return { channel, one, other, difference: shareDifference(one, other) }
  })
  const number = (value: CellValue) => (typeof value === 'number' ? value : null)
  const percent = (value: CellValue) => f.percent(number(value))
  const points = (value: CellValue) => f.points(number(value))
  const told = rows
    .filter((row) => isTold(row.difference))
    .toSorted((x, y) => Math.abs(y.difference?.value ?? 0) - Math.abs(x.difference?.value ?? 0))[0]
  const most = told?.difference
  return (
    <ChartCard
      title={t`Share of people reached by channel`}
      lead={
        told && most ? (
          <Trans>
            They differ most in <b>{nameOf(told.channel)}</b>: {percent(told.one.value)} against{' '}
            {percent(told.other.value)}.
          </Trans>
        ) : (
          <Trans>No channel tells them apart.</Trans>
        )
      }
      table={{
        columns: [
          { key: 'channel', head: t`Channel` },
          { key: 'a', head: sides.nameA, end: true, format: percent },
          { key: 'b', head: sides.nameB, end: true, format: percent },
          { key: 'd', head: t`Difference`, end: true, format: points },
          { key: 'low', head: '95% −', end: true, format: points },
          { key: 'high', head: '95% +', end: true, format: points },
        ],
        rows: rows.map((row) => [
          nameOf(row.channel),
          row.one.value,
          row.other.value,
          row.difference?.value ?? null,
          row.difference?.low ?? null,
          row.difference?.high ?? null,
        ]),
      }}
      legend={<Legend items={legendOf(sides)} />}
    >
      <BarChart
        label={t`Share of people reached by channel`}
        series={[
          { name: sides.nameA, color: COLORS.a },
          { name: sides.nameB, color: COLORS.b },
        ]}
        bars={rows.map((row) => ({ key: row.channel ?? '', name: nameOf(row.channel), values: [row.one, row.other] }))}
        write={(value) => f.percent(value)}
        tight={(value) => f.percent(value, 0)}
      />
    </ChartCard>
  )
}

function CompareTrends({ sides, search }: { sides: Sides; search: CompareSearch }) {
  const grain = sides.a.period ? usualGrain(sides.a.period) : 'week'
  const a = useQuery(asked<'trend'>(trendAsk({ when: search.when, grain }, sides.a, grain)))
  const b = useQuery(asked<'trend'>(trendAsk({ when: search.when, grain }, sides.b, grain)))
  return (
    <Answer query={b.error ? b : a} explain={<TrendExplained />} isEmpty={(answer) => answer.buckets.length === 0}>
      {({ question, answer }) =>
        b.data && (
          <TwoTrends
            sides={sides}
            question={question}
            a={answer}
            b={b.data.answer}
            measure={search.measure ?? 'people'}
          />
        )
      }
    </Answer>
  )
}

function TwoTrends({
  sides,
  question,
  a,
  b,
  measure,
}: {
  sides: Sides
  question: AskOf<'trend'>
  a: TrendView
  b: TrendView
  measure: Measure
}) {
  const f = useFormat()
  const { t } = useLingui()
  const { name, unit } = useMeasures()[measure]
  const [la, lb] = [a.lines[0], b.lines[0]]
  if (!la || !lb) return null
  const [va, vb] = [valuesOf(la, measure), valuesOf(lb, measure)]
  const grain = question.grain ?? 'week'
  const write = (value: number | null) => f.measure(value, unit)
  const format = (value: CellValue) => write(typeof value === 'number' ? value : null)
  const title = question.when ? `${name} · ${ruleName(question.when)}` : name
  return (
    <ChartCard
      title={title}
      note={sides.a.period?.from !== sides.b.period?.from ? t`laid over each other from their first day` : undefined}
      table={{
        columns: [
          { key: 'from', head: t`From` },
          { key: 'a', head: sides.nameA, end: true, format },
          { key: 'b', head: sides.nameB, end: true, format },
        ],
        rows: a.buckets.map((bucket, index) => [f.day(bucket), va[index] ?? null, vb[index] ?? null]),
      }}
      legend={<Legend items={legendOf(sides)} />}
    >
      <TrendChart
        label={title}
        buckets={a.buckets}
        grain={grain}
        series={[
          { key: 'a', name: sides.nameA, values: va, color: COLORS.a },
          { key: 'b', name: sides.nameB, values: a.buckets.map((_, index) => vb[index] ?? null), color: COLORS.b },
        ]}
        write={write}
        tight={(value) => f.measure(value, unit, true)}
        isWhole={measure === 'people' || measure === 'events'}
        openFrom={openFrom(a.buckets, grain, a.about.as_of_us, a.about.to_us)}
      />
    </ChartCard>
  )
}
