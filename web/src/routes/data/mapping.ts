import type { EventTarget, Mapping, Property, Source, SourceFields, TimeSource } from '~/lib/api/types'

/* Reading and changing an import mapping, without a screen. Every change returns a new mapping. */

/** How a value of an event is found in a row. */
export type Way = 'none' | 'column' | 'constant' | 'template' | 'product' | 'other'

const fieldsOf = (source: Source | null | undefined): SourceFields =>
  source == null ? {} : typeof source === 'string' ? { column: source } : source

/** The way of a source; `other` for what the form cannot show (a looked-up or replaced value). */
export function wayOf(source: Source | null | undefined): Way {
  const fields = fieldsOf(source)
  if (fields.lookup != null || Object.keys(fields.replace ?? {}).length > 0) return 'other'
  if (fields.column != null) return 'column'
  if (fields.constant != null) return 'constant'
  if (fields.template != null) return 'template'
  if (fields.product && fields.product.length > 0) return 'product'
  return 'none'
}

/** The text of a source: its column, constant or template. */
export function textOf(source: Source | null | undefined): string {
  const fields = fieldsOf(source)
  return fields.column ?? fields.constant ?? fields.template ?? ''
}

/** The two columns of a product, missing ones empty. */
export function factorsOf(source: Source | null | undefined): [string, string] {
  const [a = '', b = ''] = fieldsOf(source).product ?? []
  return [a, b]
}

/** A source of the given way with the given text; a product takes its columns in `factors`. */
export function sourceOf(way: Way, text: string, factors: [string, string] = ['', '']): Source | undefined {
  switch (way) {
    case 'column':
      return text
    case 'constant':
      return { constant: text }
    case 'template':
      return { template: text }
    case 'product':
      return { product: factors }
    default:
      return undefined
  }
}

/** Names between braces in a template. */
export function templateColumns(template: string): string[] {
  return [...template.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? '')
}

/** Columns a source reads. */
export function columnsOf(source: Source | null | undefined): string[] {
  const fields = fieldsOf(source)
  return [
    ...(fields.column != null ? [fields.column] : []),
    ...(fields.template != null ? templateColumns(fields.template) : []),
    ...(fields.product ?? []),
  ].filter(Boolean)
}

/** The event part of a mapping; `null` for a mapping that makes a cost series. */
export const eventsOf = (mapping: Mapping): EventTarget | null => ('events' in mapping ? mapping.events : null)

/** The mapping with its event part changed. */
export function withEvents(mapping: Mapping, patch: Partial<EventTarget>): Mapping {
  const events = eventsOf(mapping)
  if (!events) return mapping
  const next = { ...events, ...patch }
  for (const key of Object.keys(patch) as (keyof EventTarget)[]) if (patch[key] === undefined) delete next[key]
  return { ...mapping, events: next }
}

/** The mapping with another column, format or zone of time. */
export function withTime(mapping: Mapping, patch: Partial<TimeSource>): Mapping {
  const events = eventsOf(mapping)
  if (!events) return mapping
  const time = { ...events.time, ...patch }
  for (const key of Object.keys(patch) as (keyof TimeSource)[]) if (patch[key] == null) delete time[key]
  return withEvents(mapping, { time })
}

/** What becomes of a column beside the event's own fields. */
export type Use = 'property' | 'trait' | 'none'

const carries = (property: Property, column: string) =>
  columnsOf(property).includes(column) && wayOf(property) === 'column'

/** Whether a column is kept as a property or trait, under whatever key. */
export function columnUse(events: EventTarget, column: string): Use {
  if (Object.values(events.properties ?? {}).some((property) => carries(property, column))) return 'property'
  if (Object.values(events.traits ?? {}).some((property) => carries(property, column))) return 'trait'
  return 'none'
}

/** The mapping with a column kept as a property, as a trait, or not at all; a key it had is kept. */
export function withUse(mapping: Mapping, column: string, use: Use): Mapping {
  const events = eventsOf(mapping)
  if (!events) return mapping
  const entries = { ...events.properties, ...events.traits }
  const key = Object.keys(entries).find((one) => carries(entries[one] ?? '', column)) ?? column
  const without = (all: Record<string, Property> | undefined) =>
    Object.fromEntries(Object.entries(all ?? {}).filter(([, property]) => !carries(property, column)))
  const properties = without(events.properties)
  const traits = without(events.traits)
  const kept = entries[key] ?? column
  if (use === 'property') properties[key] = kept
  if (use === 'trait') traits[key] = kept
  return withEvents(mapping, { properties, traits })
}

/** The event fields that read a column, to be shown beside it. */
export function rolesOf(
  events: EventTarget,
  column: string,
): ('person' | 'time' | 'event' | 'channel' | 'amount' | 'id')[] {
  const reads = (source: Source | null | undefined) => columnsOf(source).includes(column)
  return [
    ...(reads(events.person.user_id) || reads(events.person.anonymous_id) ? (['person'] as const) : []),
    ...(reads(events.time) ? (['time'] as const) : []),
    ...(reads(events.event) ? (['event'] as const) : []),
    ...(reads(events.channel) ? (['channel'] as const) : []),
    ...(reads(events.amount) ? (['amount'] as const) : []),
    ...((events.id ?? []).some(reads) ? (['id'] as const) : []),
  ]
}

/** Parts of a mapping that only its JSON shows; they are kept as they are. */
export function hiddenParts(mapping: Mapping): string[] {
  return [
    ...(Object.keys(mapping.lookups ?? {}).length > 0 ? ['lookups'] : []),
    ...((mapping.keep ?? []).length > 0 ? ['keep'] : []),
    ...(mapping.group ? ['group'] : []),
    ...(eventsOf(mapping) ? [] : ['series']),
  ]
}
