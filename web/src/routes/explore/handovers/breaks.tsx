import { useLingui } from '@lingui/react/macro'
import type { TableData } from '~/lib/explore/export'
import type { HandoverPoint, HandoversView, StayEnd, StayRow } from '~/lib/explore/types'
import { channelColor } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { BarChart } from '../charts/bar-chart'
import { useCells } from '../parts/cells'
import { ChartCard } from '../parts/chart-card'
import { useSource } from '../parts/common'
import { type HandoversProps, useNames, useShow } from './common'

const STAY_ENDS = ['handed_over', 'finished', 'broken', 'open'] as const satisfies StayEnd[]

/** Opens the people of a channel's stays: all of them, or those that ended so. */
function useShowStay(question: HandoversProps['question']) {
  const { t } = useLingui()
  const nameOf = useNames()
  const show = useShow(question)
  const ends: Record<StayEnd, string> = {
    handed_over: t`Handed over`,
    finished: t`Finished`,
    broken: t`Broken`,
    open: t`Open`,
  }
  return ({ channel, n_stays, ...row }: StayRow, end?: StayEnd) => {
    const stay: HandoverPoint = { stay: end ? { channel, end } : { channel } }
    return end ? show(stay, `${nameOf(channel)} · ${ends[end]}`, row[end]) : show(stay, nameOf(channel), n_stays)
  }
}

function useStaysTable(view: HandoversView): TableData {
  const { t } = useLingui()
  const { whole, percent } = useCells()
  const nameOf = useNames()
  return {
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
  }
}

/** How stays in each channel end. */
export function Breaks({ question, view }: HandoversProps) {
  const f = useFormat()
  const { t } = useLingui()
  const source = useSource(question.scope)
  const nameOf = useNames()
  const show = useShowStay(question)
  return (
    <ChartCard
      title={t`Where it breaks`}
      note={t`share of stays that end without going on`}
      source={source}
      table={useStaysTable(view)}
      onCell={(index, column) => {
        const row = view.channels[index]
        if (!row) return undefined
        if (column === 'stays') return show(row)
        const end = STAY_ENDS.find((one) => one === column)
        return end && show(row, end)
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
          if (row) show(row, 'broken')?.()
        }}
      />
    </ChartCard>
  )
}
