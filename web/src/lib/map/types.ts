import type { components } from '../api/schema'

/* The map's share of the API: shapes come from the generated schema, only their names and lists stand here. */

type Schemas = components['schemas']

export type LaneKind = Schemas['LaneKind']
/** Kinds of lanes, in the order in which they are offered. */
export const LANE_KINDS: readonly LaneKind[] = [
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
]

/** Whether a lane fills itself with measured numbers rather than cards. */
export const isMeasured = (kind: LaneKind) =>
  kind === 'touchpoints' || kind === 'emotion' || kind === 'kpi' || kind === 'volumes'

export type Tone = Schemas['Tone']
/** Colours of cards, by meaning. */
export const TONES: readonly Tone[] = ['plain', 'good', 'bad', 'open']

/* What the team wrote */

export type Card = Schemas['Card']
export type Lane = Schemas['Lane']
export type MapBody = Schemas['Map'] & { kind: 'map' }
export type MapDocument = Omit<Schemas['Document'], 'body'> & { body: MapBody }

/* What was measured */

export type MapView = Schemas['MapView']
export type StageView = Schemas['StageView']
export type LaneView = Schemas['LaneView']
export type CellView = Schemas['Cell']
export type TouchpointView = Schemas['TouchpointView']
export type ChannelView = Schemas['ChannelView']
export type EmotionView = Schemas['EmotionView']
export type MetricView = Schemas['MetricView']
export type Fact = Schemas['Fact']
/** A change against the comparison that is more than chance. */
export type Change = Schemas['Change']
