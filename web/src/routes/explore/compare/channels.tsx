import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { asked } from '~/lib/explore/ask'
import { byChannel, whoDid } from '~/lib/explore/people'
import { isTold, shareDifference, wilson } from '~/lib/explore/stats'
import type { ChannelsView } from '~/lib/explore/types'
import { usePeopleDrawer } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useEvents } from '../../journey-editor/context'
import { BarChart } from '../charts/bar-chart'
import { Answer } from '../parts/answer'
import { useCells } from '../parts/cells'
import { ChartCard, Legend } from '../parts/chart-card'
import { AnswerLoading } from '../parts/shell'
import { COLORS, legendOf, type Sides } from './sides'

export function CompareChannels({ sides }: { sides: Sides }) {
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
      {({ answer }) => (b.data ? <TwoChannels sides={sides} a={answer} b={b.data.answer} /> : <AnswerLoading />)}
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
  const { percent, points } = useCells()
  const events = useEvents()
  const showPeople = usePeopleDrawer()
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
        onPress={(at, side) => {
          const row = rows[at]
          const rule = row?.channel && events && byChannel(row.channel, events.values())
          if (row && rule)
            showPeople({
              of: whoDid(rule),
              scope: side === 0 ? sides.a : sides.b,
              title: `${nameOf(row.channel)} · ${side === 0 ? sides.nameA : sides.nameB}`,
              count: (side === 0 ? row.one : row.other).hits,
            })
        }}
      />
    </ChartCard>
  )
}
