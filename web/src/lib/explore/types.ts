import type { components } from '../api/schema'
import type { About, Ask, Scope } from '../api/types'

type Schemas = components['schemas']

export type FunnelView = Schemas['FunnelView']
export type FunnelLine = Schemas['FunnelLine']
export type TransitionsView = Schemas['TransitionsView']
export type TransitionRow = Schemas['TransitionRow']
export type ChannelsView = Schemas['ChannelsView']
export type ChannelRow = Schemas['ChannelRow']
export type TrendView = Schemas['TrendView']
export type TrendLine = Schemas['TrendLine']

export type PathsView = Schemas['PathsView']
export type PathNode = Schemas['PathNodeView']
export type PathEdge = Schemas['PathEdgeView']
export type PathPoint = Schemas['PathPoint']
export type CaseUnit = Schemas['CaseUnit']
export type VariantsView = Schemas['VariantsView']
export type ConformanceView = Schemas['ConformanceView']
export type DesignPlace = Schemas['DesignPlace']
export type Standing = Schemas['Standing']
export type RetentionView = Schemas['RetentionView']
export type LifecycleView = Schemas['LifecycleView']
export type LifecyclePoint = Schemas['LifecyclePointView']
export type Phase = Schemas['Phase']
export type StickinessView = Schemas['StickinessView']
export type CohortsView = Schemas['CohortsView']
export type AttributionModel = Schemas['AttributionModel']
export type AttributionRow = Schemas['AttributionRow']
export type AttributionView = Schemas['AttributionView']
export type HandoversView = Schemas['HandoversView']
export type StayRow = Schemas['StayRow']
export type EffectRow = Schemas['EffectRow']
export type HandoverPoint = Schemas['HandoverPoint']
export type StayEnd = Schemas['StayEnd']
export type PairRow = Schemas['PairRow']
export type CrossSellView = Schemas['CrossSellView']
export type DriverRow = Schemas['DriverRow']
export type DriversView = Schemas['DriversView']
export type SeriesLine = Schemas['SeriesLine']
export type DifferenceView = Schemas['DifferenceView']

/** A question by its name. */
export type AskOf<Name extends Ask['ask']> = Extract<Ask, { ask: Name }>
export type AnswerOf<Name extends string> = Extract<Schemas['Answer'], { answer: Name }>

/** Every question says who and when, every answer what it was read from. */
export interface AnyAsk {
  ask: string
  scope?: Scope
}
export interface AnyAnswer {
  answer: string
  about: About
}
