import { labelEvery, round } from '~/lib/explore/scale'
import styles from './charts.module.css'
import { gridWalk, mark, Plot } from './marks'

const HEIGHT = 168
const BOTTOM = 24

/** How often each size occurs; the bin of the median is darker. */
export function Histogram({
  label,
  bins,
  median,
  write,
  count,
}: {
  label: string
  bins: { from: number; to: number; count: number }[]
  median: number | null
  /** An edge as it is read. */
  write: (value: number) => string
  /** What a bar holds, in words. */
  count: (n: number) => string
}) {
  const most = Math.max(1, ...bins.map((bin) => bin.count))
  return (
    <Plot
      label={label}
      height={HEIGHT}
      walk={gridWalk(1, bins.length)}
      tipOf={(name) => {
        const bin = bins[Number(name.split(':')[1])]
        return bin ? { title: `${write(bin.from)} – ${write(bin.to)}`, lines: [['', count(bin.count)]] } : null
      }}
    >
      {(width) => {
        const step = width / Math.max(1, bins.length)
        const base = HEIGHT - BOTTOM
        const every = labelEvery(bins.length, width, 88)
        return (
          <>
            <line x1={0} x2={width} y1={base} y2={base} className={styles.zero} />
            {bins.map((bin, at) => {
              const height = (bin.count / most) * (base - 6)
              const isMedian = median !== null && median >= bin.from && median < bin.to
              return (
                <g key={at} {...mark(`0:${at}`, `${write(bin.from)} – ${write(bin.to)}, ${count(bin.count)}`)}>
                  <rect
                    x={round(at * step + 1)}
                    y={round(base - height)}
                    width={round(Math.max(1, step - 2))}
                    height={round(Math.max(bin.count > 0 ? 1 : 0, height))}
                    rx={1.5}
                    className={styles.real}
                    style={isMedian ? { fill: 'color-mix(in oklab, var(--real) 60%, var(--ink))' } : undefined}
                  />
                  <rect x={round(at * step)} y={0} width={round(step)} height={base} className={styles.hit} />
                </g>
              )
            })}
            {bins.map(
              (bin, at) =>
                at % every === 0 && (
                  <text key={at} x={round(at * step)} y={HEIGHT - 6} className={styles.axis} aria-hidden="true">
                    {write(bin.from)}
                  </text>
                ),
            )}
          </>
        )
      }}
    </Plot>
  )
}
