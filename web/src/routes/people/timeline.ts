import type { TimelineEvent } from '~/lib/api/types'
import { calendarDayOf } from '~/lib/period'

/** One event of the timeline, with how long it was silent before it. */
export interface Moment {
  event: TimelineEvent
  /** Since the event before it, when that was longer than a day; microseconds. */
  silence_us: number | null
}

export interface Day {
  /** `YYYY-MM-DD` in the workspace's zone. */
  day: string
  moments: Moment[]
}

const DAY_US = 86_400_000_000

/** Groups events, newest first, by the workspace's calendar days; marks silences longer than a day. */
export function byDay(events: TimelineEvent[], zone: string): Day[] {
  const days: Day[] = []
  events.forEach((event, index) => {
    const day = calendarDayOf(event.time_us, zone)
    const before = events[index + 1]
    const gap = before ? event.time_us - before.time_us : 0
    const moment = { event, silence_us: gap > DAY_US ? gap : null }
    const last = days.at(-1)
    if (last?.day === day) last.moments.push(moment)
    else days.push({ day, moments: [moment] })
  })
  return days
}
