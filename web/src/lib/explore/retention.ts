import type { Format } from '../use-format'
import type { Grain } from './address'

/** The cell of retention in intervals after the start: `3`, or `4–7` for a bracket. */
export function cellLabel(edges: number[], cell: number): string {
  const from = edges[cell] ?? cell
  const to = edges[cell + 1]
  return to === undefined || to - from <= 1 ? String(from) : `${from}–${to - 1}`
}

/** What an interval is called: its day, or its month. */
export function dayOfBucket(start_us: number, grain: Grain, f: Format): string {
  if (grain !== 'month') return f.day(start_us, false)
  return new Intl.DateTimeFormat(f.lang === 'ko' ? 'ko-KR' : 'en-US', {
    timeZone: f.style.zone,
    year: 'numeric',
    month: 'short',
  }).format(start_us / 1000)
}
