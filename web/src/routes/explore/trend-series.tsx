import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useWorkspace } from '~/lib/api/queries'
import { SERIES_MAX, type Series, type SeriesMeasure } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import { bucketDays, whoDid } from '~/lib/explore/people'
import { ruleName } from '~/lib/explore/rules'
import { letterOf, openFrom, seriesAsk, unitOfSeries, usualGrain } from '~/lib/explore/trend'
import type { AskOf, SeriesLine, TrendView } from '~/lib/explore/types'
import { calendarDayOf, within } from '~/lib/period'
import { Button, Checkbox, Figure, Icon, IconButton, Select, TextField, usePeopleDrawer, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { TrendChart } from './charts/trend-chart'
import { Answer } from './parts/answer'
import { BreakdownPicker } from './parts/breakdown'
import { useCells } from './parts/cells'
import { ChartCard, Legend } from './parts/chart-card'
import { lineColor, useSource } from './parts/common'
import { Group, More } from './parts/controls'
import styles from './parts/explore.module.css'
import { ExplorePage } from './parts/shell'
import { RuleChoice } from './parts/steps'
import { TrendBreakdown, TrendExplained, TrendGrain, type TrendProps } from './trends'

/** Lines of one unit drawn; the table has all of them. */
const LINES_DRAWN = 8

/** Several series side by side, and what is computed from them. */
export function SeriesPage({ search, set }: TrendProps) {
  const { t } = useLingui()
  const scope = useScope(search)
  const grain = scope ? usualGrain(scope.days) : 'week'
  const ask = scope && seriesAsk(search, scope.scope, scope.compare, grain)
  const query = useQuery(asked<'trend'>(ask))
  const series = search.series ?? []
  return (
    <ExplorePage
      title={t`Trends`}
      view={search}
      onView={set}
      question={ask}
      summary={t`${series.length} series`}
      controls={
        <>
          <SeriesList search={search} set={set} />
          <Formulas search={search} set={set} />
          <TrendBreakdown search={search} set={set} />
          <TrendGrain search={search} set={set} grain={grain} />
          <More n_set={(search.smooth ? 1 : 0) + (search.cumulative ? 1 : 0)}>
            <Select
              label={t`Smoothed`}
              value={String(search.smooth ?? 0)}
              onChange={(key) => set({ ...search, smooth: Number(key) || undefined })}
              options={[
                { key: '0', label: t`as it is` },
                ...[3, 4, 7, 28].map((n) => ({ key: String(n), label: t`mean of ${n}` })),
              ]}
            />
            <Checkbox
              isSelected={search.cumulative === true}
              onChange={(on) => set({ ...search, cumulative: on || undefined })}
            >
              <Trans>Added up from the first day</Trans>
            </Checkbox>
          </More>
        </>
      }
    >
      <Answer
        query={query}
        explain={
          <>
            <TrendExplained />{' '}
            <Trans>
              A formula is computed for each bucket and, for the whole period, from the totals. Where it divides by
              nothing there is no value.
            </Trans>
          </>
        }
        isEmpty={(answer) => !answer.series?.some((line) => line.values.some((value) => value != null && value !== 0))}
      >
        {({ question, answer }) => <SeriesAnswer question={question} view={answer} />}
      </Answer>
    </ExplorePage>
  )
}

/** The words for what a series measures. */
function useSeriesMeasures(): Record<SeriesMeasure, string> {
  const { t } = useLingui()
  return {
    people: t`People`,
    count: t`Events`,
    per_person: t`Events per person`,
    sum: t`Sum`,
    average: t`Mean`,
  }
}

function SeriesList({ search, set }: TrendProps) {
  const { t } = useLingui()
  const names = useSeriesMeasures()
  const all = search.series ?? []
  const put = (next: Series[]) => set({ ...search, series: next })
  const remove = (index: number) => {
    const rest = all.toSpliced(index, 1)
    // With a single series left and nothing computed from it, the page is that of one kind of events again.
    set({
      ...search,
      series: rest.length > 0 ? rest : undefined,
      formulas: rest.length > 0 ? search.formulas : undefined,
    })
  }
  return (
    <Group title={t`Series`}>
      <ol className={styles.steps}>
        {all.map((one, index) => {
          const letter = letterOf(index)
          const change = (next: Partial<Series>) => put(all.with(index, { ...one, ...next }))
          return (
            <li key={index} className={styles.series}>
              <div className={styles.seriesHead}>
                <span className={styles.number} aria-hidden="true">
                  {letter}
                </span>
                <Select
                  label={t`${letter}: measure`}
                  hideLabel
                  small
                  value={one.measure}
                  onChange={(key) =>
                    change({
                      measure: key as SeriesMeasure,
                      property: key === 'sum' || key === 'average' ? one.property : undefined,
                    })
                  }
                  options={(Object.keys(names) as SeriesMeasure[]).map((key) => ({ key, label: names[key] }))}
                />
                <IconButton label={t`Remove ${letter}`} size="s" onPress={() => remove(index)}>
                  <Icon name="close" size={12} />
                </IconButton>
              </div>
              <RuleChoice
                label={t`${letter}: which events`}
                rule={one.when}
                all={t`All events`}
                onChange={(when) => change({ when })}
              />
              {(one.measure === 'sum' || one.measure === 'average') && (
                <BreakdownPicker
                  label={t`Of which number`}
                  none={t`the amount`}
                  numbersOnly
                  rule={one.when}
                  value={one.property}
                  onChange={(property) => change({ property })}
                />
              )}
            </li>
          )
        })}
      </ol>
      {all.length < SERIES_MAX && (
        <div className={styles.adds}>
          <Button size="s" variant="quiet" onPress={() => put([...all, { measure: 'people' }])}>
            <Icon name="plus" size={12} />
            <Trans>Series</Trans>
          </Button>
        </div>
      )}
    </Group>
  )
}

function Formulas({ search, set }: TrendProps) {
  const { t } = useLingui()
  const all = search.formulas ?? []
  const put = (next: string[]) => set({ ...search, formulas: next.length > 0 ? next : undefined })
  return (
    <Group title={t`Formulas`}>
      {all.map((formula, index) => (
        <div key={`${index}${formula}`} className={styles.formula}>
          <TextField
            label={t`Formula ${index + 1}`}
            hideLabel
            code
            defaultValue={formula}
            onBlur={(event) => {
              const text = (event.target as HTMLInputElement).value.trim()
              if (text !== formula) put(text === '' ? all.toSpliced(index, 1) : all.with(index, text))
            }}
            onKeyDown={(event) => event.key === 'Enter' && (event.target as HTMLInputElement).blur()}
          />
          <IconButton label={t`Remove formula ${index + 1}`} size="s" onPress={() => put(all.toSpliced(index, 1))}>
            <Icon name="close" size={12} />
          </IconButton>
        </div>
      ))}
      <div className={styles.adds}>
        <Button
          size="s"
          variant="quiet"
          onPress={() => put([...all, (search.series?.length ?? 0) > 1 ? 'B / A * 100' : 'A / 7'])}
        >
          <Icon name="plus" size={12} />
          <Trans>Formula</Trans>
        </Button>
        <span className="soft small">{t`+ − × / ( ) of the letters`}</span>
      </div>
    </Group>
  )
}

function SeriesAnswer({ question, view }: { question: AskOf<'trend'>; view: TrendView }) {
  const { t } = useLingui()
  const lines = view.series ?? []
  const asked = question.series ?? []
  const at = (line: SeriesLine) => asked.findIndex((_, index) => letterOf(index) === line.key)
  // Lines of one unit share a chart: people and a rate on one axis would hide the rate.
  const units = [
    ...new Set(
      asked.map((one) => unitOfSeries({ measure: one.measure ?? 'count', property: one.property ?? undefined })),
    ),
  ]
  const unitOf = (line: SeriesLine) => {
    const one = asked[at(line)]
    return one && unitOfSeries({ measure: one.measure ?? 'count', property: one.property ?? undefined })
  }
  const formulas = lines.filter((line) => at(line) < 0)
  return (
    <>
      {formulas.length > 0 && (
        <SeriesCard title={t`Computed`} question={question} view={view} lines={formulas} unit="number" />
      )}
      {units.map((unit) => (
        <SeriesCard
          key={unit}
          title={
            unit === 'people' ? t`People` : unit === 'events' ? t`Events` : unit === 'money' ? t`Amount` : t`Numbers`
          }
          question={question}
          view={view}
          lines={lines.filter((line) => unitOf(line) === unit)}
          unit={unit}
        />
      ))}
    </>
  )
}

function SeriesCard({
  title,
  question,
  view,
  lines,
  unit,
}: {
  title: string
  question: AskOf<'trend'>
  view: TrendView
  lines: SeriesLine[]
  unit: ReturnType<typeof unitOfSeries>
}) {
  const f = useFormat()
  const { t } = useLingui()
  const { zone } = useWorkspace()
  const cells = useCells()
  const showPeople = usePeopleDrawer()
  const source = useSource(question.scope)
  const asked = question.series ?? []
  const isBroken = question.breakdown != null
  const grain = question.grain ?? 'week'
  // Broken down, the line of all together would flatten the others.
  const kept = isBroken && lines.length > 1 ? lines.filter((line) => line.label != null) : lines
  const drawn = kept.slice(0, LINES_DRAWN)
  const ruleOf = (line: SeriesLine) => asked.find((_, index) => letterOf(index) === line.key)?.when ?? undefined
  const nameOf = (line: SeriesLine) => {
    const rule = ruleOf(line)
    const own = line.name ? f.say(line.name) : rule ? `${line.key} · ${ruleName(rule)}` : line.key
    return line.label == null ? own : `${own} · ${line.label || t`(none)`}`
  }
  const write = (value: number | null) => f.measure(value, unit)
  const series = drawn.map((line, index) => ({
    key: `${line.key}${line.label ?? ''}`,
    name: nameOf(line),
    values: line.values.map((value) => value ?? null),
    color: drawn.length === 1 ? 'var(--real)' : lineColor('other', null, index),
    before: drawn.length === 1 && line.previous?.length ? line.previous.map((value) => value ?? null) : undefined,
  }))
  const days = question.scope?.period ?? {
    from: calendarDayOf(view.about.from_us, zone),
    to: calendarDayOf(view.about.to_us - 1, zone),
  }
  const show = (line: SeriesLine | undefined, bucket: number) => {
    const rule = line && line.label == null ? ruleOf(line) : undefined
    const inside = bucketDays(view.buckets, bucket, days, zone)
    if (!line || !rule || !inside || question.cumulative || question.smooth) return undefined
    return () =>
      showPeople({
        of: whoDid(rule),
        scope: within(question.scope ?? {}, inside),
        title: `${nameOf(line)} · ${f.day(view.buckets[bucket], false)}`,
      })
  }
  return (
    <ChartCard
      title={title}
      note={kept.length > drawn.length ? t`${drawn.length} of ${kept.length} lines; the table has all` : undefined}
      source={source}
      table={{
        columns: [
          { key: 'from', head: t`From` },
          ...kept.map((line) => ({
            key: `${line.key}${line.label ?? ''}`,
            head: nameOf(line),
            end: true,
            format: cells.of(unit),
          })),
        ],
        rows: view.buckets.map((bucket, index) => [
          calendarDayOf(bucket, zone),
          ...kept.map((line) => line.values[index] ?? null),
        ]),
      }}
      onRow={kept.length === 1 ? (row) => show(kept[0], row) : undefined}
      legend={series.length > 1 && <Legend narrowOnly items={series} />}
    >
      <div className={styles.facts} style={{ marginBottom: 12 }}>
        {drawn.slice(0, 5).map((line) => (
          <Figure
            key={`${line.key}${line.label ?? ''}`}
            label={nameOf(line)}
            figure={{
              value: line.total ?? null,
              previous: line.previous_total,
              unit,
              good: 'none',
              n: view.about.n_people,
              define: 'trend.total',
            }}
          />
        ))}
      </div>
      <TrendChart
        label={title}
        buckets={view.buckets}
        grain={grain}
        series={series}
        write={write}
        tight={(value) => f.measure(value, unit, true)}
        isWhole={unit === 'people' || unit === 'events'}
        openFrom={openFrom(view.buckets, grain, view.about.as_of_us, view.about.to_us)}
        onPress={(line, bucket) => show(drawn[line], bucket)?.()}
      />
    </ChartCard>
  )
}
