import {
  CalendarDate,
  endOfMonth,
  fromDate,
  parseDate,
  startOfMonth,
  startOfYear,
  toCalendarDate,
} from '@internationalized/date'
import type { Scope } from './api/types'
import { readDuration } from './journey/duration'

/** Ways to name a period that move with the data. */
export const presets = ['7d', '30d', '90d', 'month', 'last-month', 'quarter', 'year', 'all'] as const
export type Preset = (typeof presets)[number]
/** So many days up to the newest: some of them are presets, any other comes by an address or a question. */
export type LastDays = `${number}d`
export type PeriodName = Preset | LastDays

/** Both days are in the period; days are the workspace's, as `YYYY-MM-DD`. */
export interface Days {
  from: string
  to: string
}

/** What rules every number of a page; kept in the URL, absent = default. */
export interface ViewSearch {
  period?: PeriodName
  /** A custom period; wins over `period`. */
  from?: string
  to?: string
  /** What to compare with; absent: the previous period of the same length. */
  compare?: 'none' | 'custom'
  compare_from?: string
  compare_to?: string
  /** Key of a segment; absent: everybody. */
  segment?: string
  /** Key of a persona, as one more segment. */
  persona?: string
  /** Key of the insight the page was opened from. */
  insight?: string
}

export const DEFAULT_PRESET: Preset = '90d'

/** How many days a name means, where it is "last so many days". */
export function lastDays(name: unknown): number | null {
  const [, n] = (typeof name === 'string' && /^([1-9]\d{0,3})d$/.exec(name)) || []
  return n === undefined ? null : Number(n)
}

const isName = (value: unknown): value is PeriodName => presets.includes(value as Preset) || lastDays(value) !== null

const isDay = (value: unknown): value is string => {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  try {
    return parseDate(value).toString() === value
  } catch {
    return false
  }
}

/** Reads the shared part of a URL; what is not understood is dropped rather than shown as an error. */
export function readView(raw: Record<string, unknown>): ViewSearch {
  const view: ViewSearch = {}
  if (isName(raw.period)) view.period = raw.period
  if (isDay(raw.from) && isDay(raw.to) && raw.from <= raw.to) {
    view.from = raw.from
    view.to = raw.to
    delete view.period
  }
  if (raw.compare === 'none') view.compare = 'none'
  if (
    raw.compare === 'custom' &&
    isDay(raw.compare_from) &&
    isDay(raw.compare_to) &&
    raw.compare_from <= raw.compare_to
  ) {
    view.compare = 'custom'
    view.compare_from = raw.compare_from
    view.compare_to = raw.compare_to
  }
  if (typeof raw.segment === 'string' && raw.segment !== '') view.segment = raw.segment
  if (typeof raw.persona === 'string' && raw.persona !== '') view.persona = raw.persona
  if (typeof raw.insight === 'string' && raw.insight !== '') view.insight = raw.insight
  return view
}

/** The day of an instant in the workspace's zone. */
export function calendarDayOf(us: number, zone: string): string {
  return toCalendarDate(fromDate(new Date(us / 1000), zone)).toString()
}

/** Today in the workspace's zone. */
export const today = (zone: string, nowMs: number): string => calendarDayOf(nowMs * 1000, zone)

/**
 * The days of a named period. `anchor` is the last day that counts: today, or the last day with data where that is older, so
 * that "last 30 days" of an old file is not empty. `first` is the first day with data.
 */
export function presetDays(preset: PeriodName, anchor: string, first: string): Days {
  const end = parseDate(anchor)
  const since = (from: CalendarDate, to: CalendarDate = end): Days => ({ from: from.toString(), to: to.toString() })
  switch (preset) {
    case 'month':
      return since(startOfMonth(end))
    case 'last-month': {
      const last = startOfMonth(end).subtract({ months: 1 })
      return since(last, endOfMonth(last))
    }
    case 'quarter':
      return since(new CalendarDate(end.year, Math.floor((end.month - 1) / 3) * 3 + 1, 1))
    case 'year':
      return since(startOfYear(end))
    case 'all':
      return first <= anchor ? { from: first, to: anchor } : { from: anchor, to: anchor }
    default:
      return since(end.subtract({ days: (lastDays(preset) ?? 1) - 1 }))
  }
}

/** Number of days in a period, both ends counted. */
export function nDays({ from, to }: Days): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1
}

/** The period of the same length just before. */
export function previousDays(days: Days): Days {
  const n = nDays(days)
  return {
    from: parseDate(days.from).subtract({ days: n }).toString(),
    to: parseDate(days.from).subtract({ days: 1 }).toString(),
  }
}

/** The days a view asks about, and those it compares with. */
export function resolveView(view: ViewSearch, anchor: string, first: string): { now: Days; before: Days | null } {
  const now =
    view.from && view.to ? { from: view.from, to: view.to } : presetDays(view.period ?? DEFAULT_PRESET, anchor, first)
  if (view.compare === 'none') return { now, before: null }
  if (view.compare === 'custom' && view.compare_from && view.compare_to)
    return { now, before: { from: view.compare_from, to: view.compare_to } }
  return { now, before: previousDays(now) }
}

/**
 * The period of a view as a question says it. The last days and all time stay what they are, so that a question that is kept
 * moves on with the data; months, quarters and years are the days they are now.
 */
export function askedPeriod(view: ViewSearch, now: Days): Pick<Scope, 'period' | 'last'> {
  if (view.from && view.to) return { period: now }
  const name = view.period ?? DEFAULT_PRESET
  if (name === 'all') return {}
  return lastDays(name) === null ? { period: now } : { last: name }
}

/** The view that asks for the period of a scope. */
export function viewOfPeriod({ period, last }: Scope): Pick<ViewSearch, 'period' | 'from' | 'to'> {
  if (period) return { from: period.from, to: period.to }
  const days = last == null ? null : (readDuration(last) ?? 0) / 86_400
  return { period: days === null ? 'all' : `${days}d` }
}

/** The scope narrowed to days. */
export function within({ last: _, ...scope }: Scope, period: Days): Scope {
  return { ...scope, period }
}

/** The days of a scope; see [`presetDays`] for what they are counted from. */
export function daysOf(scope: Scope, anchor: string, first: string): Days {
  return resolveView(viewOfPeriod(scope), anchor, first).now
}
