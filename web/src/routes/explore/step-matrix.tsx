import { useLingui } from '@lingui/react/macro'
import type { CellValue } from '~/lib/explore/export'
import type { AskOf, PathsView } from '~/lib/explore/types'
import { useFormat } from '~/lib/use-format'
import { HeatMatrix } from './charts/heat-matrix'
import { useCells } from './parts/cells'
import { ChartCard } from './parts/chart-card'
import { useWho } from './path-flow'

/** The same paths as a table: which events at which step, and how many had ended before it. */
export function StepMatrix({ question, view }: { question: AskOf<'paths'>; view: PathsView }) {
  const f = useFormat()
  const { t } = useLingui()
  const { percent } = useCells()
  const show = useWho(question)
  const { matrix } = view
  const n_steps = matrix.ended.length
  const isMirrored = Boolean(question.before && !question.after)
  const nameOf = (node: string | null | undefined) => node ?? t`others`
  const heads = Array.from({ length: n_steps }, (_, step) =>
    isMirrored ? (step === 0 ? t`end` : t`${step} before`) : t`Step ${step + 1}`,
  )
  const peopleAt = (step: number, node: string | null) =>
    view.nodes.find((one) => one.step === step && (one.node ?? null) === node)?.n_people
  return (
    <ChartCard
      title={t`Share of sequences at each step`}
      note={t`${f.whole(view.n_sequences)} sequences of ${f.whole(view.n_people)} people`}
      isTable
      table={{
        columns: [
          { key: 'event', head: t`Event` },
          ...heads.map((head, step) => ({ key: `s${step}`, head, end: true, format: percent })),
        ],
        rows: [
          ...matrix.nodes.map((node, line): CellValue[] => [nameOf(node), ...(matrix.shares[line] ?? [])]),
          [t`Ended before`, ...matrix.ended],
        ],
      }}
    >
      <HeatMatrix
        caption={t`Share of sequences at each event (row) and step (column)`}
        corner={t`Event`}
        heads={heads}
        rows={[
          ...matrix.nodes.map((node, line) => ({
            key: node ?? '\u0001',
            head: nameOf(node),
            cells: (matrix.shares[line] ?? []).map((share, step) => {
              if (share === 0) return null
              const n = peopleAt(step, node)
              return {
                text: f.percent(share, share < 0.1 ? 1 : 0),
                heat: Math.sqrt(share),
                says: t`${heads[step]}, ${nameOf(node)}: ${f.percent(share)}`,
                onPress:
                  n === undefined
                    ? undefined
                    : () => show({ point: 'node', step, node }, `${heads[step]} · ${nameOf(node)}`, n),
              }
            }),
          })),
          {
            key: 'ended',
            head: t`Ended before`,
            isTotal: true,
            cells: matrix.ended.map((share, step) => ({
              text: f.percent(share, 0),
              heat: 0,
              says: t`${heads[step]}: ${f.percent(share)} ended before`,
            })),
          },
        ]}
      />
    </ChartCard>
  )
}
