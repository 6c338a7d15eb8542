import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { CompareSearch, Measure } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import { ruleName } from '~/lib/explore/rules'
import { openFrom, trendAsk, usualGrain, valuesOf } from '~/lib/explore/trend'
import type { AskOf, TrendView } from '~/lib/explore/types'
import { useFormat } from '~/lib/use-format'
import { TrendChart } from '../charts/trend-chart'
import { Answer } from '../parts/answer'
import { useCells } from '../parts/cells'
import { ChartCard, Legend } from '../parts/chart-card'
import { useMeasures } from '../parts/common'
import { AnswerLoading } from '../parts/shell'
import { TrendExplained } from '../trends'
import { COLORS, legendOf, type Sides } from './sides'

export function CompareTrends({ sides, search }: { sides: Sides; search: CompareSearch }) {
  const grain = usualGrain(sides.days.a)
  const a = useQuery(asked<'trend'>(trendAsk({ when: search.when, grain }, sides.a, grain)))
  const b = useQuery(asked<'trend'>(trendAsk({ when: search.when, grain }, sides.b, grain)))
  return (
    <Answer query={b.error ? b : a} explain={<TrendExplained />} isEmpty={(answer) => answer.buckets.length === 0}>
      {({ question, answer }) =>
        b.data ? (
          <TwoTrends
            sides={sides}
            question={question}
            a={answer}
            b={b.data.answer}
            measure={search.measure ?? 'people'}
          />
        ) : (
          <AnswerLoading />
        )
      }
    </Answer>
  )
}

function TwoTrends({
  sides,
  question,
  a,
  b,
  measure,
}: {
  sides: Sides
  question: AskOf<'trend'>
  a: TrendView
  b: TrendView
  measure: Measure
}) {
  const f = useFormat()
  const { t } = useLingui()
  const { name, unit } = useMeasures()[measure]
  const format = useCells().of(unit)
  const [la, lb] = [a.lines[0], b.lines[0]]
  if (!la || !lb) return null
  const [va, vb] = [valuesOf(la, measure), valuesOf(lb, measure)]
  const grain = question.grain ?? 'week'
  const write = (value: number | null) => f.measure(value, unit)
  const title = question.when ? `${name} · ${ruleName(question.when)}` : name
  return (
    <ChartCard
      title={title}
      note={sides.days.a.from !== sides.days.b.from ? t`laid over each other from their first day` : undefined}
      table={{
        columns: [
          { key: 'from', head: t`From` },
          { key: 'a', head: sides.nameA, end: true, format },
          { key: 'b', head: sides.nameB, end: true, format },
        ],
        rows: a.buckets.map((bucket, index) => [f.day(bucket), va[index] ?? null, vb[index] ?? null]),
      }}
      legend={<Legend items={legendOf(sides)} />}
    >
      <TrendChart
        label={title}
        buckets={a.buckets}
        grain={grain}
        series={[
          { key: 'a', name: sides.nameA, values: va, color: COLORS.a },
          { key: 'b', name: sides.nameB, values: a.buckets.map((_, index) => vb[index] ?? null), color: COLORS.b },
        ]}
        write={write}
        tight={(value) => f.measure(value, unit, true)}
        isWhole={measure === 'people' || measure === 'events'}
        openFrom={openFrom(a.buckets, grain, a.about.as_of_us, a.about.to_us)}
      />
    </ChartCard>
  )
}
