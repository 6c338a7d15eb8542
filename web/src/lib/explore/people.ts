import type { EventRule, EventView, Scope, Select } from '../api/types'
import { asList } from '../journey/rule'
import { calendarDayOf, type Days } from '../period'

/* Which people stand behind a number, said exactly: where that cannot be said, there is no list. */

/** People with an event of the rule. */
export const whoDid = (when: EventRule): Select => ({ select: 'did', when })

/** The days of one bucket of a period: from its start to the day before the next one, within the period. */
export function bucketDays(buckets: number[], at: number, period: Days, zone: string): Days | null {
  const start = buckets[at]
  if (start === undefined) return null
  const from = calendarDayOf(start, zone)
  const next = buckets[at + 1]
  const to = next === undefined ? period.to : calendarDayOf(next - 1, zone)
  return { from: from < period.from ? period.from : from, to: to > period.to ? period.to : to }
}

/** The scope narrowed to days. */
export const within = (scope: Scope, period: Days | null): Scope => (period ? { ...scope, period } : scope)

/** A rule of every event that came by a channel, by the catalogue; `null` where none is known. */
export function byChannel(channel: string, events: Iterable<EventView>): EventRule | null {
  const names = [...events].filter((event) => event.channels.includes(channel)).map((event) => event.name)
  return names.length > 0 ? { event: names, channel } : null
}

/** The people of one line of a trend. */
export function whoOfLine(
  when: EventRule | undefined,
  by: 'channel' | 'event' | undefined,
  label: string | null | undefined,
  events: Iterable<EventView>,
): Select | null {
  if (by === undefined || label == null) {
    if (by !== undefined && label == null && when === undefined) return null
    return when ? whoDid(when) : { select: 'everybody' }
  }
  if (by === 'event') return when ? whoDid({ ...when, event: label }) : whoDid({ event: label })
  if (when) {
    // Both conditions at once: the rule's own channels must allow the line's.
    const channels = asList(when.channel)
    return channels.length > 0 && !channels.includes(label) ? null : whoDid({ ...when, channel: label })
  }
  const rule = byChannel(label, events)
  return rule ? whoDid(rule) : null
}
