import { Trans, useLingui } from '@lingui/react/macro'
import { useWorkspace } from '~/lib/api/queries'
import type { Grain, Measure } from '~/lib/explore/address'
import type { TableData } from '~/lib/explore/export'
import { bucketDays, whoOfLine } from '~/lib/explore/people'
import { ruleName } from '~/lib/explore/rules'
import { addsUp, openFrom, valuesOf, weightOf } from '~/lib/explore/trend'
import type { AskOf, TrendView } from '~/lib/explore/types'
import { calendarDayOf, within } from '~/lib/period'
import { usePeopleDrawer } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useEvents } from '../journey-editor/context'
import { TrendChart, type TrendSeries } from './charts/trend-chart'
import { useCells } from './parts/cells'
import { ChartCard, Legend } from './parts/chart-card'
import { lineColor, useMeasures, useSource } from './parts/common'
import styles from './parts/explore.module.css'

/** Lines drawn; the table has all of them. */
const LINES_DRAWN = 7

export function TrendAnswer({
  question,
  answer,
  measure,
  stacked,
  before,
}: {
  question: AskOf<'trend'>
  answer: TrendView
  measure: Measure
  stacked: boolean
  before: TrendView | undefined
}) {
  const f = useFormat()
  const { t } = useLingui()
  const { zone } = useWorkspace()
  const events = useEvents()
  const showPeople = usePeopleDrawer()
  const source = useSource(question.scope)
  const measures = useMeasures()
  const { name, unit } = measures[measure]
  const by = question.breakdown ?? undefined
  const grain = question.grain ?? 'week'
  const all = answer.lines[0]
  // Broken down, the first line is of all together: it would flatten the others.
  const lines = by
    ? answer.lines
        .slice(1)
        .filter((line) => weightOf(line, measure) > 0)
        .toSorted((a, b) => weightOf(b, measure) - weightOf(a, measure))
    : answer.lines
  const drawn = lines.slice(0, LINES_DRAWN)
  const nameOf = (label: string | null | undefined) => (by ? label || t`(no channel)` : name)
  const colors = drawn.map((line, index) =>
    by ? lineColor(by === 'channel' ? 'channel' : 'other', line.label, index) : 'var(--real)',
  )
  const series: TrendSeries[] = drawn.map((line, index) => ({
    key: line.label ?? '',
    name: nameOf(line.label),
    values: valuesOf(line, measure),
    color: colors[index] ?? 'var(--real)',
    isDashed: colors.indexOf(colors[index] ?? '') < index,
    before: before?.lines[0] && !by ? valuesOf(before.lines[0], measure) : undefined,
  }))
  const write = (value: number | null) => f.measure(value, unit)
  const period = question.scope?.period ?? {
    from: calendarDayOf(answer.about.from_us, zone),
    to: calendarDayOf(answer.about.to_us - 1, zone),
  }
  const peopleOf = (line: number, bucket: number) => {
    const one = drawn[line]
    const of = one && events && whoOfLine(question.when ?? undefined, by, one.label, events.values())
    const days = bucketDays(answer.buckets, bucket, period, zone)
    if (!of || !days) return undefined
    return () =>
      showPeople({
        of,
        scope: within(question.scope ?? {}, days),
        title: `${nameOf(one.label)} · ${f.day(answer.buckets[bucket], false)}`,
        count: one.n_people[bucket],
      })
  }
  const format = useCells().of(unit)
  const table: TableData = {
    columns: [
      { key: 'from', head: t`From` },
      ...lines.map((line) => ({
        key: line.label ?? '',
        head: nameOf(line.label),
        end: true,
        format,
      })),
      ...(series[0]?.before ? [{ key: 'before', head: t`Compared with`, end: true, format }] : []),
    ],
    rows: answer.buckets.map((bucket, index) => [
      calendarDayOf(bucket, zone),
      ...lines.map((line) => valuesOf(line, measure)[index] ?? null),
      ...(series[0]?.before ? [series[0].before[index] ?? null] : []),
    ]),
  }
  const title = question.when ? `${name} · ${ruleName(question.when)}` : name
  return (
    <ChartCard
      title={title}
      note={
        lines.length > drawn.length
          ? t`${drawn.length} of ${lines.length} lines; the table has all`
          : by && !addsUp(measure)
            ? t`People who came by several are in each of them`
            : undefined
      }
      lead={all && <Sentence view={answer} before={before} measure={measure} grain={grain} />}
      source={source}
      table={table}
      onRow={by ? undefined : (row) => peopleOf(0, row)}
      legend={
        by && <Legend narrowOnly items={series.map(({ key, name: label, color }) => ({ key, name: label, color }))} />
      }
    >
      <TrendChart
        label={title}
        buckets={answer.buckets}
        grain={grain}
        series={series}
        write={write}
        tight={(value) => f.measure(value, unit, true)}
        isWhole={measure === 'people' || measure === 'events'}
        stacked={stacked}
        openFrom={openFrom(answer.buckets, grain, answer.about.as_of_us, answer.about.to_us)}
        onPress={(line, bucket) => peopleOf(line, bucket)?.()}
      />
    </ChartCard>
  )
}

/** The answer in words: the best bucket, and the change against the comparison. */
function Sentence({
  view,
  before,
  measure,
  grain,
}: {
  view: TrendView
  before: TrendView | undefined
  measure: Measure
  grain: Grain
}) {
  const { t } = useLingui()
  const per = { day: t`a day`, week: t`a week`, month: t`a month` }[grain]
  const f = useFormat()
  const measures = useMeasures()
  const all = view.lines[0]
  if (!all) return null
  const values = valuesOf(all, measure)
  const known = values.filter((value) => value !== null)
  const best = values.indexOf(Math.max(...known))
  const { unit, name } = measures[measure]
  const top = f.measure(values[best] ?? null, unit)
  const when = f.day(view.buckets[best], false)
  const mean = (list: (number | null)[]) => {
    const some = list.filter((value) => value !== null)
    return some.length === 0 ? null : some.reduce((sum, value) => sum + value, 0) / some.length
  }
  // Only as many buckets as both have, and the means of buckets, since people of several buckets do not add up.
  const other = before?.lines[0] ? valuesOf(before.lines[0], measure) : null
  const change = other ? f.change(mean(values), mean(other), 'number') : null
  return (
    <>
      {addsUp(measure) ? (
        <Trans>
          {name}:{' '}
          <b>
            {f.measure(
              known.reduce((sum, value) => sum + value, 0),
              unit,
            )}
          </b>{' '}
          in all, most from {when} ({top}).
        </Trans>
      ) : (
        <Trans>
          {name}: <b>{f.measure(mean(values), unit === 'people' ? 'people' : unit)}</b> {per} on average, most from{' '}
          {when} ({top}).
        </Trans>
      )}{' '}
      {change && change.sign > 0 && (
        <span className={styles.good}>
          <Trans>{change.text} more than before.</Trans>
        </span>
      )}
      {change && change.sign < 0 && (
        <span className={styles.bad}>
          <Trans>{change.text} fewer than before.</Trans>
        </span>
      )}
      {change && change.sign === 0 && <Trans>As many as before.</Trans>}
    </>
  )
}
