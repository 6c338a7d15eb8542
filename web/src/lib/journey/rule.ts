import type { EventView, Value, ValueKind } from '../api/types'
import type { EventRule, Filter, Op, Touchpoint } from './types'

/* Event rules as the form sees them: always lists; written back as a document would have them, one value without brackets. */

/** What stands alone or in a list, as a list. */
export const asList = <T>(one: T | T[] | null | undefined): T[] => (one == null ? [] : Array.isArray(one) ? one : [one])

/** A list as a document writes it. */
export const oneOrMany = <T>(list: T[]): T | T[] => (list.length === 1 && list[0] !== undefined ? list[0] : list)

/** The rules of a touchpoint; any of them. */
export const rulesOf = (touchpoint: Touchpoint): EventRule[] => asList<EventRule>(touchpoint.when)

/** Every event name a touchpoint listens to, each once. */
export const eventsOf = (touchpoint: Touchpoint): string[] => [
  ...new Set(rulesOf(touchpoint).flatMap((rule) => asList(rule.event))),
]

export const withEvents = (rule: EventRule, events: string[]): EventRule => ({ ...rule, event: oneOrMany(events) })

/** The rule narrowed to channels; with none, to every channel. */
export function withChannels(rule: EventRule, channels: string[]): EventRule {
  const { channel: _, ...rest } = rule
  return channels.length > 0 ? { ...rest, channel: oneOrMany(channels) } : rest
}

export function withFilters(rule: EventRule, filters: Filter[]): EventRule {
  const { where: _, ...rest } = rule
  return filters.length > 0 ? { ...rest, where: filters } : rest
}

/** A property that the events of a rule carry. */
export interface KnownProperty {
  key: string
  kind: ValueKind
  n_events: number
  examples: Value[]
}

/** Properties of the events, most used first; a key with several types stands as its most used one. */
export function propertiesOf(events: EventView[]): KnownProperty[] {
  const found = new Map<string, KnownProperty>()
  for (const property of events.flatMap((event) => event.properties)) {
    const before = found.get(property.key)
    const examples = property.examples.filter(isValue)
    const isMore = !before || (before.kind !== property.kind && property.n_events > before.n_events)
    if (isMore) found.set(property.key, { ...property, examples })
    else if (before.kind === property.kind) {
      before.n_events += property.n_events
      before.examples = [...new Set([...before.examples, ...examples])]
    }
  }
  return [...found.values()].sort((a, b) => b.n_events - a.n_events)
}

const isValue = (value: unknown): value is Value => ['string', 'number', 'boolean'].includes(typeof value)

/** Comparisons that make sense for a kind of value. */
export function opsFor(kind: ValueKind): Op[] {
  if (kind === 'number') return ['is', 'is_not', 'gt', 'gte', 'lt', 'lte', 'exists', 'missing']
  if (kind === 'bool') return ['is', 'exists', 'missing']
  return ['is', 'is_not', 'contains', 'starts_with', 'exists', 'missing']
}

/** How many values a comparison takes. */
export function valuesOf(op: Op): 'none' | 'one' | 'many' {
  if (op === 'exists' || op === 'missing') return 'none'
  return op === 'gt' || op === 'gte' || op === 'lt' || op === 'lte' ? 'one' : 'many'
}

/** What a typed text means as a value of a kind; `null` when it means nothing. */
export function readValue(text: string, kind: ValueKind): Value | null {
  const trimmed = text.trim()
  if (trimmed === '') return null
  if (kind === 'number') {
    const number = Number(trimmed.replace(/,/g, ''))
    return Number.isFinite(number) ? number : null
  }
  if (kind === 'bool') return trimmed === 'true' ? true : trimmed === 'false' ? false : null
  return trimmed
}

/** The type of the values a filter already has, for properties that were never seen. */
export function kindOfFilter(filter: Filter, known: KnownProperty | undefined): ValueKind {
  if (filter.property === 'amount') return 'number'
  if (filter.property === 'channel') return 'text'
  if (known) return known.kind
  const [value] = asList(filter.value)
  if (typeof value === 'number') return 'number'
  return typeof value === 'boolean' ? 'bool' : 'text'
}

const opOf = (filter: Filter): Op => filter.op ?? 'is'

/** The filter with another comparison; values it cannot take are dropped. */
export function withOp(filter: Filter, op: Op): Filter {
  const { op: _, value: __, ...rest } = filter
  const values =
    valuesOf(op) === 'none' ? [] : valuesOf(op) === 'one' ? asList(filter.value).slice(0, 1) : asList(filter.value)
  return withValues({ ...rest, ...(op === 'is' ? {} : { op }) }, values)
}

export function withValues(filter: Filter, values: Value[]): Filter {
  const { value: _, ...rest } = filter
  return values.length > 0 ? { ...rest, value: oneOrMany(values) } : rest
}

/** The filter on another property: the comparison and the values stay where the new type can have them. */
export function withProperty(filter: Filter, property: string, kind: ValueKind): Filter {
  const type = { text: 'string', number: 'number', bool: 'boolean' }[kind]
  const op = opsFor(kind).includes(opOf(filter)) ? opOf(filter) : 'is'
  const values = asList(filter.value).filter((value) => typeof value === type)
  return withValues(withOp({ ...filter, property }, op), values)
}
