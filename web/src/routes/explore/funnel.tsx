import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { documentList } from '~/lib/api/queries'
import type { EventRule } from '~/lib/api/types'
import { DEFAULT_WINDOW, type FunnelSearch } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import type { CellValue, TableData } from '~/lib/explore/export'
import { whoDid } from '~/lib/explore/people'
import { askedRule, isNamed, ruleName, stepsOfJourney } from '~/lib/explore/rules'
import type { AskOf, FunnelLine, FunnelView } from '~/lib/explore/types'
import { countsOf, type FunnelMore, stoppedAt, whoOfFunnel } from '~/lib/explore/wire'
import type { JourneyBody } from '~/lib/journey/types'
import { Button, Empty, Figure, Icon, Select, usePeopleDrawer, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { DurationField } from '../journey-editor/inputs'
import { FunnelChart, type FunnelSeries } from './charts/funnel-chart'
import { Answer } from './parts/answer'
import { BreakdownPicker } from './parts/breakdown'
import { ChartCard, Legend } from './parts/chart-card'
import { lineColor, useSource } from './parts/common'
import { Drivers } from './parts/drivers'
import styles from './parts/explore.module.css'
import { ExplorePage, Group } from './parts/shell'
import { RuleChoice, StepList } from './parts/steps'
import { TimeToConvert } from './parts/time-to-convert'

/** Groups drawn side by side; the table has all of them. */
const GROUPS_DRAWN = 5

/** The question of an address; `null` while it has not two named steps. */
export function funnelAsk(search: FunnelSearch, scope: AskOf<'funnel'>['scope']): AskOf<'funnel'> | null {
  const steps = (search.steps ?? []).filter(isNamed).map(askedRule)
  if (steps.length < 2) return null
  return {
    ask: 'funnel',
    steps,
    window: search.window ?? DEFAULT_WINDOW,
    scope,
    ...(search.by ? { breakdown: search.by } : {}),
    ...moreOf(search, steps.length),
  }
}

/** The rules beyond the usual ones, only those that are set. */
function moreOf(search: FunnelSearch, n_steps: number): FunnelMore {
  const { order, entry, count, hold, without } = search
  return {
    ...(order ? { order } : {}),
    ...(entry ? { entry } : {}),
    ...(count ? { count } : {}),
    ...(hold ? { hold } : {}),
    ...(without && isNamed(without) ? { exclusions: [{ when: askedRule(without), from: 1, to: n_steps }] } : {}),
  }
}

export function FunnelPage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/explore/funnel' })
  const navigate = useNavigate({ from: '/explore/funnel' })
  const set = (next: FunnelSearch) => navigate({ search: next, replace: true })
  const scope = useScope(search)
  const ask = scope && funnelAsk(search, scope.scope)
  const query = useQuery(asked<'funnel'>(ask))
  const askBefore = scope?.before
    ? funnelAsk({ ...search, by: undefined }, { ...scope.scope, period: scope.before })
    : null
  const before = useQuery(asked<'funnel'>(askBefore))
  const steps = search.steps ?? []
  return (
    <ExplorePage
      title={t`Funnel`}
      view={search}
      onView={set}
      summary={
        steps.length > 0 ? <Plural value={steps.length} one="# step" other="# steps" /> : <Trans>Choose steps</Trans>
      }
      controls={
        <>
          <Group title={t`Steps, in this order`}>
            <StepList
              steps={steps}
              onChange={(next) => set({ ...search, steps: next.length > 0 ? next : undefined })}
            />
          </Group>
          <Group title={t`Rules`}>
            <div className={styles.duration}>
              <DurationField
                label={t`Window`}
                value={search.window ?? DEFAULT_WINDOW}
                onChange={(window) => set({ ...search, window: window === DEFAULT_WINDOW ? undefined : window })}
              />
            </div>
            <Select
              label={t`Order`}
              value={search.order ?? 'ordered'}
              onChange={(key) => set({ ...search, order: key === 'strict' || key === 'any' ? key : undefined })}
              options={[
                { key: 'ordered', label: t`in turn, others may lie between` },
                { key: 'strict', label: t`directly after one another` },
                { key: 'any', label: t`in any order` },
              ]}
            />
            <Select
              label={t`What is counted`}
              value={search.count ?? 'person'}
              onChange={(key) => set({ ...search, count: key === 'session' || key === 'total' ? key : undefined })}
              options={[
                { key: 'person', label: t`people` },
                { key: 'session', label: t`sessions` },
                { key: 'total', label: t`every attempt` },
              ]}
            />
            <Select
              label={t`Who starts again`}
              value={search.entry ?? 'any'}
              onChange={(key) => set({ ...search, entry: key === 'first' ? key : undefined })}
              options={[
                { key: 'any', label: t`the best attempt` },
                { key: 'first', label: t`the first attempt` },
              ]}
            />
          </Group>
          <Group title={t`Without, between the steps`}>
            <RuleChoice
              label={t`Without, between the steps`}
              rule={search.without}
              all={t`nothing is ruled out`}
              onChange={(without) => set({ ...search, without })}
            />
          </Group>
          <Group title={t`Break down by`}>
            <BreakdownPicker rule={steps.find(isNamed)} value={search.by} onChange={(by) => set({ ...search, by })} />
          </Group>
        </>
      }
    >
      {ask || steps.filter(isNamed).length >= 2 ? (
        <Answer
          query={query}
          explain={<FunnelExplained />}
          n={(answer) => answer.lines[0]?.reached[0] ?? 0}
          isEmpty={(answer) => !answer.lines[0]?.reached[0]}
        >
          {({ question, answer }) => (
            <FunnelAnswer
              question={question}
              answer={answer}
              before={before.data && !before.isPlaceholderData ? before.data.answer : undefined}
            />
          )}
        </Answer>
      ) : (
        <FunnelStart n_steps={steps.length} onStart={(next) => set({ ...search, steps: next })} />
      )}
    </ExplorePage>
  )
}

/** What a funnel counts. */
export function FunnelExplained() {
  return (
    <Trans>
      A person enters with the first step in the period and goes on when the later steps follow in this order, each by
      another event, all within the window from the first one. Other events may lie between. When somebody starts more
      than once, the attempt that came furthest counts. Every person counts once.
    </Trans>
  )
}

/** Before there is a question: what to do, and journeys to start from. */
export function FunnelStart({ n_steps, onStart }: { n_steps: number; onStart: (steps: EventRule[]) => void }) {
  const f = useFormat()
  const journeys = useQuery(documentList('journey')).data ?? []
  const offers = journeys
    .map(({ body }) => body as JourneyBody)
    .map((journey) => ({ key: journey.key, name: f.say(journey.name), steps: stepsOfJourney(journey) }))
    .filter((offer) => offer.steps.length >= 2)
  return (
    <div className="card">
      <Empty
        icon="explore"
        title={n_steps === 0 ? <Trans>Choose the steps of the funnel</Trans> : <Trans>One more step</Trans>}
        actions={
          n_steps === 0 &&
          offers.slice(0, 4).map((offer) => (
            <Button key={offer.key} onPress={() => onStart(offer.steps)}>
              <Icon name="journey" />
              <Trans>Stages of “{offer.name}”</Trans>
            </Button>
          ))
        }
      >
        {offers.length > 0 && n_steps === 0 ? (
          <Trans>Take at least two events in the order in which people should do them, or start from a journey.</Trans>
        ) : (
          <Trans>Take at least two events in the order in which people should do them.</Trans>
        )}
      </Empty>
    </div>
  )
}

function FunnelAnswer({
  question,
  answer,
  before,
}: {
  question: AskOf<'funnel'>
  answer: FunnelView
  before: FunnelView | undefined
}) {
  const f = useFormat()
  const { t } = useLingui()
  const showPeople = usePeopleDrawer()
  const source = useSource(question.scope)
  const names = question.steps.map(ruleName)
  const [all, ...groups] = answer.lines
  if (!all) return null
  const isBroken = question.breakdown !== undefined
  const drawn = groups.slice(0, GROUPS_DRAWN)
  const nameOf = (label: string | null | undefined) => label || t`(no value)`
  const was = before?.lines[0]
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
          stopped: all.reached.map((_, step) => stoppedAt(all, step)),
          before: was && countsOf(was),
        },
      ]
  const facts: [string, FunnelLine['conversion'], number | null | undefined][] = [
    [t`Conversion`, all.conversion, was?.conversion.value],
    [t`Median time to convert`, all.median_time, was?.median_time.value],
    [t`Nine in ten convert within`, all.p90_time, was?.p90_time.value],
  ]
  const [firstStep] = question.steps
  // What every server can list, and what only one with funnels of its own can.
  const isPlain = !('order' in question || 'count' in question || 'exclusions' in question || 'hold' in question)
  const show = (step: number, stopped: boolean) => () =>
    showPeople({
      of: step === 0 && !stopped && isPlain && firstStep ? whoDid(firstStep) : whoOfFunnel(question, step, stopped),
      scope: question.scope ?? {},
      title: stopped ? t`No further than ${names[step] ?? ''}` : `${step + 1}. ${names[step]}`,
      count: stopped ? stoppedAt(all, step) : all.reached[step],
    })
  return (
    <>
      <ChartCard
        title={t`Funnel`}
        note={isBroken && groups.length > drawn.length ? t`the ${drawn.length} largest of ${groups.length}` : undefined}
        lead={<Sentence names={names} all={all} before={before?.lines[0]} />}
        source={source}
        table={
          isBroken
            ? groupTable(names, answer, nameOf, f, t`Group`)
            : stepTable(names, countsOf(all), f, [
                t`Step`,
                t`People`,
                t`Of the first step`,
                t`Of the step before`,
                t`Dropped off`,
              ])
        }
        onRow={isBroken ? undefined : (row) => show(row, false)}
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
          onPress={isBroken ? undefined : (row, step) => show(step, row === 1)()}
        />
      </ChartCard>
      <section className={`card ${styles.card} ${styles.facts}`} aria-label={t`Conversion`}>
        {facts.map(([label, figure, was]) => (
          <Figure key={label} figure={{ ...figure, previous: was }} label={label} doubt scope={question.scope} />
        ))}
      </section>
      <div className={styles.pair}>
        <Drivers funnel={question} />
        <TimeToConvert funnel={question} />
      </div>
    </>
  )
}

/** The answer in words: how many went the whole way, the change, and where most were lost. */
function Sentence({
  names,
  all,
  before,
}: {
  names: string[]
  all: FunnelView['lines'][number]
  before: FunnelView['lines'][number] | undefined
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
  return (
    <>
      <Trans>
        Of {start} people, <b>{end}</b> ({share}
        {half}) went the whole way.
      </Trans>{' '}
      {change && change.sign > 0 && (
        <span className={styles.good}>
          <Trans>{change.text} more than before.</Trans>{' '}
        </span>
      )}
      {change && change.sign < 0 && (
        <span className={styles.bad}>
          <Trans>{change.text} fewer than before.</Trans>{' '}
        </span>
      )}
      {change && change.sign === 0 && (
        <>
          <Trans>As many as before.</Trans>{' '}
        </>
      )}
      {worst > 0 && (
        <Trans>
          Most are lost between <b>{from}</b> and <b>{to}</b>: {lost} people.
        </Trans>
      )}
    </>
  )
}

/** The step before which most people are lost. */
export function worstStep(reached: number[]): number {
  let worst = 0
  for (let step = 1; step < reached.length; step += 1) {
    const lost = (reached[step - 1] ?? 0) - (reached[step] ?? 0)
    const most = worst === 0 ? 0 : (reached[worst - 1] ?? 0) - (reached[worst] ?? 0)
    if (lost > most) worst = step
  }
  return worst
}

type F = ReturnType<typeof useFormat>

function stepTable(names: string[], reached: number[], f: F, heads: string[]): TableData {
  const percent = (value: CellValue) => f.percent(typeof value === 'number' ? value : null)
  const whole = (value: CellValue) => f.whole(typeof value === 'number' ? value : null)
  return {
    columns: [
      { key: 'step', head: heads[0] ?? '' },
      { key: 'people', head: heads[1] ?? '', end: true, format: whole },
      { key: 'first', head: heads[2] ?? '', end: true, format: percent },
      { key: 'onward', head: heads[3] ?? '', end: true, format: percent },
      { key: 'lost', head: heads[4] ?? '', end: true, format: whole },
    ],
    rows: names.map((name, step) => [
      `${step + 1}. ${name}`,
      reached[step] ?? null,
      reached[0] ? (reached[step] ?? 0) / reached[0] : null,
      step > 0 && reached[step - 1] ? (reached[step] ?? 0) / (reached[step - 1] ?? 1) : null,
      step > 0 ? (reached[step - 1] ?? 0) - (reached[step] ?? 0) : null,
    ]),
  }
}

function groupTable(
  names: string[],
  answer: FunnelView,
  nameOf: (label: string | null | undefined) => string,
  f: F,
  head: string,
): TableData {
  const number = (value: CellValue) => (typeof value === 'number' ? value : null)
  const [all, ...groups] = answer.lines
  return {
    columns: [
      { key: 'group', head },
      ...names.map((name, step) => ({
        key: `s${step}`,
        head: `${step + 1}. ${name}`,
        end: true,
        format: (value: CellValue) => f.whole(number(value)),
      })),
      { key: 'conversion', head: '%', end: true, format: (value) => f.percent(number(value)) },
      { key: 'low', head: '95% −', end: true, format: (value) => f.percent(number(value)) },
      { key: 'high', head: '95% +', end: true, format: (value) => f.percent(number(value)) },
      { key: 'median', head: 'P50', end: true, format: (value) => f.measure(number(value), 'seconds') },
    ],
    rows: [...(all ? [all] : []), ...groups].map((line, index) => [
      index === 0 ? '∑' : nameOf(line.label),
      ...line.reached,
      line.conversion.value ?? null,
      line.conversion.low ?? null,
      line.conversion.high ?? null,
      line.median_time.value ?? null,
    ]),
  }
}
