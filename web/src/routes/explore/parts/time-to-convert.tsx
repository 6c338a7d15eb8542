import { useLingui } from '@lingui/react/macro'
import type { AskOf, FunnelLine } from '~/lib/explore/types'
import { useFormat } from '~/lib/use-format'
import { Histogram } from '../charts/histogram'
import { useCells } from './cells'
import { ChartCard } from './chart-card'
import { useSource } from './common'

/** How long the whole way takes those who go it. */
export function TimeToConvert({ question, convert }: { question: AskOf<'funnel'>; convert: FunnelLine['convert'] }) {
  const { t } = useLingui()
  const f = useFormat()
  const cells = useCells()
  const source = useSource(question.scope)
  if (!convert || convert.n === 0) return null
  const seconds = (value: number) => f.measure(value, 'seconds')
  const bins = convert.counts.map((count, bin) => ({
    from: convert.from + bin * convert.width,
    to: convert.from + (bin + 1) * convert.width,
    count,
  }))
  const [p10, p25, p50, p75, p90] = convert.quantiles.map((value) => seconds(value))
  return (
    <ChartCard
      title={t`Time to convert`}
      note={t`median ${p50} · n ${f.whole(convert.n)}`}
      source={source}
      table={{
        columns: [
          { key: 'from', head: t`From`, format: cells.seconds },
          { key: 'to', head: t`To`, format: cells.seconds },
          { key: 'n', head: t`People`, end: true, format: cells.whole },
        ],
        rows: bins.map((bin) => [bin.from, bin.to, bin.count]),
      }}
      legend={<p className="soft small">{t`10% within ${p10}, 25% ${p25}, 75% ${p75}, 90% ${p90}`}</p>}
    >
      <Histogram
        label={t`Time to convert`}
        bins={bins}
        median={convert.quantiles[2] ?? null}
        write={seconds}
        count={(n) => t`${f.whole(n)} people`}
      />
    </ChartCard>
  )
}
