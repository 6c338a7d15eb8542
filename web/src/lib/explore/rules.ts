import type { EventRule, Op, Value } from '../api/types'
import { asList, rulesOf } from '../journey/rule'
import type { Filter, JourneyBody } from '../journey/types'

const OPS: readonly Op[] = ['is', 'is_not', 'contains', 'starts_with', 'gt', 'gte', 'lt', 'lte', 'exists', 'missing']

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isValue = (value: unknown): value is Value => ['string', 'number', 'boolean'].includes(typeof value)

function textsIn(raw: unknown): string[] {
  return (Array.isArray(raw) ? raw : [raw]).filter(isText)
}

function readFilter(raw: unknown): Filter | null {
  if (typeof raw !== 'object' || raw === null) return null
  const { property, op, value } = raw as Record<string, unknown>
  if (!isText(property)) return null
  const filter: Filter = { property }
  if (OPS.includes(op as Op) && op !== 'is') filter.op = op as Op
  const values = (Array.isArray(value) ? value : [value]).filter(isValue)
  if (values.length > 0) filter.value = values.length === 1 && values[0] !== undefined ? values[0] : values
  return filter
}

/** An event rule out of an address; `null` when it is none. A rule without an event is kept while it is being written. */
export function readRule(raw: unknown): EventRule | null {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return null
  const { event, channel, where } = raw as Record<string, unknown>
  const events = textsIn(event)
  const channels = textsIn(channel)
  const filters = (Array.isArray(where) ? where : []).map(readFilter).filter((one) => one !== null)
  return {
    event: events.length === 1 && events[0] ? events[0] : events,
    ...(channels.length > 0 ? { channel: channels.length === 1 && channels[0] ? channels[0] : channels } : {}),
    ...(filters.length > 0 ? { where: filters } : {}),
  }
}

/** Whether a filter says something: a comparison that needs a value and has none yet does not. */
const isWhole = (filter: Filter) =>
  filter.op === 'exists' || filter.op === 'missing' || asList<Value>(filter.value).length > 0

/** Whether the rule names an event. */
export const isNamed = (rule: EventRule): boolean => asList(rule.event).length > 0

/** The rule as the server is asked: conditions that are still being written are left out. */
export function askedRule(rule: EventRule): EventRule {
  const where = (rule.where ?? []).filter(isWhole)
  const { where: _, ...rest } = rule
  return where.length > 0 ? { ...rest, where } : rest
}

const SIGNS: Record<Op, string> = {
  is: '=',
  is_not: '≠',
  contains: '∋',
  starts_with: '^=',
  gt: '>',
  gte: '≥',
  lt: '<',
  lte: '≤',
  exists: '✓',
  missing: '✗',
}

/** The events of a rule in one line. */
export const ruleName = (rule: EventRule): string => asList(rule.event).join(' · ')

/** The conditions of a rule, each short: `amount > 0`, `@app`. */
export function ruleConditions(rule: EventRule): string[] {
  const channels = asList(rule.channel)
  return [
    ...(channels.length > 0 ? [`@${channels.join(' · ')}`] : []),
    ...(rule.where ?? []).map((filter) =>
      [filter.property, SIGNS[filter.op ?? 'is'], asList<Value>(filter.value).map(String).join(' · ')]
        .filter(Boolean)
        .join(' '),
    ),
  ]
}

/** The steps a journey suggests: one for each stage, any event of its touchpoints. Stages without events are left out. */
export function stepsOfJourney(journey: JourneyBody): EventRule[] {
  return journey.stages
    .map((stage): EventRule => {
      const rules = stage.touchpoints?.flatMap(rulesOf) ?? []
      const events = [...new Set(rules.flatMap((rule) => asList(rule.event)))]
      // One rule keeps its conditions; several can only be said together by their events.
      const [only] = rules
      return rules.length === 1 && only ? only : { event: events.length === 1 && events[0] ? events[0] : events }
    })
    .filter(isNamed)
    .slice(0, 32)
}
