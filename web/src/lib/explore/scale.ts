/* Scales and paths of the charts. Lengths are pixels of the chart, values the data's own. */

/** Maps `low…high` onto `from…to`; a span of nothing maps to the middle. */
export function linear(low: number, high: number, from: number, to: number): (value: number) => number {
  const span = high - low
  return (value) => (span === 0 ? (from + to) / 2 : from + ((value - low) / span) * (to - from))
}

/** The smallest of 1, 2, 2.5, 5 × 10ⁿ that is at least `raw`. */
export function niceStep(raw: number): number {
  if (!(raw > 0) || !Number.isFinite(raw)) return 1
  const power = 10 ** Math.floor(Math.log10(raw))
  const found = [1, 2, 2.5, 5, 10].find((step) => step * power >= raw * (1 - 1e-9)) ?? 10
  return found * power
}

/** Round values that cover `low…high` in about `count` steps, from the first at or below to the first at or above. */
export function ticks(low: number, high: number, count = 4): number[] {
  if (high === low) return low === 0 ? [0, 1] : low > 0 ? [0, low] : [low, 0]
  const step = niceStep((high - low) / count)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)))
}

/** Round whole numbers, for counts: never half a person. */
export function wholeTicks(high: number, count = 4): number[] {
  const step = Math.max(1, Math.ceil(niceStep(high / count)))
  const last = Math.max(1, Math.ceil(high / step))
  return Array.from({ length: last + 1 }, (_, at) => at * step)
}

/** Every how many buckets a label fits. */
export function labelEvery(n: number, width: number, labelWidth: number): number {
  const fits = Math.max(1, Math.floor(width / labelWidth))
  return Math.max(1, Math.ceil(n / fits))
}

export type Point = [x: number, y: number]

const at = ([x, y]: Point) => `${round(x)},${round(y)}`
/** Tenths of a pixel: enough for the eye, and files stay small. */
export const round = (value: number) => Math.round(value * 10) / 10

/** Lines through the points; an absent one breaks the line, it is never drawn as 0. */
export function linePath(points: (Point | null)[]): string {
  let path = ''
  let isOpen = false
  for (const point of points) {
    if (point === null) {
      isOpen = false
      continue
    }
    path += `${isOpen ? 'L' : 'M'}${at(point)}`
    isOpen = true
  }
  return path
}

/** The band between two lines of the same length; gaps where either is absent. */
export function bandPath(upper: (Point | null)[], lower: (Point | null)[]): string {
  let path = ''
  let run: [Point, Point][] = []
  const close = () => {
    if (run.length > 1) {
      const there = run.map(([top]) => at(top)).join('L')
      const back = run
        .map(([, bottom]) => at(bottom))
        .reverse()
        .join('L')
      path += `M${there}L${back}Z`
    }
    run = []
  }
  upper.forEach((top, index) => {
    const bottom = lower[index]
    if (top && bottom) run.push([top, bottom])
    else close()
  })
  close()
  return path
}

/** Wide letters (Hangul, Kanji, full width) take an em, others somewhat more than half of one. */
export function textWidth(text: string, size: number): number {
  let ems = 0
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0
    ems +=
      code >= 0x1100 && code !== 0x2013 && code !== 0x2019 && code !== 0x2026
        ? 0.94
        : /[A-Z@%W]/.test(letter)
          ? 0.68
          : 0.56
  }
  return ems * size
}

/** The text cut to a width, with an ellipsis where something is missing. */
export function fitText(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text
  const letters = [...text]
  while (letters.length > 1 && textWidth(`${letters.join('')}…`, size) > width) letters.pop()
  return `${letters.join('').trimEnd()}…`
}

/**
 * Moves labels apart that would overlap: each keeps its order and stands as near to its wish as the others allow, within
 * `top…bottom`.
 */
export function spread(wishes: number[], gap: number, top: number, bottom: number): number[] {
  const order = wishes.map((wish, index) => ({ wish, index })).sort((a, b) => a.wish - b.wish)
  const placed = new Array<number>(wishes.length).fill(0)
  let floor = top
  for (const one of order) {
    const y = Math.max(one.wish, floor)
    placed[one.index] = y
    floor = y + gap
  }
  let ceiling = bottom
  for (const one of order.toReversed()) {
    const y = Math.min(placed[one.index] ?? 0, ceiling)
    placed[one.index] = y
    ceiling = y - gap
  }
  return placed
}
