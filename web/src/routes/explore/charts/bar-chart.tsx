import { useLingui } from '@lingui/react/macro'
import { fitText, linear, round, ticks } from '~/lib/explore/scale'
import styles from './charts.module.css'
import { gridWalk, mark, Plot, type TipText } from './marks'

export interface Bar {
  key: string
  name: string
  /** One value for each series; absent where it cannot be told. */
  values: { value: number | null; low?: number | null; high?: number | null }[]
  color?: string
  tip?: [label: string, value: string][]
}

/** Bars side by side by name, with whiskers where a value has an interval; several series under one another. */
export function BarChart({
  label,
  bars,
  series,
  write,
  tight,
  wideNames,
  onPress,
}: {
  label: string
  bars: Bar[]
  /** Names and colours of the series; one without a name takes each bar's own colour. */
  series: { name: string; color?: string }[]
  write: (value: number | null) => string
  tight: (value: number) => string
  /** Names are long, such as pairs. */
  wideNames?: boolean
  onPress?: (bar: number, series: number) => void
}) {
  const { t } = useLingui()
  const thick = series.length === 1 ? 18 : Math.max(8, Math.min(15, 64 / series.length))
  const row = thick * series.length + (series.length === 1 ? 14 : 16)
  const values = bars.flatMap((bar) => bar.values.flatMap((one) => [one.value, one.low ?? null, one.high ?? null]))
  const known = values.filter((value) => value !== null)
  const scale = ticks(Math.min(0, ...known), Math.max(0, ...known), 4)
  const height = bars.length * row + 26
  const says = (at: number, of: number) => {
    const bar = bars[at]
    const one = bar?.values[of]
    if (!bar || !one) return ''
    const interval =
      one.low != null && one.high != null ? `, ${t`95% interval`} ${write(one.low)} – ${write(one.high)}` : ''
    return `${bar.name}${series.length > 1 ? `, ${series[of]?.name}` : ''}, ${write(one.value)}${interval}`
  }
  const tipOf = (name: string): TipText | null => {
    const [at = 0, of = 0] = name.split(':').map(Number)
    const bar = bars[at]
    const one = bar?.values[of]
    if (!bar || !one) return null
    return {
      title: bar.name,
      lines: [
        ...series.map((each, index): [string, string] => [each.name, write(bar.values[index]?.value ?? null)]),
        ...(one.low != null && one.high != null
          ? [[t`95% interval`, `${write(one.low)} – ${write(one.high)}`] as [string, string]]
          : []),
        ...(bar.tip ?? []),
      ],
    }
  }
  const press =
    onPress &&
    ((name: string) => {
      const [at = 0, of = 0] = name.split(':').map(Number)
      onPress(at, of)
    })
  return (
    <Plot label={label} height={height} walk={gridWalk(bars.length, series.length)} tipOf={tipOf} onPress={press}>
      {(width) => {
        const left = wideNames ? Math.min(300, width * 0.4) : Math.min(168, Math.max(84, width * 0.24))
        const right = 72
        const x = linear(scale[0] ?? 0, scale.at(-1) ?? 1, left, width - right)
        const zero = x(0)
        const foot = bars.length * row
        return (
          <>
            {scale.map((value) => (
              <g key={value} aria-hidden="true">
                <line
                  x1={round(x(value))}
                  x2={round(x(value))}
                  y1={0}
                  y2={foot}
                  className={value === 0 ? styles.zero : styles.grid}
                />
                <text x={round(x(value))} y={foot + 18} textAnchor="middle" className={styles.axis}>
                  {tight(value)}
                </text>
              </g>
            ))}
            {bars.map((bar, at) => (
              <g key={bar.key}>
                <text x={left - 10} y={at * row + row / 2 + 1} textAnchor="end" aria-hidden="true">
                  {fitText(bar.name, left - 14, 12)}
                </text>
                {series.map((each, of) => {
                  const one = bar.values[of]
                  const y = at * row + (row - thick * series.length) / 2 + of * thick
                  if (!one || one.value === null)
                    return (
                      <text key={each.name} x={zero + 6} y={y + thick - 3} className={styles.axis} aria-hidden="true">
                        –
                      </text>
                    )
                  const end = x(one.value)
                  const label = Math.max(end, one.high != null ? x(one.high) : end, zero)
                  return (
                    <g key={each.name} {...mark(`${at}:${of}`, says(at, of), onPress !== undefined)}>
                      <rect
                        x={round(Math.min(zero, end))}
                        y={round(y)}
                        width={round(Math.max(1, Math.abs(end - zero)))}
                        height={round(thick - (series.length > 1 ? 2 : 0))}
                        rx={2}
                        style={{ fill: each.color ?? bar.color ?? 'var(--real)' }}
                      />
                      <rect x={left} y={round(y)} width={width - left} height={thick} className={styles.hit} />
                      {one.low != null && one.high != null && (
                        <path
                          d={`M${round(x(one.low))},${round(y + thick / 2 - 1)}H${round(x(one.high))}M${round(x(one.low))},${round(y + thick / 2 - 4)}v6M${round(x(one.high))},${round(y + thick / 2 - 4)}v6`}
                          className={styles.whisker}
                          fill="none"
                        />
                      )}
                      {(series.length === 1 || thick >= 11) && (
                        <text
                          x={round(label + 6)}
                          y={round(y + thick / 2 + 3)}
                          className={`${styles.small} ${styles.soft}`}
                          aria-hidden="true"
                        >
                          {write(one.value)}
                        </text>
                      )}
                    </g>
                  )
                })}
              </g>
            ))}
          </>
        )
      }}
    </Plot>
  )
}
