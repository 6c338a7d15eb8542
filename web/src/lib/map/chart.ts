/** A line over equal buckets: where its points are, its runs without gaps, and the marks of its axis. */
export interface LineChart {
  /** One for each bucket; `null` where there is no value. */
  points: ({ x: number; y: number } | null)[]
  /** Path data, one for each run of two or more. */
  runs: string[]
  /** Values written at the axis, lowest first, with their heights. */
  ticks: { value: number; y: number }[]
  /** Height of the target, if it is given. */
  target: number | null
}

/** Draws `values` into `width` × `height`. Counts, money and shares start at 0, so that a small change looks small. */
export function lineChart(
  values: readonly (number | null)[],
  width: number,
  height: number,
  { target = null, fromZero = true }: { target?: number | null; fromZero?: boolean } = {},
): LineChart {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value))
  const all = target === null ? known : [...known, target]
  if (all.length === 0) return { points: values.map(() => null), runs: [], ticks: [], target: null }
  let low = Math.min(...all)
  let high = Math.max(...all)
  if (fromZero) {
    low = Math.min(0, low)
    high = Math.max(0, high)
  }
  if (low === high) {
    low -= 1
    high += 1
  }
  const yOf = (value: number) => Number((height - ((value - low) / (high - low)) * height).toFixed(1))
  const step = values.length > 1 ? width / (values.length - 1) : 0
  const start = values.length > 1 ? 0 : width / 2
  const points = values.map((value, index) =>
    value === null || !Number.isFinite(value) ? null : { x: Number((start + index * step).toFixed(1)), y: yOf(value) },
  )
  const runs: string[] = []
  let run: string[] = []
  for (const point of [...points, null]) {
    if (point) {
      run.push(`${run.length === 0 ? 'M' : 'L'}${point.x},${point.y}`)
      continue
    }
    if (run.length > 1) runs.push(run.join(' '))
    run = []
  }
  const ticks = [...new Set([low, high])].map((value) => ({ value, y: yOf(value) }))
  return { points, runs, ticks, target: target === null ? null : yOf(target) }
}

/**
 * Whether a target of the whole period may be drawn over its buckets: for a mean or a share, which lies among the values
 * of its buckets, but not for a sum, of which each bucket is only a part.
 */
export function isLikeItsBuckets(value: number | null | undefined, history: readonly (number | null)[]): boolean {
  const known = history.filter((one): one is number => one !== null)
  return value != null && value >= Math.min(...known) && value <= Math.max(...known)
}
