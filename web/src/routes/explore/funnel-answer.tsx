import { Trans, useLingui } from '@lingui/react/macro'
import type { Answered } from '~/lib/explore/ask'
import type { CellValue, TableData } from '~/lib/explore/export'
import { countsOf, stoppedAt, worstStep } from '~/lib/explore/funnel'
import { type FunnelPlace, whoOfFunnel } from '~/lib/explore/people'
import { ruleName } from '~/lib/explore/rules'
import type { AskOf, FunnelLine, FunnelView } from '~/lib/explore/types'
import { Figure, Skeleton, usePeopleDrawer } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { FunnelChart, type FunnelSeries } from './charts/funnel-chart'
import { FunnelTrend } from './funnel-trend'
import { useCells } from './parts/cells'
import { ChartCard, Legend } from './parts/chart-card'
import { lineColor, useSource } from './parts/common'
import { Drivers } from './parts/drivers'
import styles from './parts/explore.module.css'
import { TimeToConvert } from './parts/time-to-convert'

/** Groups drawn side by side; the table has all of them. */
const GROUPS_DRAWN = 5
/** Below this share of false finds a group differs by more than chance. */
const Q_MAX = 0.05

type Asked = AskOf<'funnel'>

export function FunnelAnswer({
  question,
  answer,
  more,
  isMorePending,
}: {
  question: Asked
  answer: FunnelView
  /** The same funnel with its time to convert, trend and comparison. */
  more: Answered<Asked, FunnelView & { answer: 'funnel' }> | undefined
  isMorePending: boolean
}) {
  const { t } = useLingui()
  const showPeople = usePeopleDrawer()
  const source = useSource(question.scope)
  const names = question.steps.map(ruleName)
  const [all, ...groups] = answer.lines
  const stepTable = useStepTable(names, all)
  const groupTable = useGroupTable(names, answer)
  if (!all) return null
  const isBroken = question.breakdown != null
  const drawn = groups.slice(0, GROUPS_DRAWN)
  const nameOf = (label: string | null | undefined) => label || t`(no value)`
  const compared = more?.answer.compared ?? undefined
  const series: FunnelSeries[] = isBroken
    ? drawn.map((line, index) => ({
        label: nameOf(line.label),
        reached: countsOf(line),
        color: lineColor(question.breakdown === 'channel' ? 'channel' : 'other', line.label, index),
      }))
    : [
        {
          label: null,
          reached: countsOf(all),
          stopped: question.count === undefined ? all.reached.map((_, step) => stoppedAt(all, step)) : undefined,
          before: compared && countsOf(compared),
          times: all.step_times?.map((figure) => figure.value ?? null),
          optional: question.optional,
        },
      ]
  const show = (place: FunnelPlace) => () => {
    const { step, stopped, line } = place
    const name = `${step + 1}. ${names[step]}`
    const group = line === undefined ? '' : ` · ${nameOf(line)}`
    const of = line === undefined ? all : groups.find((one) => (one.label ?? null) === line)
    showPeople({
      of: whoOfFunnel(question, place),
      scope: question.scope ?? {},
      title: `${stopped ? t`No further than ${names[step] ?? ''}` : name}${group}`,
      count: of && (stopped ? stoppedAt(of, step) : of.reached[step]),
    })
  }
  const facts: [string, FunnelLine['conversion'], number | null | undefined][] = [
    [t`Conversion`, all.conversion, compared?.conversion.value],
    [t`Median time to convert`, all.median_time, compared?.median_time.value],
    [t`Nine in ten convert within`, all.p90_time, compared?.p90_time.value],
  ]
  const last = names.length - 1
  return (
    <>
      <ChartCard
        title={t`Funnel`}
        note={isBroken && groups.length > drawn.length ? t`the ${drawn.length} largest of ${groups.length}` : undefined}
        lead={
          <>
            <Sentence
              question={question}
              names={names}
              all={all}
              before={compared}
              differs={more?.answer.lines[0]?.differs}
            />
            {isBroken && <Standout groups={groups} nameOf={nameOf} />}
          </>
        }
        source={source}
        table={isBroken ? groupTable : stepTable}
        onRow={
          isBroken
            ? (row) => show({ step: last, ...(row === 0 ? {} : { line: groups[row - 1]?.label ?? null }) })
            : (row) => show({ step: row })
        }
        legend={
          isBroken && (
            <Legend
              items={series.map((one, index) => ({ key: `${index}`, name: one.label ?? '', color: one.color ?? '' }))}
            />
          )
        }
      >
        <FunnelChart
          steps={names}
          series={series}
          onPress={(row, step) =>
            isBroken
              ? show({ step, line: drawn[row]?.label ?? null })()
              : show({ step, ...(row === 1 ? { stopped: true } : {}) })()
          }
        />
      </ChartCard>
      <section className={`card ${styles.card} ${styles.facts}`} aria-label={t`Conversion`}>
        {facts.map(([label, figure, was]) => (
          <Figure key={label} figure={{ ...figure, previous: was }} label={label} doubt scope={question.scope} />
        ))}
      </section>
      <div className={styles.pair}>
        {more ? (
          <FunnelTrend question={more.question} view={more.answer} />
        ) : (
          isMorePending && (
            <div className={`card ${styles.card}`}>
              <Skeleton width="40%" height="18px" />
              <Skeleton height="240px" />
            </div>
          )
        )}
        {more && <TimeToConvert question={question} convert={more.answer.lines[0]?.convert} />}
      </div>
      <Drivers funnel={question} />
    </>
  )
}

/** The answer in words: how many went the whole way, the change, and where most were lost. */
function Sentence({
  question,
  names,
  all,
  before,
  differs,
}: {
  question: Asked
  names: string[]
  all: FunnelLine
  before: FunnelLine | undefined
  differs: FunnelLine['differs']
}) {
  const f = useFormat()
  const { conversion } = all
  const reached = countsOf(all)
  const start = f.whole(reached[0])
  const end = f.whole(reached.at(-1))
  const share = f.percent(conversion.value)
  const half =
    conversion.low != null && conversion.high != null
      ? ` ±${f.whole(((conversion.high - conversion.low) / 2) * 100, 1)}`
      : ''
  const worst = worstStep(reached)
  const change = f.change(conversion.value, before?.conversion.value, 'share')
  const from = names[worst - 1] ?? ''
  const to = names[worst] ?? ''
  const lost = f.whole((reached[worst - 1] ?? 0) - (reached[worst] ?? 0))
  // Where the interval spans nothing, the change is said without a colour: it may be chance.
  const isChance = differs != null && differs.low <= 0 && differs.high >= 0
  return (
    <>
      {question.count === 'session' ? (
        <Trans>
          Of {start} sessions, <b>{end}</b> ({share}
          {half}) went the whole way.
        </Trans>
      ) : question.count === 'total' ? (
        <Trans>
          Of {start} attempts, <b>{end}</b> ({share}
          {half}) went the whole way.
        </Trans>
      ) : (
        <Trans>
          Of {start} people, <b>{end}</b> ({share}
          {half}) went the whole way.
        </Trans>
      )}{' '}
      {change && change.sign > 0 && (
        <span className={isChance ? undefined : styles.good}>
          <Trans>{change.text} more than before.</Trans>{' '}
        </span>
      )}
      {change && change.sign < 0 && (
        <span className={isChance ? undefined : styles.bad}>
          <Trans>{change.text} fewer than before.</Trans>{' '}
        </span>
      )}
      {change && change.sign !== 0 && isChance && (
        <span className="soft">
          <Trans>That may be chance.</Trans>{' '}
        </span>
      )}
      {change && change.sign === 0 && (
        <>
          <Trans>As many as before.</Trans>{' '}
        </>
      )}
      {worst > 0 && question.order !== 'any' && question.count === undefined && (
        <Trans>
          Most are lost between <b>{from}</b> and <b>{to}</b>: {lost} people.
        </Trans>
      )}
    </>
  )
}

/** The group that differs most from all others together, if any does by more than chance. */
function Standout({ groups, nameOf }: { groups: FunnelLine[]; nameOf: (label: string | null | undefined) => string }) {
  const f = useFormat()
  const told = groups.filter((line) => line.differs && line.differs.q < Q_MAX)
  const [top] = told.toSorted((a, b) => Math.abs(b.differs?.difference ?? 0) - Math.abs(a.differs?.difference ?? 0))
  if (!top?.differs)
    return (
      <>
        {' '}
        <Trans>No group differs from the others by more than chance.</Trans>
      </>
    )
  const { difference, low, high } = top.differs
  const interval = `${f.points(low)} – ${f.points(high)}`
  const size = f.points(Math.abs(difference)).replace('+', '')
  return (
    <>
      {' '}
      {difference > 0 ? (
        <Trans>
          <b>{nameOf(top.label)}</b> converts {size} more than all others together (95%: {interval}).
        </Trans>
      ) : (
        <Trans>
          <b>{nameOf(top.label)}</b> converts {size} less than all others together (95%: {interval}).
        </Trans>
      )}
    </>
  )
}

function useStepTable(names: string[], all: FunnelLine | undefined): TableData {
  const { t } = useLingui()
  const { whole, percent, seconds } = useCells()
  const reached = all ? countsOf(all) : []
  return {
    columns: [
      { key: 'step', head: t`Step` },
      { key: 'people', head: t`People`, end: true, format: whole },
      { key: 'first', head: t`Of the first step`, end: true, format: percent },
      { key: 'onward', head: t`Of the step before`, end: true, format: percent },
      { key: 'lost', head: t`Dropped off`, end: true, format: whole },
      { key: 'time', head: t`Median time from the step before`, end: true, format: seconds },
    ],
    rows: names.map((name, step) => [
      `${step + 1}. ${name}`,
      reached[step] ?? null,
      reached[0] ? (reached[step] ?? 0) / reached[0] : null,
      step > 0 && reached[step - 1] ? (reached[step] ?? 0) / (reached[step - 1] ?? 1) : null,
      step > 0 ? (reached[step - 1] ?? 0) - (reached[step] ?? 0) : null,
      all?.step_times?.[step]?.value ?? null,
    ]),
  }
}

function useGroupTable(names: string[], answer: FunnelView): TableData {
  const { t } = useLingui()
  const { whole, percent, points, seconds } = useCells()
  const [all, ...groups] = answer.lines
  return {
    columns: [
      { key: 'group', head: t`Group` },
      ...names.map((name, step) => ({ key: `s${step}`, head: `${step + 1}. ${name}`, end: true, format: whole })),
      { key: 'conversion', head: '%', end: true, format: percent },
      { key: 'low', head: '95% −', end: true, format: percent },
      { key: 'high', head: '95% +', end: true, format: percent },
      { key: 'differs', head: t`Against all others`, end: true, format: points },
      { key: 'q', head: 'q', end: true, format: (value) => pText(value) },
      { key: 'median', head: 'P50', end: true, format: seconds },
    ],
    rows: [...(all ? [all] : []), ...groups].map((line, index): CellValue[] => [
      index === 0 ? t`All people` : line.label || t`(no value)`,
      ...countsOf(line),
      line.conversion.value ?? null,
      line.conversion.low ?? null,
      line.conversion.high ?? null,
      line.differs?.difference ?? null,
      line.differs?.q ?? null,
      line.median_time.value ?? null,
    ]),
  }
}

/** A probability of chance, as it is written: never 0. */
export const pText = (value: CellValue): string =>
  typeof value !== 'number' ? '–' : value < 0.001 ? '< 0.001' : value.toFixed(3)
