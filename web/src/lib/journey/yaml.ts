import { LineCounter, parseDocument, stringify } from 'yaml'
import { asList } from './rule'
import type { JourneyBody } from './types'

/* The journey as text. YAML 1.2, as the server reads it: `no` and `on` are words. */

export const writeYaml = (body: JourneyBody): string => {
  const { kind, key, name, ...rest } = body
  return stringify({ kind, key, name, ...rest }, { lineWidth: 0 })
}

/** Why a text is no journey the form could show: where, and what should stand there. */
export interface Flaw {
  line?: number
  path?: string
  what: 'syntax' | 'kind' | 'key' | 'shape'
  /** The reader's own words, for syntax. */
  detail?: string
}

/** A text as a journey, or its first flaw. What a journey may say beyond its shape is for the server to judge. */
export function readYaml(text: string, key: string): { body: JourneyBody } | { flaw: Flaw } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error) return { flaw: { what: 'syntax', line: lines.linePos(error.pos[0]).line, detail: error.message } }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch (thrown) {
    return { flaw: { what: 'syntax', detail: thrown instanceof Error ? thrown.message : undefined } }
  }
  if (!isRecord(value)) return { flaw: { what: 'shape', path: '' } }
  if (value.kind !== 'journey') return { flaw: { what: 'kind', path: 'kind' } }
  if (value.key !== key) return { flaw: { what: 'key', path: 'key' } }
  const path = misshapen(value)
  return path === null ? { body: value as JourneyBody } : { flaw: { what: 'shape', path } }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown) =>
  typeof value === 'string' || (isRecord(value) && typeof value.ko === 'string' && typeof value.en === 'string')
const isWords = (value: unknown) => asList(value).every((one) => typeof one === 'string')
const isValues = (value: unknown) => asList(value).every((one) => ['string', 'number', 'boolean'].includes(typeof one))
const optional = (test: (value: unknown) => boolean) => (value: unknown) => value == null || test(value)
const isString = (value: unknown) => typeof value === 'string'

type Shape = [field: string, fits: (value: unknown) => boolean][]

/** The path of the first part without the shape the form relies on. */
function misshapen(journey: Record<string, unknown>): string | null {
  const durations = optional(isString)
  return (
    fields(journey, '', [
      ['name', isText],
      ['description', optional(isText)],
      ['goal', optional(isRecord)],
      ['start', optional(isString)],
      ['window', durations],
      ['timeout', durations],
      ['conversion', durations],
    ]) ??
    each(journey.exits, 'exits', ruleFlaw) ??
    each(
      journey.emotion,
      'emotion',
      (source, path) =>
        fields(source, path, [
          ['when', isRecord],
          ['property', isString],
          ['worst', (value) => typeof value === 'number'],
          ['best', (value) => typeof value === 'number'],
        ]) ?? ruleFlaw(source.when as Record<string, unknown>, `${path}.when`),
    ) ??
    (Array.isArray(journey.stages) ? null : 'stages') ??
    each(journey.stages, 'stages', stageFlaw)
  )
}

function stageFlaw(stage: Record<string, unknown>, path: string): string | null {
  return (
    fields(stage, path, [
      ['key', isString],
      ['name', isText],
      ['goal', optional((goal) => isRecord(goal) && [goal.business, goal.customer].every(optional(isText)))],
      ['after_silence', optional(isString)],
      ['opens', optional(isString)],
      ['kpis', optional((value) => Array.isArray(value) && isWords(value))],
    ]) ??
    each(
      stage.touchpoints,
      `${path}.touchpoints`,
      (touchpoint, at) =>
        fields(touchpoint, at, [
          ['key', isString],
          ['name', isText],
          ['channel', optional(isString)],
          ['enters', optional((value) => typeof value === 'boolean')],
          ['after', optional(isString)],
          ['within', optional(isString)],
          ['when', (value) => isRecord(value) || Array.isArray(value)],
        ]) ??
        (Array.isArray(touchpoint.when)
          ? each(touchpoint.when, `${at}.when`, ruleFlaw)
          : ruleFlaw(touchpoint.when as Record<string, unknown>, `${at}.when`)),
    )
  )
}

function ruleFlaw(rule: Record<string, unknown>, path: string): string | null {
  return (
    fields(rule, path, [
      ['event', (value) => value != null && isWords(value)],
      ['channel', optional(isWords)],
    ]) ??
    each(rule.where, `${path}.where`, (filter, at) =>
      fields(filter, at, [
        ['property', isString],
        ['op', optional(isString)],
        ['value', optional(isValues)],
      ]),
    )
  )
}

function fields(record: Record<string, unknown>, path: string, shape: Shape): string | null {
  const wrong = shape.find(([field, fits]) => !fits(record[field]))
  return wrong ? [path, wrong[0]].filter(Boolean).join('.') : null
}

function each(
  list: unknown,
  path: string,
  flaw: (one: Record<string, unknown>, path: string) => string | null,
): string | null {
  if (list == null) return null
  if (!Array.isArray(list)) return path
  for (const [index, one] of list.entries()) {
    const at = `${path}[${index}]`
    const found = isRecord(one) ? flaw(one, at) : at
    if (found !== null) return found
  }
  return null
}
