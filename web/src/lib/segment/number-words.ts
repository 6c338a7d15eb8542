import type { I18n } from '@lingui/core'
import { msg, plural } from '@lingui/core/macro'
import type { components } from '../api/schema'
import type { EventRule, Scope, Select } from '../api/types'
import { ruleConditions, ruleName } from '../explore/rules'
import { ruleWords } from './words'

/* Whose number it is that people stand behind, in a few words. Numbers of a question count from 1 here. */

type Schemas = components['schemas']
type SelectOf<Name extends Select['select']> = Extract<Select, { select: Name }>

/** What the words are written with: the reader's language, and the names of what a rule knows by its key only. */
export interface Naming {
  i18n: I18n
  /** The name of a segment, persona or journey; its key where it is not known. */
  nameOf: (kind: 'segment' | 'persona' | 'journey', key: string) => string
  /** The name of a stage or touchpoint of a journey. */
  placeOf: (journey: string, key: string) => string
  /** What the period of a scope is called. */
  period: (scope: Scope) => string
}

/** Events with their conditions: `Visit @app`. */
export const eventWords = (rule: EventRule): string => [ruleName(rule), ...ruleConditions(rule)].join(' ')

/** Somebody with an event. */
export const did = (what: string, { i18n }: Naming): string => i18n._(msg`did ${what}`)

const chain = (names: string[]) => names.join(' → ')

/** The people of a number. */
export function numberWords(of: Select, naming: Naming): string {
  const { i18n, nameOf } = naming
  switch (of.select) {
    case 'everybody':
      return i18n._(msg`anybody with an event`)
    case 'did':
      return did(eventWords(of.when), naming)
    case 'segment':
      return i18n._(msg`in the segment “${nameOf('segment', of.segment)}”`)
    case 'rule':
      return ruleWords(of.rule, naming)
    case 'journey':
      return `${nameOf('journey', of.journey)}: ${outcomeWords(of, naming)}`
    case 'attribution':
      return i18n._(msg`a conversion credited to ${of.label ?? i18n._(msg`no touch`)}`)
    case 'funnel':
      return funnelWords(of, naming)
    case 'paths':
      return pathWords(of.at, naming)
    case 'variants':
      return i18n._(msg`did exactly ${chain(of.nodes)}`)
    case 'conformance':
      return standingWords(of, naming)
    case 'handovers':
      return handoverWords(of, naming)
    case 'cross_sell':
      return i18n._(msg`has both ${of.item} and ${of.other}`)
    case 'drivers':
      return driverWords(of, naming)
    default:
      return intervalWords(of, naming)
  }
}

function outcomeWords(of: SelectOf<'journey'>, { i18n, placeOf }: Naming): string {
  const place =
    'stage' in of ? placeOf(of.journey, of.stage) : 'touchpoint' in of ? placeOf(of.journey, of.touchpoint) : ''
  switch (of.outcome) {
    case 'started':
      return i18n._(msg`began`)
    case 'converted':
      return i18n._(msg`converted`)
    case 'not_converted':
      return i18n._(msg`did not convert`)
    case 'entered':
      return i18n._(msg`entered ${place}`)
    case 'moved_on':
      return i18n._(msg`went on from ${place}`)
    case 'passed':
      return i18n._(msg`passed ${place}, now elsewhere`)
    case 'back':
      return i18n._(msg`back before ${place}`)
    case 'here':
      return i18n._(msg`now in ${place}`)
    case 'dropped':
      return i18n._(msg`dropped off in ${place}`)
    case 'skipped':
      return i18n._(msg`skipped ${place}`)
    case 'went_back':
      return i18n._(msg`went back from ${place}`)
    case 'touched':
      return i18n._(msg`touched ${place}`)
  }
}

function funnelWords({ funnel, at }: SelectOf<'funnel'>, { i18n }: Naming): string {
  const steps = chain(funnel.steps.map(eventWords))
  const step = at.step
  const words = at.stopped
    ? i18n._(msg`no further than step ${step} of ${steps}`)
    : i18n._(msg`reached step ${step} of ${steps}`)
  return at.line ? `${words} · ${at.line.label ?? i18n._(msg`(none)`)}` : words
}

function pathWords(at: Schemas['PathPoint'], { i18n }: Naming): string {
  const other = i18n._(msg`(other)`)
  switch (at.point) {
    case 'all':
      return i18n._(msg`has a path`)
    case 'node':
      return i18n._(msg`path: ${at.node ?? other} at step ${at.step + 1}`)
    case 'edge':
      return i18n._(msg`path: ${at.node ?? other} → ${at.next ?? other} at step ${at.step + 1}`)
    case 'ended':
      return i18n._(msg`path ended with ${at.node ?? other} at step ${at.step + 1}`)
    case 'path':
      return i18n._(msg`path: ${chain(at.nodes)}`)
    case 'prefix':
      return i18n._(msg`path begins ${chain(at.nodes)}`)
  }
}

function standingWords({ conformance, at }: SelectOf<'conformance'>, { i18n }: Naming): string {
  const design = chain(conformance.design.map((place) => place.name))
  const named = (place: number | null | undefined) =>
    (place == null ? undefined : conformance.design[place]?.name) ?? i18n._(msg`any place`)
  switch (at.standing) {
    case 'all':
      return i18n._(msg`designed as ${design}`)
    case 'fits':
      return i18n._(msg`keeps to ${design}`)
    case 'fits_finished':
      return i18n._(msg`went all of ${design}`)
    case 'skipped':
      return i18n._(msg`skipped ${named(at.place)} of ${design}`)
    case 'extra':
      return i18n._(msg`did ${at.event ?? i18n._(msg`any event`)} outside ${design}`)
    case 'out_of_order':
      return i18n._(msg`${named(at.place)} out of order in ${design}`)
    case 'looped':
      return i18n._(msg`${named(at.place)} again in ${design}`)
  }
}

function handoverWords({ handovers, at }: SelectOf<'handovers'>, { i18n, placeOf }: Naming): string {
  const channel = (name: string) => name || i18n._(msg`(no channel)`)
  if ('handover' in at) return i18n._(msg`from ${channel(at.handover.from)} to ${channel(at.handover.to)}`)
  if ('stay' in at) {
    const name = channel(at.stay.channel)
    switch (at.stay.end) {
      case 'handed_over':
        return i18n._(msg`${name}: handed over`)
      case 'finished':
        return i18n._(msg`${name}: finished`)
      case 'broken':
        return i18n._(msg`${name}: broken off`)
      case 'open':
        return i18n._(msg`${name}: still open`)
      default:
        return i18n._(msg`was in ${name}`)
    }
  }
  const { channel: by, converted } = at.effect
  const stage = handovers.journey ? placeOf(handovers.journey, at.effect.stage) : at.effect.stage
  const place = by == null ? stage : `${stage} · ${channel(by)}`
  return converted ? i18n._(msg`touched ${place} and reached the goal`) : i18n._(msg`touched ${place}`)
}

function driverWords({ drivers, event, succeeded }: SelectOf<'drivers'>, naming: Naming): string {
  const { i18n } = naming
  const conversion = eventWords(drivers.conversion)
  const words = succeeded ? i18n._(msg`went on to ${conversion}`) : i18n._(msg`did not go on to ${conversion}`)
  return event == null ? words : `${did(event, naming)} · ${words}`
}

type IntervalSelect = SelectOf<'retention' | 'lifecycle' | 'stickiness' | 'cohorts'>

function intervalWords(of: IntervalSelect, { i18n }: Naming): string {
  switch (of.select) {
    case 'lifecycle': {
      const at = of.bucket + 1
      switch (of.phase) {
        case 'new':
          return i18n._(msg`new in interval ${at}`)
        case 'returning':
          return i18n._(msg`returning in interval ${at}`)
        case 'resurrecting':
          return i18n._(msg`back after a pause in interval ${at}`)
        default:
          return i18n._(msg`gone quiet in interval ${at}`)
      }
    }
    case 'stickiness':
      return i18n._(
        msg`active in ${plural(of.n_intervals, { one: '# interval', other: '# intervals' })} of span ${of.span + 1}`,
      )
    default: {
      const cohort = i18n._(msg`cohort ${of.cohort + 1}`)
      if (of.cell == null) return cohort
      const lost = of.select === 'retention' && of.lost
      return lost
        ? i18n._(msg`${cohort}, not back in interval ${of.cell}`)
        : i18n._(msg`${cohort}, counted in interval ${of.cell}`)
    }
  }
}
