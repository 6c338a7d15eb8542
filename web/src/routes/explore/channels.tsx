import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ChannelSearch } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import type { TableData } from '~/lib/explore/export'
import { byChannel, whoDid } from '~/lib/explore/people'
import type { AskOf, ChannelRow, ChannelsView } from '~/lib/explore/types'
import { within } from '~/lib/period'
import { Choice, channelColor, usePeopleDrawer, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useEvents } from '../journey-editor/context'
import { BarChart } from './charts/bar-chart'
import { HandoversTab } from './handovers'
import { Answer } from './parts/answer'
import { useCells } from './parts/cells'
import { ChartCard } from './parts/chart-card'
import { useMeasures, useSource } from './parts/common'
import { Tabs } from './parts/controls'
import { ExplorePage } from './parts/shell'

type By = NonNullable<ChannelSearch['measure']>

const amountOf = (row: ChannelRow, by: By) => ({ people: row.n_people, events: row.n_events, amount: row.amount })[by]

export function ChannelsPage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/explore/channels' })
  const navigate = useNavigate({ from: '/explore/channels' })
  const set = (next: ChannelSearch) => navigate({ search: next, replace: true })
  const scope = useScope(search)
  const ask: AskOf<'channels'> | null = scope && { ask: 'channels', scope: scope.scope }
  const query = useQuery(asked<'channels'>(ask))
  const before = useQuery(
    asked<'channels'>(scope?.before ? { ask: 'channels', scope: within(scope.scope, scope.before) } : null),
  )
  const by = search.measure ?? 'people'
  const tabs = (
    <Tabs
      value={search.tab ?? 'reach'}
      onChange={(tab) => set({ ...search, tab: tab === 'handovers' ? tab : undefined })}
      options={[
        { key: 'reach', label: t`Reach` },
        { key: 'handovers', label: t`Hand-overs` },
      ]}
    />
  )
  if (search.tab === 'handovers') return <HandoversTab search={search} set={set} tabs={tabs} />
  return (
    <ExplorePage title={t`Channels`} view={search} onView={set} question={ask}>
      {tabs}
      <Answer
        query={query}
        isEmpty={(answer) => answer.rows.length === 0}
        explain={
          <Trans>
            Events of the period by the channel they came by. A person who came by several channels counts in each, so
            the people of the channels do not add up to all people. Amounts are those of the events themselves: for the
            channels that led to them, see attribution.
          </Trans>
        }
      >
        {({ question, answer }) => (
          <ChannelsAnswer
            question={question}
            answer={answer}
            before={before.data && !before.isPlaceholderData ? before.data.answer : undefined}
            by={by}
            onBy={(measure) => set({ ...search, measure: measure === 'people' ? undefined : measure })}
          />
        )}
      </Answer>
    </ExplorePage>
  )
}

function ChannelsAnswer({
  question,
  answer,
  before,
  by,
  onBy,
}: {
  question: AskOf<'channels'>
  answer: ChannelsView
  before: ChannelsView | undefined
  by: By
  onBy: (by: By) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const events = useEvents()
  const showPeople = usePeopleDrawer()
  const source = useSource(question.scope)
  const measures = useMeasures()
  const { unit } = measures[by]
  const rows = answer.rows
    .filter((row) => amountOf(row, by) !== 0)
    .toSorted((a, b) => amountOf(b, by) - amountOf(a, by))
  const wasOf = (row: ChannelRow) => before?.rows.find((one) => (one.channel ?? null) === (row.channel ?? null))
  const nameOf = (row: ChannelRow) => row.channel || t`(no channel)`
  const { whole, money } = useCells()
  const table: TableData = {
    columns: [
      { key: 'channel', head: t`Channel` },
      { key: 'people', head: t`People`, end: true, format: whole },
      { key: 'events', head: t`Events`, end: true, format: whole },
      { key: 'amount', head: t`Amount`, end: true, format: money },
      ...(before ? [{ key: 'before', head: t`People before`, end: true, format: whole }] : []),
    ],
    rows: rows.map((row) => [
      nameOf(row),
      row.n_people,
      row.n_events,
      row.amount,
      ...(before ? [wasOf(row)?.n_people ?? 0] : []),
    ]),
  }
  const show = (at: number) => {
    const row = rows[at]
    const rule = row?.channel && events && byChannel(row.channel, events.values())
    if (!row || !rule) return undefined
    return () => showPeople({ of: whoDid(rule), scope: question.scope ?? {}, title: nameOf(row), count: row.n_people })
  }
  const [top] = rows
  const all = by === 'people' ? answer.about.n_people : rows.reduce((sum, row) => sum + amountOf(row, by), 0)
  const name = top ? nameOf(top) : ''
  return (
    <ChartCard
      title={t`By channel`}
      lead={
        top &&
        (by === 'people' ? (
          <Trans>
            <b>{name}</b> reaches most people: {f.whole(top.n_people)}, {f.percent(all ? top.n_people / all : null)} of
            all.
          </Trans>
        ) : by === 'events' ? (
          <Trans>
            Most events come by <b>{name}</b>: {f.percent(all ? top.n_events / all : null)} of all.
          </Trans>
        ) : (
          <Trans>
            Most of the amount comes by <b>{name}</b>: {f.percent(all ? top.amount / all : null)} of {f.moneyShort(all)}
            .
          </Trans>
        ))
      }
      source={source}
      table={table}
      onRow={show}
      tools={
        <Choice
          label={t`Measure`}
          hideLabel
          value={by}
          onChange={onBy}
          options={[
            { key: 'people', label: t`People` },
            { key: 'events', label: t`Events` },
            { key: 'amount', label: t`Amount` },
          ]}
        />
      }
    >
      <BarChart
        label={t`By channel`}
        series={[{ name: measures[by].name }]}
        bars={rows.map((row) => {
          const was = wasOf(row)
          const change = was ? f.change(amountOf(row, by), amountOf(was, by), unit) : null
          return {
            key: row.channel ?? '',
            name: nameOf(row),
            color: channelColor(row.channel),
            values: [{ value: amountOf(row, by) }],
            tip: was
              ? [
                  [t`Compared with`, f.measure(amountOf(was, by), unit)],
                  ...(change && change.sign !== 0
                    ? [[t`Change`, `${change.sign > 0 ? '▲' : '▼'} ${change.text}`] as [string, string]]
                    : []),
                ]
              : [],
          }
        })}
        write={(value) => f.measure(value, unit, by === 'amount')}
        tight={(value) => f.measure(value, unit, true)}
        onPress={(at) => show(at)?.()}
      />
    </ChartCard>
  )
}
