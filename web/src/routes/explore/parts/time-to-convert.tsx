import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { askedAny, isUnknownQuestion } from '~/lib/explore/ask'
import type { CellValue } from '~/lib/explore/export'
import type { AnyAnswer, AskOf } from '~/lib/explore/types'
import type { ConvertView } from '~/lib/explore/wire'
import { Failed } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { Histogram } from '../charts/histogram'
import { ChartCard } from './chart-card'
import { useSource } from './common'

interface WithConvert extends AnyAnswer {
  lines: { convert?: ConvertView }[]
}

/** How long the whole way takes those who go it. Not there while the server cannot tell. */
export function TimeToConvert({ funnel }: { funnel: AskOf<'funnel'> }) {
  const { t } = useLingui()
  const f = useFormat()
  const source = useSource(funnel.scope)
  const question = {
    ...funnel,
    breakdown: undefined,
    scope: funnel.scope,
    convert: { from: 1, to: funnel.steps.length },
  }
  const query = useQuery(askedAny<typeof question, WithConvert>(question))
  if (isUnknownQuestion(query.error)) return null
  if (query.error)
    return (
      <div className="card">
        <Failed error={query.error} retry={() => query.refetch()} compact />
      </div>
    )
  const convert = query.data?.answer.lines[0]?.convert
  if (!convert || convert.n === 0) return null
  const seconds = (value: number) => f.measure(value, 'seconds')
  const number = (value: CellValue) => (typeof value === 'number' ? value : 0)
  const bins = convert.counts.map((count, bin) => ({
    from: convert.from + bin * convert.width,
    to: convert.from + (bin + 1) * convert.width,
    count,
  }))
  return (
    <ChartCard
      title={t`Time to convert`}
      note={t`median ${seconds(convert.quantiles[2] ?? 0)} · n ${f.whole(convert.n)}`}
      source={source}
      table={{
        columns: [
          { key: 'from', head: t`From`, format: (value) => seconds(number(value)) },
          { key: 'to', head: t`To`, format: (value) => seconds(number(value)) },
          { key: 'n', head: t`People`, end: true, format: (value) => f.whole(number(value)) },
        ],
        rows: bins.map((bin) => [bin.from, bin.to, bin.count]),
      }}
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
