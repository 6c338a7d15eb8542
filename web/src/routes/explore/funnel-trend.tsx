import { useLingui } from '@lingui/react/macro'
import type { CellValue } from '~/lib/explore/export'
import { whoOfFunnel } from '~/lib/explore/people'
import { wilson } from '~/lib/explore/stats'
import type { AskOf, FunnelView } from '~/lib/explore/types'
import { readDuration } from '~/lib/journey/duration'
import { usePeopleDrawer } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { TrendChart } from './charts/trend-chart'
import { useCells } from './parts/cells'
import { ChartCard } from './parts/chart-card'
import { useSource } from './parts/common'

/** Conversion by the start of attempts, with its interval; dotted while some of them may still convert. */
export function FunnelTrend({ question, view }: { question: AskOf<'funnel'>; view: FunnelView }) {
  const f = useFormat()
  const { t } = useLingui()
  const { whole, percent } = useCells()
  const showPeople = usePeopleDrawer()
  const source = useSource(question.scope)
  const buckets = view.buckets ?? []
  const counts = view.lines[0]?.trend ?? []
  if (buckets.length < 2) return null
  const grain = question.trend ?? 'week'
  const points = counts.map((steps) => {
    const [n = 0, hits = 0] = [steps[0], steps.at(-1)]
    const interval = wilson(hits, n)
    return { n, hits, share: n === 0 ? null : hits / n, low: interval?.low ?? null, high: interval?.high ?? null }
  })
  const open = buckets.findIndex((_, index) => isOpen(view, index, question.window))
  const title = t`Conversion over time`
  const show = (bucket: number) => () =>
    showPeople({
      of: whoOfFunnel(question, { step: question.steps.length - 1, bucket }),
      scope: question.scope ?? {},
      title: t`Went the whole way, started ${f.day(buckets[bucket], false)}`,
    })
  return (
    <ChartCard
      title={title}
      note={t`by the start of attempts`}
      source={source}
      table={{
        columns: [
          { key: 'from', head: t`From` },
          { key: 'n', head: t`Started`, end: true, format: whole },
          { key: 'hits', head: t`Went the whole way`, end: true, format: whole },
          { key: 'share', head: t`Conversion`, end: true, format: percent },
          { key: 'low', head: '95% −', end: true, format: percent },
          { key: 'high', head: '95% +', end: true, format: percent },
        ],
        rows: points.map((point, index): CellValue[] => [
          f.day(buckets[index]),
          point.n,
          point.hits,
          point.share,
          point.low,
          point.high,
        ]),
      }}
      onRow={show}
    >
      <TrendChart
        label={title}
        buckets={buckets}
        grain={grain}
        series={[
          {
            key: 'all',
            name: t`Conversion`,
            color: 'var(--real)',
            values: points.map((point) => point.share),
            low: points.map((point) => point.low),
            high: points.map((point) => point.high),
          },
        ]}
        write={(value) => f.percent(value)}
        tight={(value) => f.percent(value, 0)}
        isLow
        openFrom={open < 0 ? undefined : open}
        onPress={(_, bucket) => show(bucket)()}
      />
    </ChartCard>
  )
}

/** Whether somebody who started in the bucket may still convert. */
function isOpen({ buckets = [], about }: FunnelView, index: number, window: string): boolean {
  const end = buckets[index + 1] ?? about.to_us
  return end + (readDuration(window) ?? 0) * 1_000_000 > about.as_of_us
}
