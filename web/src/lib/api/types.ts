import type { Unit } from '../format'
import type { Lang, Text } from '../text'

export type { Lang, Text, Unit }

export type Value = boolean | number | string
export type ValueKind = 'text' | 'number' | 'bool'
export type Op = 'is' | 'is_not' | 'contains' | 'starts_with' | 'gt' | 'gte' | 'lt' | 'lte' | 'exists' | 'missing'
export type OneOrMany<T> = T | T[]

/** What went wrong, where, and how to mend it. */
export interface Problem {
  code: string
  severity: 'error' | 'warning'
  message: Text
  remedy: Text
  where?: { file?: string; line?: number; path?: string }
}

export interface Workspace {
  name: string
  zone: string
  week_start: 'monday' | 'sunday'
  currency: string
  lang: Lang
}

export interface User {
  name: string
  email: string
  role: string
}

export interface AuthState {
  setup_needed: boolean
  user?: User | null
  workspace: Workspace
}

/* Questions */

export interface Days {
  from: string
  to: string
}
export interface Scope {
  period?: Days | null
  segment?: string | null
  persona?: string | null
}
export type Compare = 'nothing' | 'previous' | { scope: Scope }

export interface Filter {
  property: string
  op?: Op
  value?: OneOrMany<Value>
}
export interface EventRule {
  event: OneOrMany<string>
  channel?: OneOrMany<string>
  where?: Filter[]
}

export type StageOutcome = 'entered' | 'moved_on' | 'here' | 'dropped' | 'skipped' | 'went_back'
/** A number whose people can be listed. */
export type Select =
  | { select: 'everybody' }
  | { select: 'journey'; journey: string; outcome: 'started' | 'converted' | 'not_converted' }
  | { select: 'journey'; journey: string; outcome: StageOutcome; stage: string }
  | { select: 'journey'; journey: string; outcome: 'touched'; touchpoint: string }
  | { select: 'did'; on: EventRule }
  | { select: 'segment'; segment: string }

export interface AskPeople {
  ask: 'people'
  of: Select
  scope?: Scope
  offset?: number
  limit?: number
}

/* Answers */

/** A number with its doubt, its change and the way to its people. */
export interface Figure {
  value: number | null
  unit: Unit
  good: 'up' | 'down' | 'none'
  n: number
  low?: number | null
  high?: number | null
  previous?: number | null
  target?: number | null
  history?: (number | null)[]
  people?: Select | null
  define: string
}

export interface About {
  data_version: number
  as_of_us: number
  from_us: number
  to_us: number
  n_events: number
  n_people: number
  warnings: Problem[]
}

export interface StandView {
  key: string
  name: Text
  entered: number
  here: number
  dropped: number
}

export interface JourneyView {
  key: string
  name: Text
  description?: Text | null
  map?: string | null
  people: Figure
  conversion: Figure
  time_to_convert: Figure
  stages: StandView[]
  buckets: number[]
  changed_us: number
  problems: Problem[]
}

export interface PropertyView {
  key: string
  kind: ValueKind
  n_events: number
  examples: Value[]
}

export interface EventView {
  name: string
  n_events: number
  n_people: number
  first_us: number
  last_us: number
  channels: string[]
  properties: PropertyView[]
  history: number[]
}

export interface PersonView {
  person: string
  user_id?: string | null
  anonymous_ids: string[]
  n_events: number
  first_us: number
  last_us: number
  amount: number
  entered_us?: number | null
  traits: Record<string, Value>
}

export interface PeopleView {
  n_people: number
  people: PersonView[]
  about: About
}

export interface TimelineEvent {
  id: string
  event: string
  time_us: number
  channel?: string | null
  amount?: number | null
  source?: string | null
  properties: Record<string, Value>
}

export interface TimelineView {
  person: PersonView
  events: TimelineEvent[]
  more: boolean
}

/* Documents */

export type Kind = 'journey' | 'map' | 'metric' | 'segment' | 'persona' | 'mapping'

export interface DocumentOf<Body> {
  version: number
  author: string
  created_us: number
  body: Body
}
export interface AnyBody {
  kind: Kind
  key: string
  name?: Text
  [field: string]: unknown
}
export type Document = DocumentOf<AnyBody>

/** What applying a set of documents did. */
export interface Applied {
  kind: Kind
  key: string
  version: number
  /** Whether the stored document changed. */
  changed: boolean
}

export interface Template {
  key: string
  name: Text
  description: Text
  stages: Text[]
}

/* Imports */

export interface SourceFields {
  column?: string
  lookup?: string
  constant?: string
  template?: string
  product?: string[]
  replace?: Record<string, string>
}
export type Source = string | SourceFields
export type Property = string | (SourceFields & { type?: ValueKind })

export interface FileFormat {
  format?: 'csv' | 'tsv' | 'ndjson' | 'parquet'
  delimiter?: string
  encoding?: string
  columns?: string[]
  missing?: string[]
}

export interface TimeSource extends SourceFields {
  format?: string
  zone?: string
}

export interface EventTarget {
  person: { user_id?: Source; anonymous_id?: Source; missing?: 'reject' | 'keep' }
  time: TimeSource
  event: Source
  id?: Source[]
  channel?: Source
  amount?: Source
  properties?: Record<string, Property>
  traits?: Record<string, Property>
}

export interface Mapping {
  key: string
  name?: Text
  file?: FileFormat
  lookups?: Record<string, { file: string; key: string; by?: string }>
  keep?: { column: string; op?: Op; value?: OneOrMany<Value> }[]
  group?: { by: string[]; sum?: string[]; count?: string }
  events?: EventTarget
  series?: { name: Source; time: TimeSource; value: Source; channel?: Source; campaign?: Source }
}

export type ColumnKind = 'text' | 'number' | 'bool' | 'time'

export interface Upload {
  upload: string
  bytes: number
}

export interface PreviewColumn {
  name: string
  kind: ColumnKind
  samples: string[]
  /** What the column looks like, such as `user_id`, `time`, `event`, `amount`. */
  suggestion?: string | null
}

export interface PreviewEvent {
  line: number
  user_id?: string | null
  anonymous_id?: string | null
  time_us?: number | null
  event: string
  channel?: string | null
  amount?: number | null
  properties: Record<string, Value>
}

export interface Preview {
  format: string
  encoding?: string | null
  delimiter?: string | null
  compression?: string | null
  columns: PreviewColumn[]
  mapping: Mapping
  events: PreviewEvent[]
  problems: Problem[]
}

export type ImportState = 'running' | 'done' | 'failed' | 'cancelled'

export interface ImportView {
  id: string
  file: string
  mapping: string
  state: ImportState
  bytes_total: number
  bytes_read: number
  n_rows: number
  n_added: number
  n_duplicates: number
  n_rejected: number
  n_skipped: number
  started_us: number
  ended_us?: number | null
  problem?: Problem | null
}

/** A segment or persona one may choose. */
export interface Choice {
  key: string
  name: Text
  n_people: number
}
