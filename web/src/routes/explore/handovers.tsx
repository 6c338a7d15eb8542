import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { documentList } from '~/lib/api/queries'
import { type ChannelSearch, DEFAULT_GAP } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import { whoOfHandovers } from '~/lib/explore/people'
import { askedRule, isNamed } from '~/lib/explore/rules'
import type { AskOf, EffectRow, HandoverPoint, HandoversView, StayEnd, StayRow } from '~/lib/explore/types'
import { Choice, channelColor, Select, usePeopleDrawer, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { DurationField } from '../journey-editor/inputs'
import { BarChart } from './charts/bar-chart'
import { HeatMatrix } from './charts/heat-matrix'
import { Answer } from './parts/answer'
import { useCells } from './parts/cells'
import { ChartCard } from './parts/chart-card'
import { useSource } from './parts/common'
import { Group } from './parts/controls'
import styles from './parts/explore.module.css'
import { ExplorePage } from './parts/shell'
import { RuleChoice } from './parts/steps'

const NONE = '*'
/** Whose people a number of a stage opens. */
type Who = 'touched' | 'reached'
/** Above this share of people who may still get there a rate is marked as not over. */
const OPEN_MAX = 0.1

/** Which channel hands over to which, where journeys across channels break, and what works at which stage. */
export function HandoversTab({
  search,
  set,
  tabs,
}: {
  search: ChannelSearch
  set: (search: ChannelSearch) => void
  tabs: ReactNode
}) {
  const { t } = useLingui()
  const f = useFormat()
  const scope = useScope(search)
  const journeys = useQuery(documentList('journey')).data ?? []
  const ask: AskOf<'handovers'> | null = scope && {
    ask: 'handovers',
    scope: scope.scope,
    ...(search.gap ? { gap: search.gap } : {}),
    ...(search.goal && isNamed(search.goal) ? { goal: askedRule(search.goal) } : {}),
    ...(search.journey ? { journey: search.journey } : {}),
  }
  const query = useQuery(asked<'handovers'>(ask))
  return (
    <ExplorePage
      title={t`Channels`}
      view={search}
      onView={set}
      noCompare
      question={ask}
      controls={
        <>
          <Group title={t`Goal`}>
            <RuleChoice
              label={t`Goal`}
              rule={search.goal}
              all={t`none: every end is a break`}
              onChange={(goal) => set({ ...search, goal })}
            />
          </Group>
          <Group title={t`Stages of`}>
            <Select
              label={t`Stages of`}
              hideLabel
              value={search.journey ?? NONE}
              onChange={(key) => set({ ...search, journey: key === NONE ? undefined : key })}
              options={[
                { key: NONE, label: t`no journey` },
                ...journeys.map(({ body }) => ({ key: body.key, label: 'name' in body ? f.say(body.name) : body.key })),
              ]}
            />
          </Group>
          <Group title={t`Rules`}>
            <DurationField
              label={t`Longest gap`}
              value={search.gap ?? DEFAULT_GAP}
              onChange={(gap) => set({ ...search, gap: gap === DEFAULT_GAP ? undefined : gap })}
            />
          </Group>
        </>
      }
    >
      {tabs}
      <Answer
        query={query}
        isEmpty={(answer) => answer.channels.length === 0}
        explain={
          <Trans>
            A stay is a run of a person's events in one channel. It is handed over when another channel follows within
            the longest gap, finished when its session reached the goal, and broken when the session ended without it.
            Sessions that may still go on are open and do not count in the rate.
          </Trans>
        }
      >
        {({ question, answer }) => <HandoversAnswer question={question} view={answer} />}
      </Answer>
    </ExplorePage>
  )
}

interface Props {
  question: AskOf<'handovers'>
  view: HandoversView
}

function HandoversAnswer(props: Props) {
  return (
    <>
      <Matrix {...props} />
      <Breaks {...props} />
      {props.view.effects.length > 0 && <Effects {...props} />}
    </>
  )
}

function useNames() {
  const { t } = useLingui()
  return (channel: string | null | undefined) => channel || t`(no channel)`
}

/** Opens the people of a number; of nobody there is no list. */
function useShow(question: AskOf<'handovers'>) {
  const showPeople = usePeopleDrawer()
  return (at: HandoverPoint, title: string, n: number, count?: number) =>
    n > 0
      ? () => showPeople({ of: whoOfHandovers(question, at), scope: question.scope ?? {}, title, count })
      : undefined
}

/** Which channel hands over to which. */
function Matrix({ question, view }: Props) {
  const f = useFormat()
  const { t } = useLingui()
  const { whole } = useCells()
  const nameOf = useNames()
  const show = useShow(question)
  const names = [...new Set(view.handovers.flatMap((row) => [row.from, row.to]))]
  const most = Math.max(1, ...view.handovers.map((row) => row.count))
  const [top] = view.handovers
  return (
    <ChartCard
      title={t`Hand-overs between channels`}
      isTable
      lead={
        top && (
          <Trans>
            Most often <b>{nameOf(top.from)}</b> hands over to <b>{nameOf(top.to)}</b>: {f.whole(top.count)} times, by{' '}
            {f.whole(top.n_people)} people.
          </Trans>
        )
      }
      table={{
        columns: [
          { key: 'from', head: t`From channel` },
          { key: 'to', head: t`To channel` },
          { key: 'count', head: t`Times`, end: true, format: whole },
          { key: 'people', head: t`People`, end: true, format: whole },
        ],
        rows: view.handovers.map((row) => [nameOf(row.from), nameOf(row.to), row.count, row.n_people]),
      }}
    >
      <HeatMatrix
        caption={t`How often a channel (row) hands over to another (column)`}
        corner={t`From → to`}
        heads={names.map(nameOf)}
        rows={names
          .filter((from) => view.handovers.some((row) => row.from === from))
          .map((from) => ({
            key: from,
            head: nameOf(from),
            cells: names.map((to) => {
              const row = view.handovers.find((one) => one.from === from && one.to === to)
              return row
                ? {
                    text: f.short(row.count),
                    heat: Math.sqrt(row.count / most),
                    says: t`${nameOf(from)} → ${nameOf(to)}: ${f.whole(row.count)} times, ${f.whole(row.n_people)} people`,
                    onPress: show(
                      { handover: { from, to } },
                      `${nameOf(from)} → ${nameOf(to)}`,
                      row.n_people,
                      row.n_people,
                    ),
                  }
                : null
            }),
          }))}
      />
    </ChartCard>
  )
}

const STAY_ENDS = ['handed_over', 'finished', 'broken', 'open'] as const satisfies StayEnd[]

/** How stays in each channel end. */
function Breaks({ question, view }: Props) {
  const f = useFormat()
  const { t } = useLingui()
  const { whole, percent } = useCells()
  const source = useSource(question.scope)
  const nameOf = useNames()
  const show = useShow(question)
  const ends: Record<StayEnd, string> = {
    handed_over: t`Handed over`,
    finished: t`Finished`,
    broken: t`Broken`,
    open: t`Open`,
  }
  const stayOf = ({ channel }: StayRow, end?: StayEnd): HandoverPoint => ({
    stay: end ? { channel, end } : { channel },
  })
  const titleOf = ({ channel }: StayRow, end: StayEnd) => `${nameOf(channel)} · ${ends[end]}`
  return (
    <ChartCard
      title={t`Where it breaks`}
      note={t`share of stays that end without going on`}
      source={source}
      onCell={(index, column) => {
        const row = view.channels[index]
        if (!row) return undefined
        if (column === 'stays') return show(stayOf(row), nameOf(row.channel), row.n_stays)
        const end = STAY_ENDS.find((one) => one === column)
        return end && show(stayOf(row, end), titleOf(row, end), row[end])
      }}
      table={{
        columns: [
          { key: 'channel', head: t`Channel` },
          { key: 'rate', head: t`Broken`, end: true, format: percent },
          { key: 'stays', head: t`Stays`, end: true, format: whole },
          { key: 'handed_over', head: t`Handed over`, end: true, format: whole },
          { key: 'finished', head: t`Finished`, end: true, format: whole },
          { key: 'broken', head: t`Broken stays`, end: true, format: whole },
          { key: 'open', head: t`Open`, end: true, format: whole },
        ],
        rows: view.channels.map((row) => [
          nameOf(row.channel),
          row.break_rate.value ?? null,
          row.n_stays,
          row.handed_over,
          row.finished,
          row.broken,
          row.open,
        ]),
      }}
    >
      <BarChart
        label={t`Where it breaks`}
        series={[{ name: t`Broken` }]}
        bars={view.channels.map((row) => ({
          key: row.channel,
          name: nameOf(row.channel),
          color: channelColor(row.channel),
          values: [{ value: row.break_rate.value ?? null, low: row.break_rate.low, high: row.break_rate.high }],
          tip: [
            [t`Stays`, f.whole(row.n_stays)],
            [t`Handed over`, f.whole(row.handed_over)],
            [t`Finished`, f.whole(row.finished)],
          ],
        }))}
        write={(value) => f.percent(value)}
        tight={(value) => f.percent(value, 0)}
        onPress={(bar) => {
          const row = view.channels[bar]
          if (row) show(stayOf(row, 'broken'), titleOf(row, 'broken'), row.broken)?.()
        }}
      />
    </ChartCard>
  )
}

function useWhoNames(): Record<Who, string> {
  const { t } = useLingui()
  return { touched: t`who touched`, reached: t`who reached the goal` }
}

/** Opens the people of a stage and a channel there: all, or those who went on to the goal. */
function useEffectPeople(question: AskOf<'handovers'>, who: Who) {
  const f = useFormat()
  const nameOf = useNames()
  const words = useWhoNames()
  const show = useShow(question)
  return (row: EffectRow | undefined) =>
    row &&
    show(
      {
        effect: {
          stage: row.stage,
          ...(row.channel == null ? {} : { channel: row.channel }),
          ...(who === 'touched' ? {} : { converted: true }),
        },
      },
      [f.say(row.name), row.channel == null ? null : nameOf(row.channel), who === 'touched' ? null : words[who]]
        .filter(Boolean)
        .join(' · '),
      row.n_people,
      who === 'touched' ? row.n_people : undefined,
    )
}

/** What works at which stage. */
function Effects({ question, view }: Props) {
  const f = useFormat()
  const { t } = useLingui()
  const nameOf = useNames()
  const words = useWhoNames()
  const [who, setWho] = useState<Who>('touched')
  const peopleOf = useEffectPeople(question, who)
  const stages = [...new Map(view.effects.map((row) => [row.stage, f.say(row.name)]))]
  const channels = [...new Set(view.effects.map((row) => row.channel))].filter((channel) => channel != null)
  return (
    <ChartCard
      title={t`What works at which stage`}
      note={t`share that reaches the goal after a touch there`}
      isTable
      tools={
        <Choice
          label={t`Whose people a number opens`}
          hideLabel
          value={who}
          onChange={setWho}
          options={(['touched', 'reached'] as const).map((key) => ({ key, label: words[key] }))}
        />
      }
      table={{
        columns: [
          { key: 'stage', head: t`Stage` },
          { key: 'channel', head: t`Channel` },
          { key: 'people', head: t`People`, end: true },
          { key: 'rate', head: t`Reach the goal`, end: true },
          { key: 'lift', head: t`Against the stage`, end: true },
        ],
        rows: view.effects.map((row) => [
          f.say(row.name),
          row.channel == null ? t`all` : nameOf(row.channel),
          row.n_people,
          row.rate.value ?? null,
          row.lift ?? null,
        ]),
      }}
    >
      <HeatMatrix
        caption={t`Share that reaches the goal, by stage (row) and channel (column)`}
        corner={t`Stage`}
        leadHeads={[t`all`]}
        heads={channels.map(nameOf)}
        rows={stages.map(([stage, name]) => {
          const all = view.effects.find((row) => row.stage === stage && row.channel == null)
          return {
            key: stage,
            head: name,
            lead: [
              {
                text: f.percent(all?.rate.value),
                says: t`${name}: ${f.percent(all?.rate.value)}`,
                onPress: peopleOf(all),
              },
            ],
            cells: channels.map((channel) => {
              const row = view.effects.find((one) => one.stage === stage && one.channel === channel)
              return row?.rate.value == null
                ? null
                : {
                    text: f.percent(row.rate.value, 0),
                    heat: row.rate.value,
                    isIncomplete: row.open > OPEN_MAX * row.n_people,
                    says: t`${name}, ${nameOf(channel)}: ${f.percent(row.rate.value)} (95%: ${f.percent(row.rate.low)} – ${f.percent(row.rate.high)}), n ${f.whole(row.rate.n)}`,
                    onPress: peopleOf(row),
                  }
            }),
          }
        })}
      />
      <p className={styles.cardNote}>
        <Trans>Dashed: more than one in ten may still get there.</Trans>
      </p>
    </ChartCard>
  )
}
