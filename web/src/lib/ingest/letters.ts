import type { DeadLetterKind } from '../api/ingest'

/** Dead letters of one reason, whoever sent them. */
export interface Reason {
  code: string
  n_waiting: number
  n_replayed: number
  last_us: number
  sources: string[]
}

/** Counts by reason, most waiting first; only of `source` where one is named. */
export function reasonsOf(counts: DeadLetterKind[], source?: string): Reason[] {
  const reasons = new Map<string, Reason>()
  for (const one of counts) {
    if (source !== undefined && one.source !== source) continue
    const reason = reasons.get(one.code) ?? { code: one.code, n_waiting: 0, n_replayed: 0, last_us: 0, sources: [] }
    reason.n_waiting += one.n_waiting
    reason.n_replayed += one.n_replayed
    reason.last_us = Math.max(reason.last_us, one.last_us)
    reason.sources.push(one.source)
    reasons.set(one.code, reason)
  }
  return [...reasons.values()].sort((a, b) => b.n_waiting - a.n_waiting || a.code.localeCompare(b.code))
}

/** JSON as people read it; what is no JSON stays as it is. */
export function readable(raw: string): string {
  try {
    const value: unknown = JSON.parse(raw)
    // Numbers beyond what JavaScript holds would come out changed: then the text stays.
    return /\d{16}/.test(raw) ? raw : JSON.stringify(value, null, 2)
  } catch {
    return raw
  }
}

/** A bar of the chart: heights are shares of the tallest minute. */
export interface Bar {
  minute_us: number
  n_accepted: number
  n_rejected: number
  accepted: number
  rejected: number
}

/** Minutes as bars; a minute with anything in it is never quite invisible. */
export function barsOf(minutes: { minute_us: number; n_accepted: number; n_rejected: number }[]): Bar[] {
  const most = Math.max(1, ...minutes.map((one) => one.n_accepted + one.n_rejected))
  const share = (n: number) => (n === 0 ? 0 : Math.max(0.02, n / most))
  return minutes.map((one) => ({ ...one, accepted: share(one.n_accepted), rejected: share(one.n_rejected) }))
}

/** Events per minute over the last whole minutes: the running one is not over yet. */
export function ratePerMinute(minutes: { n_accepted: number; n_rejected: number }[], over = 5): number {
  const whole = minutes.slice(-over - 1, -1)
  if (whole.length === 0) return 0
  return whole.reduce((sum, one) => sum + one.n_accepted + one.n_rejected, 0) / whole.length
}
