import {
  CalendarDate,
  endOfMonth,
  fromDate,
  parseDate,
  startOfMonth,
  startOfYear,
  toCalendarDate,
} from '@internationalized/date'

/** Ways to name a period that move with the data. */
export const presets = ['7d', '30d', '90d', 'month', 'last-month', 'quarter', 'year', 'all'] as const
export type Preset = (typeof presets)[number]

/** Both days are in the period; days are the workspace's, as `YYYY-MM-DD`. */
export interface Days {
  from: string
  to: string
}

/** What rules every number of a page; kept in the URL, absent = default. */
export interface ViewSearch {
  period?: Preset
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
  if (presets.includes(raw.period as Preset)) view.period = raw.period as Preset
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
 * The days of a preset. `anchor` is the last day that counts: today, or the last day with data where that is older, so
 * that "last 30 days" of an old file is not empty. `first` is the first day with data.
 */
export function presetDays(preset: Preset, anchor: string, first: string): Days {
  const end = parseDate(anchor)
  const since = (from: CalendarDate, to: CalendarDate = end): Days => ({ from: from.toString(), to: to.toString() })
  switch (preset) {
    case '7d':
      return since(end.subtract({ days: 6 }))
    case '30d':
      return since(end.subtract({ days: 29 }))
    case '90d':
      return since(end.subtract({ days: 89 }))
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
