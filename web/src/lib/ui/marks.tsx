import { cx } from './class-names'
import styles from './marks.module.css'

/** Points of a sparkline, as runs without gaps: an absent value breaks the line, it is never drawn as 0. */
export function sparkRuns(values: (number | null)[], width: number, height: number, pad = 2): [number, number][][] {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value))
  if (known.length === 0) return []
  const low = Math.min(...known)
  const high = Math.max(...known)
  const step = values.length > 1 ? (width - 2 * pad) / (values.length - 1) : 0
  const y = (value: number) =>
    high === low ? height / 2 : height - pad - ((value - low) / (high - low)) * (height - 2 * pad)
  const runs: [number, number][][] = []
  let run: [number, number][] = []
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      if (run.length > 0) runs.push(run)
      run = []
    } else {
      run.push([pad + index * step, y(value)])
    }
  })
  if (run.length > 0) runs.push(run)
  return runs
}

export interface SparklineProps {
  values: (number | null)[]
  width?: number
  height?: number
  /** Said to screen readers; without it the line is decoration beside its number. */
  label?: string
  tone?: 'real' | 'soft'
}

/** A word-sized line of a number's history; its last value is dotted. */
export function Sparkline({ values, width = 64, height = 20, label, tone = 'real' }: SparklineProps) {
  const runs = sparkRuns(values, width, height, 2.5)
  const last = runs.at(-1)?.at(-1)
  return (
    <svg
      className={cx(styles.spark, tone === 'soft' && styles.softSpark)}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      {runs.map((run, index) =>
        run.length === 1 ? (
          <circle key={index} cx={run[0]?.[0]} cy={run[0]?.[1]} r="1.2" />
        ) : (
          <polyline key={index} points={run.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')} />
        ),
      )}
      {last && <circle cx={last[0].toFixed(1)} cy={last[1].toFixed(1)} r="1.9" />}
    </svg>
  )
}

export interface BarProps {
  /** 0–1. */
  share: number
  /** A CSS colour; teal when absent. */
  color?: string
  height?: number
}

/** A share as a bar on a track. Decoration: its number stands beside it. */
export function Bar({ share, color, height = 6 }: BarProps) {
  const width = `${Math.max(0, Math.min(1, share)) * 100}%`
  return (
    <span className={styles.track} style={{ height, borderRadius: height / 2 }} aria-hidden="true">
      {share > 0 && <span style={{ width, minWidth: height / 2, background: color, borderRadius: height / 2 }} />}
    </span>
  )
}

export interface StackPart {
  key: string
  label: string
  value: number
  color: string
}

/** Parts of a whole side by side, each with a tooltip; the list beside it carries the numbers. */
export function StackedBar({ parts, height = 10 }: { parts: StackPart[]; height?: number }) {
  const total = parts.reduce((sum, part) => sum + part.value, 0)
  return (
    <span className={styles.stack} style={{ height }} aria-hidden="true">
      {parts.map(
        (part) =>
          part.value > 0 && (
            <span
              key={part.key}
              title={`${part.label} ${part.value}`}
              style={{ flexGrow: part.value / total, background: part.color }}
            />
          ),
      )}
    </span>
  )
}

/** The square that stands for a channel. */
export function ChannelMark({ color }: { color: string }) {
  return <span className={styles.channel} style={{ background: color }} aria-hidden="true" />
}

export interface ProgressProps {
  label: string
  /** 0–1, or `null` while unknown. */
  share: number | null
}

/** How far long work has come. */
export function Progress({ label, share }: ProgressProps) {
  const now = share === null ? undefined : Math.round(share * 100)
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={now}
      className={cx(styles.track, styles.progress, share === null && styles.unknown)}
    >
      <span style={{ width: share === null ? '30%' : `${now}%` }} />
    </div>
  )
}
