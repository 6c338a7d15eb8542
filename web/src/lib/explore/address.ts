import type { EventRule } from '../api/types'
import { readDuration } from '../journey/duration'
import { readView, type ViewSearch } from '../period'
import { readRule } from './rules'

/* The whole state of each question page, kept in its URL. Readers drop what they do not understand. */

export const GRAINS = ['day', 'week', 'month'] as const
export type Grain = (typeof GRAINS)[number]

export interface FunnelSearch extends ViewSearch {
  steps?: EventRule[]
  /** From the first step to the last; `7d` when absent. */
  window?: string
  /** Property of the first step by which people are told apart. */
  by?: string
}
export const DEFAULT_WINDOW = '7d'

export const MEASURES = ['people', 'events', 'amount', 'events_per_person', 'amount_per_person'] as const
export type Measure = (typeof MEASURES)[number]

export interface TrendSearch extends ViewSearch {
  /** Which events; absent: all. */
  when?: EventRule
  grain?: Grain
  by?: 'channel' | 'event'
  /** What is drawn; people when absent. */
  measure?: Measure
  /** Areas on top of each other instead of lines; only for what adds up. */
  stacked?: boolean
}

export const PATH_TABS = ['graph', 'sankey', 'steps', 'variants'] as const
export type PathTab = (typeof PATH_TABS)[number]

export interface PathSearch extends ViewSearch {
  tab?: PathTab
  /** Longest time between two events that counts. */
  gap?: string
  /** The graph as a matrix. */
  as?: 'matrix'
  /** Transitions drawn. */
  edges?: number
}
export const DEFAULT_GAP = '30m'
export const EDGES = [20, 40, 80] as const

export interface ChannelSearch extends ViewSearch {
  measure?: 'people' | 'events' | 'amount'
}

export const QUESTIONS = ['metrics', 'funnel', 'channels', 'trend'] as const
export type Question = (typeof QUESTIONS)[number]

export interface CompareSearch extends ViewSearch {
  /** What both sides are asked. */
  ask?: Question
  /** The other side's people: `*` everybody, `s:` a segment, `p:` a persona; absent: the same as this side's. */
  with?: string
  steps?: EventRule[]
  window?: string
  when?: EventRule
  measure?: Measure
}

type Raw = Record<string, unknown>

/** Anything else is no value of this field. */
function oneOf<T extends string | number>(raw: unknown, of: readonly T[]): T | undefined {
  return of.find((one) => one === raw)
}

const textOf = (raw: unknown): string | undefined =>
  typeof raw === 'string' && raw !== '' ? raw : typeof raw === 'number' ? String(raw) : undefined

function durationOf(raw: unknown): string | undefined {
  return typeof raw === 'string' && readDuration(raw) !== null ? raw : undefined
}

export function readSteps(raw: unknown): EventRule[] | undefined {
  if (!Array.isArray(raw)) return undefined
  const steps = raw
    .map(readRule)
    .filter((rule) => rule !== null)
    .slice(0, 32)
  return steps.length > 0 ? steps : undefined
}

/** Leaves out what is not said, so that an address stays short. */
export function said<T extends object>(search: T): T {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as T
}

export const readFunnelSearch = (raw: Raw): FunnelSearch =>
  said({ ...readView(raw), steps: readSteps(raw.steps), window: durationOf(raw.window), by: textOf(raw.by) })

export const readTrendSearch = (raw: Raw): TrendSearch =>
  said({
    ...readView(raw),
    when: readRule(raw.when) ?? undefined,
    grain: oneOf(raw.grain, GRAINS),
    by: oneOf(raw.by, ['channel', 'event'] as const),
    measure: oneOf(raw.measure, MEASURES),
    stacked: raw.stacked === true ? true : undefined,
  })

export const readPathSearch = (raw: Raw): PathSearch =>
  said({
    ...readView(raw),
    tab: oneOf(raw.tab, PATH_TABS),
    gap: durationOf(raw.gap),
    as: oneOf(raw.as, ['matrix'] as const),
    edges: oneOf(raw.edges, EDGES),
  })

export const readChannelSearch = (raw: Raw): ChannelSearch =>
  said({ ...readView(raw), measure: oneOf(raw.measure, ['people', 'events', 'amount'] as const) })

export const readCompareSearch = (raw: Raw): CompareSearch =>
  said({
    ...readView(raw),
    ask: oneOf(raw.ask, QUESTIONS),
    with: typeof raw.with === 'string' && /^(\*$|[sp]:.)/.test(raw.with) ? raw.with : undefined,
    steps: readSteps(raw.steps),
    window: durationOf(raw.window),
    when: readRule(raw.when) ?? undefined,
    measure: oneOf(raw.measure, MEASURES),
  })
