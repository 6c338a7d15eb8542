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
