import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { documentList } from '~/lib/api/queries'
import { type ChannelSearch, DEFAULT_GAP } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import { askedRule, isNamed } from '~/lib/explore/rules'
import type { AskOf } from '~/lib/explore/types'
import { Select, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { DurationField } from '../journey-editor/inputs'
import { HeatMatrix } from './charts/heat-matrix'
import { Breaks } from './handovers/breaks'
import { type HandoversProps, useNames, useShow } from './handovers/common'
import { Effects } from './handovers/effects'
import { Answer } from './parts/answer'
import { useCells } from './parts/cells'
import { ChartCard } from './parts/chart-card'
import { Group } from './parts/controls'
import { ExplorePage } from './parts/shell'
import { RuleChoice } from './parts/steps'

const NONE = '*'

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

function HandoversAnswer(props: HandoversProps) {
  return (
    <>
      <Matrix {...props} />
      <Breaks {...props} />
      {props.view.effects.length > 0 && <Effects {...props} />}
    </>
  )
}

/** Which channel hands over to which. */
function Matrix({ question, view }: HandoversProps) {
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
