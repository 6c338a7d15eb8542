import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { CompareSearch } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import type { TableData } from '~/lib/explore/export'
import { funnelAsk } from '~/lib/explore/funnel'
import { whoOfFunnel } from '~/lib/explore/people'
import { ruleName } from '~/lib/explore/rules'
import { isTold, shareDifference } from '~/lib/explore/stats'
import type { AskOf, FunnelView } from '~/lib/explore/types'
import { usePeopleDrawer } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { FunnelChart } from '../charts/funnel-chart'
import { FunnelExplained } from '../funnel'
import { Answer } from '../parts/answer'
import { useCells } from '../parts/cells'
import { ChartCard, Legend } from '../parts/chart-card'
import { COLORS, legendOf, type Sides } from './sides'

/** The same funnel of both sides. */
export function CompareFunnels({ sides, search }: { sides: Sides; search: CompareSearch }) {
  const ask = funnelAsk({ steps: search.steps, window: search.window }, sides.a)
  // One question for both, so that neither side has had more time to convert than the other.
  const query = useQuery(asked<'funnel'>(ask && { ...ask, compare: { scope: sides.b } }))
  return (
    <Answer
      query={query}
      explain={<FunnelExplained />}
      n={(answer) => answer.lines[0]?.reached[0] ?? 0}
      isEmpty={(answer) => !answer.lines[0]?.reached[0]}
    >
      {({ question, answer }) => <TwoFunnels sides={sides} question={question} view={answer} />}
    </Answer>
  )
}

function TwoFunnels({ sides, question, view }: { sides: Sides; question: AskOf<'funnel'>; view: FunnelView }) {
  const f = useFormat()
  const { t } = useLingui()
  const showPeople = usePeopleDrawer()
  const names = question.steps.map(ruleName)
  const [ra = [], rb = []] = [view.lines[0]?.reached, view.compared?.reached]
  const end = (reached: number[]) => ({ hits: reached.at(-1) ?? 0, n: reached[0] ?? 0 })
  const whole = shareDifference(end(ra), end(rb))
  const { whole: count, percent, points } = useCells()
  const table: TableData = {
    columns: [
      { key: 'step', head: t`Step` },
      { key: 'a', head: t`${sides.nameA}: people`, end: true, format: count },
      { key: 'ap', head: '%', end: true, format: percent },
      { key: 'b', head: t`${sides.nameB}: people`, end: true, format: count },
      { key: 'bp', head: '%', end: true, format: percent },
      { key: 'd', head: t`Difference`, end: true, format: points },
      { key: 'low', head: '95% −', end: true, format: points },
      { key: 'high', head: '95% +', end: true, format: points },
    ],
    rows: names.map((name, step) => {
      const difference = shareDifference({ hits: ra[step] ?? 0, n: ra[0] ?? 0 }, { hits: rb[step] ?? 0, n: rb[0] ?? 0 })
      return [
        `${step + 1}. ${name}`,
        ra[step] ?? null,
        ra[0] ? (ra[step] ?? 0) / ra[0] : null,
        rb[step] ?? null,
        rb[0] ? (rb[step] ?? 0) / rb[0] : null,
        step === 0 ? null : (difference?.value ?? null),
        step === 0 ? null : (difference?.low ?? null),
        step === 0 ? null : (difference?.high ?? null),
      ]
    }),
  }
  return (
    <ChartCard
      title={t`Funnel`}
      note={t`bars are shares of the first step`}
      lead={<DifferenceText sides={sides} difference={whole} />}
      table={table}
      legend={
        <Legend
          items={legendOf(
            sides,
            [ra[0] ?? 0, rb[0] ?? 0].map((n) => t`${f.whole(n)} people`),
          )}
        />
      }
    >
      <FunnelChart
        steps={names}
        series={[
          { label: sides.nameA, reached: ra, color: COLORS.a },
          { label: sides.nameB, reached: rb, color: COLORS.b },
        ]}
        onPress={(side, step) => {
          // Of other days the list would have more time to convert than the number.
          const hasSameTime = side === 0 || step === 0 || sides.days.a.to === sides.days.b.to
          if (!hasSameTime) return
          showPeople({
            of: whoOfFunnel(question, { step }),
            scope: side === 0 ? sides.a : sides.b,
            title: `${step + 1}. ${names[step]} · ${side === 0 ? sides.nameA : sides.nameB}`,
            count: (side === 0 ? ra : rb)[step],
          })
        }}
      />
    </ChartCard>
  )
}

/** What may be said of a difference of shares. */
function DifferenceText({ sides, difference }: { sides: Sides; difference: ReturnType<typeof shareDifference> }) {
  const f = useFormat()
  if (!difference) return <Trans>One side has nobody to compare.</Trans>
  const interval = `${f.points(difference.low)} – ${f.points(difference.high)}`
  const size = f.points(Math.abs(difference.value)).replace('+', '')
  return isTold(difference) ? (
    difference.value > 0 ? (
      <Trans>
        <b>{sides.nameA}</b> converts <b>{size}</b> more than {sides.nameB} (95%: {interval}).
      </Trans>
    ) : (
      <Trans>
        <b>{sides.nameA}</b> converts <b>{size}</b> less than {sides.nameB} (95%: {interval}).
      </Trans>
    )
  ) : (
    <Trans>
      Between {sides.nameA} and {sides.nameB} no difference can be told: {size}, 95% {interval}.
    </Trans>
  )
}
