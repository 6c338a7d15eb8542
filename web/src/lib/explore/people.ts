import type { EventRule, EventView, Select } from '../api/types'
import { asList } from '../journey/rule'
import { calendarDayOf, type Days } from '../period'
import { DEFAULT_GAP } from './address'
import type { AskOf, HandoverPoint, PathPoint, Phase, Standing } from './types'

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

/* The people of an answer's numbers: its question, without its name and its comparison, and which of its numbers. */

const body = <Question extends { ask: string; compare?: unknown }>({
  ask: _,
  compare: __,
  ...rest
}: Question): Omit<Question, 'ask' | 'compare'> => rest

export const whoOfPath = (question: AskOf<'paths'>, at: PathPoint): Select => ({
  select: 'paths',
  paths: body(question),
  at,
})
export const whoOfVariant = (question: AskOf<'variants'>, nodes: string[]): Select => ({
  select: 'variants',
  variants: body(question),
  nodes,
})
export const whoOfStanding = (question: AskOf<'conformance'>, at: Standing): Select => ({
  select: 'conformance',
  conformance: body(question),
  at,
})
export const whoOfRetention = (question: AskOf<'retention'>, cohort: number, cell?: number, lost = false): Select => ({
  select: 'retention',
  retention: body(question),
  cohort,
  ...(cell === undefined ? {} : { cell }),
  ...(lost ? { lost } : {}),
})
export const whoOfLifecycle = (question: AskOf<'lifecycle'>, bucket: number, phase: Phase): Select => ({
  select: 'lifecycle',
  lifecycle: body(question),
  bucket,
  phase,
})
export const whoOfStickiness = (question: AskOf<'stickiness'>, span: number, n_intervals: number): Select => ({
  select: 'stickiness',
  stickiness: body(question),
  span,
  n_intervals,
})
export const whoOfCohort = (question: AskOf<'cohorts'>, cohort: number, cell?: number): Select => ({
  select: 'cohorts',
  cohorts: body(question),
  cohort,
  ...(cell === undefined ? {} : { cell }),
})

export const whoOfHandovers = (question: AskOf<'handovers'>, at: HandoverPoint): Select => ({
  select: 'handovers',
  handovers: body(question),
  at,
})
export const whoOfPair = (question: AskOf<'cross_sell'>, item: string, other: string): Select => ({
  select: 'cross_sell',
  cross_sell: body(question),
  item,
  other,
})
export const whoOfDriver = (question: AskOf<'drivers'>, succeeded: boolean, event?: string): Select => ({
  select: 'drivers',
  drivers: body(question),
  succeeded,
  ...(event === undefined ? {} : { event }),
})

/** Which number of a funnel: its step from 0 and, where only some of its people are meant, which. */
export interface FunnelPlace {
  step: number
  /** Who got no further. */
  stopped?: boolean
  /** The line of the breakdown; `null`: people without a value. */
  line?: string | null
  /** The bucket of the trend. */
  bucket?: number
}

/** People of a funnel's step, counted from 0 here and from 1 in the document. */
export const whoOfFunnel = (question: AskOf<'funnel'>, { step, stopped, line, bucket }: FunnelPlace): Select => ({
  select: 'funnel',
  funnel: body(question),
  at: {
    step: step + 1,
    ...(stopped ? { stopped } : {}),
    ...(line === undefined ? {} : { line: line === null ? {} : { label: line } }),
    ...(bucket === undefined ? {} : { bucket }),
  },
})

/** Whose very next event after one was another: a funnel of two steps with nothing between them counts the same people. */
export const whoWentOn = (question: AskOf<'transitions'>, event: string, next: string): Select => ({
  select: 'funnel',
  funnel: { steps: [{ event }, { event: next }], order: 'strict', window: question.gap ?? DEFAULT_GAP },
  at: { step: 2 },
})
