import { useLingui } from '@lingui/react/macro'
import { labelEvery, linear, round, ticks } from '~/lib/explore/scale'
import type { LifecyclePoint, Phase } from '~/lib/explore/types'
import { useFormat } from '~/lib/use-format'
import styles from './charts.module.css'
import { gridWalk, mark, Plot, type TipText } from './marks'

/** Bottom to top above the line, then below it. */
export const PHASES: Phase[] = ['returning', 'resurrecting', 'new', 'dormant']
export const PHASE_COLORS: Record<Phase, string> = {
  new: 'var(--channel-1)',
  returning: 'var(--real)',
  resurrecting: 'var(--channel-8)',
  dormant: 'var(--bad)',
}

export function usePhaseNames(): Record<Phase, string> {
  const { t } = useLingui()
  return { new: t`new`, returning: t`returning`, resurrecting: t`back after a pause`, dormant: t`gone quiet` }
}

const HEIGHT = 320
const TOP = 10
const BOTTOM = 28

/** Who is active in each interval, and below the line who is no more. */
export function LifecycleBars({
  label,
  names,
  points,
  onPress,
}: {
  label: string
  /** Of the intervals. */
  names: string[]
  points: LifecyclePoint[]
  onPress: (phase: Phase, bucket: number) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const phases = usePhaseNames()
  const high = Math.max(1, ...points.map((point) => point.new + point.returning + point.resurrecting))
  const low = Math.max(0, ...points.map((point) => point.dormant))
  const scale = ticks(-low, high, 5)
  const y = linear(scale[0] ?? 0, scale.at(-1) ?? 1, HEIGHT - BOTTOM, TOP)
  const n = points.length
  const tipOf = (name: string): TipText | null => {
    const bucket = Number(name.split(':')[1])
    const point = points[bucket]
    if (!point) return null
    return {
      title: `${names[bucket]}${point.is_complete ? '' : ` · ${t`not over yet`}`}`,
      lines: [
        ...PHASES.map((phase): [string, string] => [phases[phase], f.whole(point[phase])]),
        [t`New and back by gone`, f.whole(point.quick_ratio, 2)],
      ],
    }
  }
  return (
    <Plot
      label={label}
      height={HEIGHT}
      minWidth={n * 14}
      walk={gridWalk(PHASES.length, n, (row, bucket) => (points[bucket]?.[PHASES[row] ?? 'new'] ?? 0) > 0)}
      tipOf={tipOf}
      onPress={(name) => {
        const [row = 0, bucket = 0] = name.split(':').map(Number)
        const phase = PHASES[row]
        if (phase) onPress(phase, bucket)
      }}
    >
      {(width) => {
        const left = 8 + Math.max(24, ...scale.map((value) => f.short(Math.abs(value)).length * 6.6))
        const step = (width - left) / Math.max(1, n)
        const every = labelEvery(n, width - left, 76)
        return (
          <>
            {scale.map((value) => (
              <g key={value} aria-hidden="true">
                <line
                  x1={left}
                  x2={width}
                  y1={round(y(value))}
                  y2={round(y(value))}
                  className={value === 0 ? styles.zero : styles.grid}
                />
                <text x={left - 8} y={round(y(value)) + 4} textAnchor="end" className={styles.axis}>
                  {f.short(Math.abs(value))}
                </text>
              </g>
            ))}
            {points.map((point, bucket) => {
              const x = left + bucket * step + step * 0.12
              let base = 0
              return (
                <g key={bucket} opacity={point.is_complete ? undefined : 0.55}>
                  {PHASES.map((phase, row) => {
                    const value = point[phase]
                    if (value === 0) return null
                    const from = phase === 'dormant' ? 0 : base
                    const to = phase === 'dormant' ? -value : base + value
                    if (phase !== 'dormant') base = to
                    const top = Math.min(y(from), y(to))
                    return (
                      <g
                        key={phase}
                        {...mark(
                          `${row}:${bucket}`,
                          `${names[bucket]}, ${phases[phase]}, ${t`${f.whole(value)} people`}${point.is_complete ? '' : `, ${t`not over yet`}`}`,
                          true,
                        )}
                      >
                        <rect
                          x={round(x)}
                          y={round(top)}
                          width={round(step * 0.76)}
                          height={round(Math.max(1, Math.abs(y(from) - y(to)) - 1))}
                          rx={1.5}
                          style={{ fill: PHASE_COLORS[phase] }}
                        />
                      </g>
                    )
                  })}
                  {bucket % every === 0 && (
                    <text x={round(x)} y={HEIGHT - 8} className={styles.axis} aria-hidden="true">
                      {names[bucket]}
                    </text>
                  )}
                </g>
              )
            })}
          </>
        )
      }}
    </Plot>
  )
}
