import type { About, Figure, Scope, Text } from '../api/types'

/* The map's share of the API, as in `crates/model/src/{map,view}.rs`. */

/** Kinds of lanes, in the order in which they are offered. */
export const LANE_KINDS = [
  'business_goal',
  'customer_goal',
  'actions',
  'touchpoints',
  'motivations',
  'questions',
  'friction',
  'thoughts',
  'emotion',
  'expectations',
  'backstage',
  'opportunities',
  'owner',
  'kpi',
  'volumes',
] as const
export type LaneKind = (typeof LANE_KINDS)[number]

/** Whether a lane fills itself with measured numbers rather than cards. */
export const isMeasured = (kind: LaneKind) =>
  kind === 'touchpoints' || kind === 'emotion' || kind === 'kpi' || kind === 'volumes'

/** Colours of cards, by meaning. */
export const TONES = ['plain', 'good', 'bad', 'open'] as const
export type Tone = (typeof TONES)[number]

export interface Card {
  id: string
  stage: string
  text: Text
  tone?: Tone
  tags?: string[]
  evidence?: Text | null
  owner?: string | null
  /** Whole currency units: the team's estimate. */
  value?: number | null
}

export interface Lane {
  key: string
  kind: LaneKind
  name?: Text | null
  cards?: Card[]
}

/** The map document: what the team wrote. */
export interface MapBody {
  kind: 'map'
  key: string
  name?: Text | null
  journey: string
  state?: 'current' | 'future'
  personas?: string[]
  segments?: string[]
  /** −2 … +2 by stage. */
  assumed_emotion?: Record<string, number>
  lanes: Lane[]
}

export interface MapDocument {
  version: number
  author: string
  created_us: number
  body: MapBody
}

/* The measured map */

export interface Choice {
  key: string
  name: Text
  n_people: number
}

export type FactKey = 'people' | 'conversion' | 'time_to_convert' | 'lost'
export interface Fact {
  key: FactKey
  figure: Figure
}

/** A change against the comparison that is more than chance. */
export interface Change {
  stage: string
  next: string
  before: number
  now: number
  p: number
}

export interface StageView {
  key: string
  name: Text
  is_conversion: boolean
  business_goal?: Text | null
  customer_goal?: Text | null
  entered: Figure
  share: Figure
  here: Figure
  moved_on: Figure
  moved_on_rate: Figure
  passed: Figure
  dropped: Figure
  back: Figure
  skipped: Figure
  went_back: Figure
  median_time: Figure
  p90_time: Figure
  touches: Figure
  amount: Figure
  lost: Figure
}

export interface TouchpointView {
  key: string
  name: Text
  channel?: string | null
  people: Figure
  n_events: number
}

export interface ChannelView {
  channel: string
  n_people: number
  n_events: number
}

export interface EmotionView {
  assumed?: number | null
  measured: Figure
}

export interface MetricView {
  key: string
  name: Text
  description?: Text | null
  figure: Figure
}

export interface CellView {
  cards?: Card[]
  touchpoints?: TouchpointView[]
  channels?: ChannelView[]
  emotion?: EmotionView | null
  metrics?: MetricView[]
}

export interface LaneView {
  key: string
  kind: LaneKind
  name?: Text | null
  cells: CellView[]
}

export interface MapView {
  key: string
  name: Text
  journey: string
  state: 'current' | 'future'
  version: number
  changed_us: number
  scope: Scope
  compare?: Scope | null
  currency: string
  zone: string
  personas: Choice[]
  segments: Choice[]
  facts: Fact[]
  changes: Change[]
  stages: StageView[]
  lanes: LaneView[]
  /** Start of each history bucket, microseconds. */
  buckets: number[]
  about: About
}
