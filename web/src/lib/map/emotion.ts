/** Emotion runs from −2 to +2. */
export const WORST = -2
export const BEST = 2
/** One step of the keyboard, and the grid that dragging snaps to. */
export const STEP = 0.1

/** What is known of one stage. */
export interface Feeling {
  /** What the team assumes; `null` where it said nothing. */
  assumed: number | null
  /** The measured mean; `null` where nobody answered. */
  measured: number | null
  /** Its 95 % interval. */
  low: number | null
  high: number | null
}

/** Where the curve is drawn: columns of equal width, feelings between `top` and `bottom`. */
export interface Plane {
  column: number
  top: number
  bottom: number
}

export interface Point {
  x: number
  y: number
}

/** The stage's difference between assumption and measurement, where it is more than doubt. */
export interface Gap {
  stage: number
  /** Measured less assumed. */
  size: number
  from: number
  to: number
}

/** Which side of its dot a label stands on. */
export type Side = 'above' | 'below'

export interface Curve {
  /** SVG path data: one for each run of stages without a gap; runs of one stage are a dot only and have no path. */
  measured: string[]
  assumed: string[]
  /** Closed paths of the interval. */
  band: string[]
  gaps: Gap[]
  /** Side of the label of each stage's measured dot: away from the assumption. */
  sides: Side[]
}

/** A gap smaller than this is not worth a note, however sure. */
const WORTH_A_NOTE = 0.5

/** Height of a feeling. Values outside the scale stay on its edge. */
export function yOf(feeling: number, plane: Plane): number {
  const share = (clamp(feeling) - WORST) / (BEST - WORST)
  return plane.bottom - share * (plane.bottom - plane.top)
}

/** The feeling at a height, on the grid of [`STEP`]. */
export function feelingAt(y: number, plane: Plane): number {
  const share = (plane.bottom - y) / (plane.bottom - plane.top)
  return snap(WORST + share * (BEST - WORST))
}

/** The nearest feeling on the grid, within the scale. */
export const snap = (feeling: number) => Number(clamp(Math.round(feeling / STEP) * STEP).toFixed(1))

const clamp = (feeling: number) => Math.min(BEST, Math.max(WORST, feeling))

/** Middle of a stage's column. */
export const xOf = (stage: number, plane: Plane) => (stage + 0.5) * plane.column

/**
 * The curve of a journey. Lines break where a value is missing: a stage that nobody answered in is not drawn as 0, nor
 * is it jumped over. Between two stages the line is a cubic with level ends, so it never shows more or less than the
 * values it joins.
 */
export function drawCurve(stages: readonly Feeling[], plane: Plane): Curve {
  const line = (read: (stage: Feeling) => number | null) =>
    runs(stages, read)
      .map((run) => run.map(({ stage, value }) => ({ x: xOf(stage, plane), y: yOf(value, plane) })))
      .filter((points) => points.length > 1)
      .map((points) => smooth(points))
  return {
    measured: line((stage) => stage.measured),
    assumed: line((stage) => stage.assumed),
    band: bands(stages, plane),
    gaps: gapsOf(stages, plane),
    sides: stages.map(sideOf),
  }
}

/** Runs of neighbouring stages that have a value. */
export function runs(
  stages: readonly Feeling[],
  read: (stage: Feeling) => number | null,
): { stage: number; value: number }[][] {
  const all: { stage: number; value: number }[][] = []
  let run: { stage: number; value: number }[] = []
  stages.forEach((one, stage) => {
    const value = read(one)
    if (value !== null && Number.isFinite(value)) {
      run.push({ stage, value })
      return
    }
    if (run.length > 0) all.push(run)
    run = []
  })
  if (run.length > 0) all.push(run)
  return all
}

const fixed = (n: number) => Number(n.toFixed(1))

/** Path data through the points, level at each. `join` goes on from a path instead of beginning one. */
export function smooth(points: readonly Point[], join: 'M' | 'L' = 'M'): string {
  const parts = points.map((point, index) => {
    const before = points[index - 1]
    if (!before) return `${join}${fixed(point.x)},${fixed(point.y)}`
    const middle = fixed((before.x + point.x) / 2)
    return `C${middle},${fixed(before.y)} ${middle},${fixed(point.y)} ${fixed(point.x)},${fixed(point.y)}`
  })
  return parts.join(' ')
}

/** Half the width of the band over a single stage, as a share of the column. */
const LONE_BAND = 0.06

function bands(stages: readonly Feeling[], plane: Plane): string[] {
  const isKnown = (stage: Feeling) => (stage.low !== null && stage.high !== null ? stage.measured : null)
  return runs(stages, isKnown).map((run) => {
    const edge = (end: 'low' | 'high'): Point[] =>
      run.map(({ stage, value }) => ({ x: xOf(stage, plane), y: yOf(stages[stage]?.[end] ?? value, plane) }))
    let [upper, lower] = [edge('high'), edge('low')]
    const spread = plane.column * LONE_BAND
    if (run.length === 1)
      [upper, lower] = [upper, lower].map((points) =>
        points.flatMap(({ x, y }) => [
          { x: x - spread, y },
          { x: x + spread, y },
        ]),
      ) as [Point[], Point[]]
    return `${smooth(upper)} ${smooth(lower.toReversed(), 'L')} Z`
  })
}

/** How far a measurement lies from the assumption, if that is more than its doubt. */
export function gapOf(stage: Feeling): number | null {
  const { assumed, measured, low, high } = stage
  if (assumed === null || measured === null) return null
  const isSure = low === null || high === null || assumed < low || assumed > high
  const size = measured - assumed
  return isSure && Math.abs(size) >= WORTH_A_NOTE ? size : null
}

function gapsOf(stages: readonly Feeling[], plane: Plane): Gap[] {
  return stages.flatMap((one, stage) => {
    const size = gapOf(one)
    if (size === null || one.assumed === null || one.measured === null) return []
    return [{ stage, size, from: yOf(one.assumed, plane), to: yOf(one.measured, plane) }]
  })
}

/** Away from the assumption; where there is none or it is the same, above, unless the dot touches the top. */
function sideOf({ assumed, measured }: Feeling): Side {
  if (measured === null) return 'above'
  if (assumed !== null && assumed > measured + 0.05) return measured < -1.4 ? 'above' : 'below'
  return measured > 1.4 ? 'below' : 'above'
}
