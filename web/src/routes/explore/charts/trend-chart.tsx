import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { Grain } from '~/lib/explore/address'
import {
  bandPath,
  fitText,
  labelEvery,
  linear,
  linePath,
  type Point,
  round,
  spread,
  ticks,
  wholeTicks,
} from '~/lib/explore/scale'
import { useFormat } from '~/lib/use-format'
import styles from './charts.module.css'
import { gridWalk, mark, Plot, type TipText } from './marks'

export interface TrendSeries {
  key: string
  name: string
  values: (number | null)[]
  color: string
  /** Told from another line of the same colour. */
  isDashed?: boolean
  /** The same buckets of the comparison, counted from the first. */
  before?: (number | null)[]
  low?: (number | null)[]
  high?: (number | null)[]
}

const HEIGHT = 300
/** Beside another chart. */
const HEIGHT_LOW = 192
const TOP = 14
const BOTTOM = 28

/** Lines over time with their names at their ends, intervals as bands, the comparison dashed; or areas that add up. */
export function TrendChart({
  label,
  buckets,
  grain,
  names,
  series,
  write,
  tight,
  isWhole,
  stacked,
  openFrom,
  isLow,
  onPress,
}: {
  label: string
  /** Start of each bucket, microseconds. */
  buckets: number[]
  grain: Grain
  /** What the buckets are called, where they are no days. */
  names?: string[]
  series: TrendSeries[]
  /** A value as it is read, and as an axis writes it. */
  write: (value: number | null) => string
  tight: (value: number | null) => string
  isWhole?: boolean
  stacked?: boolean
  /** The first bucket that is not over yet: from here the line is dotted. */
  openFrom?: number
  /** Stands beside another chart. */
  isLow?: boolean
  onPress?: (series: number, bucket: number) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const [at, setAt] = useState<string | null>(null)
  const n = buckets.length
  const height = isLow ? HEIGHT_LOW : HEIGHT
  const base = height - BOTTOM
  const tops = stackTops(series)
  const shown = stacked
    ? tops.flat()
    : series.flatMap((one) => [...one.values, ...(one.before ?? []), ...(one.high ?? [])])
  const lows = stacked ? [0] : series.flatMap((one) => [...one.values, ...(one.low ?? [])])
  const high = Math.max(0, ...shown.filter((value) => value !== null))
  const low = Math.min(0, ...lows.filter((value) => value !== null))
  const scale = isWhole ? wholeTicks(high) : ticks(low, high)
  const y = linear(scale[0] ?? 0, scale.at(-1) ?? 1, base, TOP)
  const when = (bucket: number) =>
    names?.[bucket] ?? (grain === 'month' ? monthOf(buckets[bucket], f) : f.day(buckets[bucket], false))
  const says = (line: number, bucket: number) =>
    `${when(bucket)}, ${series.length > 1 ? `${series[line]?.name}, ` : ''}${write(series[line]?.values[bucket] ?? null)}${openFrom !== undefined && bucket >= openFrom ? `, ${t`not over yet`}` : ''}`
  const tipOf = (name: string): TipText | null => {
    const [line = 0, bucket = 0] = name.split(':').map(Number)
    const one = series[line]
    if (!one) return null
    const others = series.map((each): [string, string] => [each.name, write(each.values[bucket] ?? null)])
    const interval = one.low?.[bucket] != null && one.high?.[bucket] != null
    return {
      title: `${when(bucket)}${openFrom !== undefined && bucket >= openFrom ? ` · ${t`not over yet`}` : ''}`,
      lines: [
        ...others.slice(0, 8),
        ...(interval
          ? [
              [t`95% interval`, `${write(one.low?.[bucket] ?? null)} – ${write(one.high?.[bucket] ?? null)}`] as [
                string,
                string,
              ],
            ]
          : []),
        ...(one.before ? [[t`Compared with`, write(one.before[bucket] ?? null)] as [string, string]] : []),
      ],
    }
  }
  const press =
    onPress &&
    ((name: string) => {
      const [line = 0, bucket = 0] = name.split(':').map(Number)
      onPress(line, bucket)
    })
  return (
    <Plot
      label={label}
      height={height}
      walk={gridWalk(series.length, n, (line, bucket) => series[line]?.values[bucket] != null)}
      tipOf={tipOf}
      onPress={press}
      onAt={setAt}
    >
      {(width) => {
        const left = 8 + Math.max(24, ...scale.map((value) => tight(value).length * 6.6))
        const right = series.length > 1 && width > 560 ? 128 : 16
        const step = n > 1 ? (width - left - right) / (n - 1) : 0
        const x = (bucket: number) => (n > 1 ? left + bucket * step : (left + width - right) / 2)
        const every = labelEvery(n, width - left - right, 76)
        const points = series.map((one, line) =>
          one.values.map((value, bucket): Point | null =>
            value === null ? null : [x(bucket), y(stacked ? (tops[line]?.[bucket] ?? 0) : value)],
          ),
        )
        const here = at === null ? null : Number(at.split(':')[1])
        const ends = spread(
          points.map((line) => line.findLast((point) => point !== null)?.[1] ?? base),
          15,
          TOP,
          base,
        )
        return (
          <>
            {scale.map((value) => (
              <g key={value} aria-hidden="true">
                <line
                  x1={left}
                  x2={width - right}
                  y1={round(y(value))}
                  y2={round(y(value))}
                  className={value === 0 ? styles.zero : styles.grid}
                />
                <text x={left - 8} y={round(y(value)) + 4} textAnchor="end" className={styles.axis}>
                  {tight(value)}
                </text>
              </g>
            ))}
            {buckets.map(
              (bucket, index) =>
                index % every === 0 && (
                  <text
                    key={bucket}
                    x={round(x(index))}
                    y={height - 8}
                    textAnchor={index === 0 ? 'start' : index === n - 1 && right < 100 ? 'end' : 'middle'}
                    className={styles.axis}
                    aria-hidden="true"
                  >
                    {when(index)}
                  </text>
                ),
            )}
            {here !== null && (
              <line x1={round(x(here))} x2={round(x(here))} y1={TOP} y2={base} className={styles.cursor} />
            )}
            {series.map((one, line) => {
              const run = points[line] ?? []
              const over = openFrom === undefined ? run : run.map((point, index) => (index < openFrom ? point : null))
              const open =
                openFrom === undefined ? [] : run.map((point, index) => (index >= openFrom - 1 ? point : null))
              return (
                <g key={one.key} aria-hidden="true">
                  {one.low && one.high && (
                    <path
                      className={styles.band}
                      d={bandPath(
                        one.high.map((value, index) => (value === null ? null : [x(index), y(value)])),
                        one.low.map((value, index) => (value === null ? null : [x(index), y(value)])),
                      )}
                    />
                  )}
                  {stacked && (
                    <path
                      style={{ fill: one.color, fillOpacity: 0.28 }}
                      d={bandPath(
                        run,
                        one.values.map((_, index) => [x(index), y(line === 0 ? 0 : (tops[line - 1]?.[index] ?? 0))]),
                      )}
                    />
                  )}
                  {one.before && (
                    <path
                      className={styles.wasLine}
                      style={series.length > 1 ? { stroke: one.color, strokeOpacity: 0.55 } : undefined}
                      d={linePath(
                        one.before.slice(0, n).map((value, index) => (value === null ? null : [x(index), y(value)])),
                      )}
                    />
                  )}
                  <path
                    className={styles.line}
                    style={{ stroke: one.color, strokeDasharray: one.isDashed ? '7 4' : undefined }}
                    d={linePath(over)}
                  />
                  <path className={`${styles.line} ${styles.open}`} style={{ stroke: one.color }} d={linePath(open)} />
                  {right > 100 && (
                    <text
                      x={width - right + 8}
                      y={round((ends[line] ?? 0) + 4)}
                      style={{ fill: one.color }}
                      className={styles.strong}
                    >
                      {fitText(one.name, right - 12, 12)}
                    </text>
                  )}
                </g>
              )
            })}
            {/* Wide columns to point at, under the marks that are walked. */}
            {buckets.map((bucket, index) => (
              <g key={bucket} data-over={`0:${index}`}>
                <rect
                  x={round(x(index) - Math.max(step, 12) / 2)}
                  y={TOP}
                  width={round(Math.max(step, 12))}
                  height={base - TOP}
                  className={styles.hit}
                  style={onPress ? { cursor: 'pointer' } : undefined}
                />
              </g>
            ))}
            {series.map((one, line) =>
              points[line]?.map(
                (point, bucket) =>
                  point && (
                    <g
                      key={`${one.key}${bucket}`}
                      {...mark(`${line}:${bucket}`, says(line, bucket), onPress !== undefined)}
                    >
                      <circle
                        cx={round(point[0])}
                        cy={round(point[1])}
                        r={4}
                        className={styles.dot}
                        style={{ stroke: one.color }}
                        data-at={here === bucket || undefined}
                      />
                    </g>
                  ),
              ),
            )}
          </>
        )
      }}
    </Plot>
  )
}

/** The upper edge of each area when they stand on top of each other. */
function stackTops(series: TrendSeries[]): number[][] {
  const tops: number[][] = []
  series.forEach((one, line) => {
    tops.push(one.values.map((value, index) => (value ?? 0) + (tops[line - 1]?.[index] ?? 0)))
  })
  return tops
}

function monthOf(us: number | undefined, f: ReturnType<typeof useFormat>): string {
  if (us === undefined) return ''
  return new Intl.DateTimeFormat(f.lang === 'ko' ? 'ko-KR' : 'en-US', {
    timeZone: f.style.zone,
    year: '2-digit',
    month: 'short',
  }).format(us / 1000)
}
