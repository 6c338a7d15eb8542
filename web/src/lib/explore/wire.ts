import type { About, EventRule, Figure, Scope, Select } from '../api/types'
import type { Text } from '../text'
import type { Grain } from './address'

/* Questions and answers that `schema.d.ts` does not have yet, by the serde forms of `crates/model/src/ask` and `view`.
   Each goes as soon as the generated schema has it. */

/* What is seen of events */

export interface NodeGroup {
  name: string
  event: string | string[]
}
export interface Nodes {
  groups?: NodeGroup[]
  /** Names of events that are noise here; `page_*` hides all that start so. */
  hide?: string[]
  repeats?: boolean
}

/* Paths */

export interface AskPaths {
  ask: 'paths'
  after?: EventRule
  before?: EventRule
  window?: string
  gap?: string
  steps?: number
  top?: number
  limit?: number
  nodes?: Nodes
  scope: Scope
}
export interface PathNode {
  step: number
  /** Absent: all nodes merged at this step. */
  node: string | null
  n_people: number
  n_sequences: number
  ended_people: number
  ended_sequences: number
}
export interface PathEdge {
  step: number
  node: string | null
  next: string | null
  n_people: number
  n_sequences: number
}
export interface PathsView {
  answer: 'paths'
  n_people: number
  n_sequences: number
  nodes: PathNode[]
  edges: PathEdge[]
  matrix: { nodes: (string | null)[]; shares: number[][]; people: number[][]; ended: number[] }
  n_paths: number
  paths: { nodes: string[]; n_people: number; n_sequences: number }[]
  about: About
}
export type PathPoint =
  | { point: 'all' }
  | { point: 'node'; step: number; node: string | null }
  | { point: 'edge'; step: number; node: string | null; next: string | null }
  | { point: 'ended'; step: number; node: string | null }
  | { point: 'path'; nodes: string[] }

/* Variants */

export type CaseUnit = { case: 'person' } | { case: 'session'; gap?: string } | { case: 'trip'; journey: string }
export interface AskVariants {
  ask: 'variants'
  of: CaseUnit
  nodes?: Nodes
  limit?: number
  scope: Scope
}
export interface VariantsView {
  answer: 'variants'
  n_cases: number
  n_people: number
  n_variants: number
  rows: { nodes: string[]; n_cases: number; n_people: number; median_time: Figure; p90_time: Figure }[]
  about: About
}

/* Retention, lifecycle, stickiness, cohorts */

export interface AskRetention {
  ask: 'retention'
  start?: EventRule
  return?: EventRule
  grain?: Grain
  clock?: 'calendar' | 'rolling'
  intervals?: number
  brackets?: number[]
  measure?: 'on' | 'on_or_after' | 'streak'
  recurring?: boolean
  scope: Scope
}
export interface RetentionCell {
  n_people: number
  n_had: number
  people_had: number
  share: number | null
  is_complete: boolean
}
export interface RetentionView {
  answer: 'retention'
  edges: number[]
  cohorts: { start_us: number; n_people: number; cells: RetentionCell[] }[]
  averages: Figure[]
  about: About
}
export interface AskLifecycle {
  ask: 'lifecycle'
  active?: EventRule
  grain?: Grain
  scope: Scope
}
export type Phase = 'new' | 'returning' | 'resurrecting' | 'dormant'
export interface LifecyclePoint {
  new: number
  returning: number
  resurrecting: number
  dormant: number
  quick_ratio: number | null
  is_complete: boolean
}
export interface LifecycleView {
  answer: 'lifecycle'
  buckets: number[]
  points: LifecyclePoint[]
  about: About
}
export interface AskStickiness {
  ask: 'stickiness'
  active?: EventRule
  grain?: Grain
  span?: Grain
  scope: Scope
}
export interface StickinessView {
  answer: 'stickiness'
  spans: {
    start_us: number
    n_people: number
    by_intervals: number[]
    per_interval: number | null
    ratio: number | null
    is_complete: boolean
  }[]
  about: About
}
export interface AskCohorts {
  ask: 'cohorts'
  start?: EventRule
  count?: EventRule
  grain?: Grain
  scope: Scope
}
export interface CohortsView {
  answer: 'cohorts'
  cohorts: {
    start_us: number
    n_people: number
    cells: { n_people: number; n_events: number; amount: number; value_so_far: number; is_complete: boolean }[]
  }[]
  about: About
}

/* Attribution, hand-overs, drivers */

export type TouchLabel = 'channel' | 'event' | { property: string }
export type AttributionModel =
  | { model: 'first' | 'last' | 'last_non_direct' | 'linear' | 'u' | 'j' | 'inverse_j' | 'participation' | 'shapley' }
  | { model: 'position'; first: number; middle: number; last: number }
  | { model: 'time_decay'; half_life?: string }
  | { model: 'markov'; order?: number }
export interface AskAttribution {
  ask: 'attribution'
  conversion: EventRule
  touches: EventRule[]
  by?: TouchLabel
  models?: AttributionModel[]
  lookback?: string
  cost?: string
  replicates?: number
  scope: Scope
}
export interface AttributionRow {
  /** Absent: no touch before the conversion. */
  label: string | null
  conversions: Figure
  share: Figure
  amount: Figure
  cost: number | null
  cost_per_conversion: Figure
  return_on_cost: Figure
  removal_effect: number | null
}
export interface AttributionView {
  answer: 'attribution'
  n_conversions: number
  amount: number
  n_people: number
  models: { model: AttributionModel; rows: AttributionRow[] }[]
  paths: { labels: (string | null)[]; n_conversions: number; amount: number; n_without: number }[]
  about: About
}
export interface AskHandovers {
  ask: 'handovers'
  gap?: string
  goal?: EventRule
  journey?: string
  within?: string
  scope: Scope
}
export interface HandoversView {
  answer: 'handovers'
  handovers: { from: string; to: string; count: number; n_people: number }[]
  channels: {
    channel: string
    n_stays: number
    handed_over: number
    finished: number
    broken: number
    open: number
    break_rate: Figure
  }[]
  effects: {
    stage: string
    name: Text
    channel: string | null
    n_people: number
    open: number
    rate: Figure
    lift: number | null
  }[]
  about: About
}
export interface AskDrivers {
  ask: 'drivers'
  conversion: EventRule
  start?: EventRule
  within?: string
  at_least?: number
  limit?: number
  scope: Scope
}
export interface DriverRow {
  event: string
  n_succeeded: number
  n_failed: number
  odds_ratio: number
  phi: number
  q: number
}
export interface DriversView {
  answer: 'drivers'
  n_succeeded: number
  n_failed: number
  positive: DriverRow[]
  negative: DriverRow[]
  n_rare: number
  about: About
}

/* Their people: the question itself, without its `ask`, and the number of it. */

type Body<Question> = Omit<Question, 'ask'>
const body = <Question extends { ask: string }>({ ask: _, ...rest }: Question): Body<Question> => rest
/** The schema's `Select` does not have these yet. */
const selected = (select: object) => select as Select

export const whoOfPath = (question: AskPaths, at: PathPoint) => selected({ select: 'paths', paths: body(question), at })
export const whoOfVariant = (question: AskVariants, nodes: string[]) =>
  selected({ select: 'variants', variants: body(question), nodes })
export const whoOfRetention = (question: AskRetention, cohort: number, cell?: number, lost = false) =>
  selected({
    select: 'retention',
    retention: body(question),
    cohort,
    ...(cell === undefined ? {} : { cell }),
    ...(lost ? { lost } : {}),
  })
export const whoOfLifecycle = (question: AskLifecycle, bucket: number, phase: Phase) =>
  selected({ select: 'lifecycle', lifecycle: body(question), bucket, phase })
export const whoOfStickiness = (question: AskStickiness, span: number, n_intervals: number) =>
  selected({ select: 'stickiness', stickiness: body(question), span, n_intervals })
export const whoOfCohort = (question: AskCohorts, cohort: number, cell?: number) =>
  selected({ select: 'cohorts', cohorts: body(question), cohort, ...(cell === undefined ? {} : { cell }) })
/** People of a funnel's step, counted from 0 here and from 1 in the document; `stopped`: who got no further. */
export const whoOfFunnel = (question: { ask: string }, step: number, stopped: boolean, line?: string | null) =>
  selected({
    select: 'funnel',
    funnel: body(question),
    at: {
      step: step + 1,
      ...(stopped ? { stopped } : {}),
      ...(line === undefined ? {} : { line: line === null ? {} : { label: line } }),
    },
  })

/* Funnels: what the question and the answer have beyond the schema */

export interface ConvertView {
  n: number
  /** 10th, 25th, 50th, 75th and 90th percentile, seconds. */
  quantiles: number[]
  from: number
  width: number
  counts: number[]
}
export interface FunnelExclusion {
  when: EventRule
  from: number
  to: number
  mode?: 'ends_attempt' | 'removes_person'
}
/** Each absent where it is as ever, so that a server without it is still asked what it knows. */
export interface FunnelMore {
  order?: 'strict' | 'any'
  entry?: 'first'
  count?: 'session' | 'total'
  hold?: string
  optional?: number[]
  exclusions?: FunnelExclusion[]
}
/** What a line of a funnel has beyond the schema: per step who got no further, and what is counted where not people. */
export interface FunnelLineMore {
  stopped?: number[]
  units?: number[]
}

/** What each step counts: people, or sessions or attempts where these are asked for. */
export function countsOf(line: { reached: number[] } & FunnelLineMore): number[] {
  return line.units && line.units.length === line.reached.length ? line.units : line.reached
}

/** Who got no further than a step: as the server counts them, else by the difference, which is the same in an ordered funnel. */
export function stoppedAt(line: { reached: number[] } & FunnelLineMore, step: number): number {
  return line.stopped?.[step] ?? (line.reached[step] ?? 0) - (line.reached[step + 1] ?? 0)
}
