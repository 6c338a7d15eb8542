import { merge } from '../draft'
import { asList, eventsOf, oneOrMany } from './rule'
import type { EmotionSource, EventRule, JourneyBody, Stage, Text, Touchpoint } from './types'

/* A journey being written. Every operation takes a body and gives a new one; fields it does not know stay as they are. */

/* Keys */

/** Makes a key of any name, as the server does: what cannot stand in a key becomes `-`. */
export function keyOf(name: string): string {
  const slug = [...name.trim().toLowerCase()]
    .slice(0, 60)
    .map((letter) => (/[\p{L}\p{N}]/u.test(letter) && letter === letter.toLowerCase() ? letter : '-'))
    .join('')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '')
  return slug === '' ? 'untitled' : slug
}

/** `key`, numbered when it is taken. */
export function freeKey(key: string, taken: Iterable<string>): string {
  const all = new Set(taken)
  for (let number = 1; ; number += 1) {
    const tail = number === 1 ? '' : `-${number}`
    const candidate = `${key.slice(0, 64 - tail.length)}${tail}`
    if (!all.has(candidate)) return candidate
  }
}

const stageKeys = (body: JourneyBody) => body.stages.map((stage) => stage.key)
const touchpointKeys = (body: JourneyBody) =>
  body.stages.flatMap((stage) => (stage.touchpoints ?? []).map((touchpoint) => touchpoint.key))

/* Stages */

/** Limits of the server. */
export const STAGES_MAX = 20
export const TOUCHPOINTS_MAX = 56

export const countTouchpoints = (body: JourneyBody): number => touchpointKeys(body).length

const withStage = (body: JourneyBody, at: number, to: (stage: Stage) => Stage): JourneyBody => {
  const stage = body.stages[at]
  return stage ? { ...body, stages: body.stages.with(at, to(stage)) } : body
}

/** A stage at the end; its key is free and never changes with its name, so that maps keep their cards. */
export function addStage(body: JourneyBody, name: Text): JourneyBody {
  if (body.stages.length >= STAGES_MAX) return body
  const key = freeKey(`stage-${body.stages.length + 1}`, stageKeys(body))
  return { ...body, stages: [...body.stages, { key, name }] }
}

export const changeStage = (body: JourneyBody, at: number, fields: Partial<Stage>): JourneyBody =>
  withStage(body, at, (stage) => merge(stage, fields))

export function moveStage(body: JourneyBody, at: number, by: number): JourneyBody {
  const stage = body.stages[at]
  const to = at + by
  if (!stage || to < 0 || to >= body.stages.length) return body
  return { ...body, stages: body.stages.toSpliced(at, 1).toSpliced(to, 0, stage) }
}

/** Without the stage, and without what referred to it: the conversion, and conditions of touchpoints. */
export function removeStage(body: JourneyBody, at: number): JourneyBody {
  const gone = body.stages[at]
  if (!gone) return body
  const stages = body.stages.toSpliced(at, 1).map((stage) => {
    if (!stage.touchpoints?.some((touchpoint) => touchpoint.after === gone.key)) return stage
    const touchpoints = stage.touchpoints.map((touchpoint) =>
      touchpoint.after === gone.key ? merge(touchpoint, { after: undefined, within: undefined }) : touchpoint,
    )
    return { ...stage, touchpoints }
  })
  const conversion = body.conversion === gone.key ? undefined : body.conversion
  return merge<JourneyBody>({ ...body, stages }, { conversion })
}

/** The stage whose entry is the conversion: the last one when none is named. */
export const conversionOf = (body: JourneyBody): string | undefined => body.conversion ?? body.stages.at(-1)?.key

/** The stage's goal with one side rewritten; without words it goes. */
export function withGoal(
  goal: JourneyBody['goal'],
  side: 'business' | 'customer',
  text: Text | undefined,
): JourneyBody['goal'] {
  const next = merge<NonNullable<JourneyBody['goal']>>(goal ?? {}, { [side]: text })
  return Object.keys(next).length > 0 ? next : undefined
}

/* Touchpoints */

const withTouchpoints = (body: JourneyBody, at: number, to: (all: Touchpoint[]) => Touchpoint[]): JourneyBody =>
  withStage(body, at, (stage) => {
    const touchpoints = to(stage.touchpoints ?? [])
    return merge(stage, { touchpoints: touchpoints.length > 0 ? touchpoints : undefined })
  })

/** A touchpoint at the end of a stage, named after its event. */
export function addTouchpoint(body: JourneyBody, at: number, event: string): JourneyBody {
  if (countTouchpoints(body) >= TOUCHPOINTS_MAX) return body
  const key = freeKey(keyOf(event), touchpointKeys(body))
  return withTouchpoints(body, at, (all) => [...all, { key, name: event, when: { event } }])
}

export const changeTouchpoint = (
  body: JourneyBody,
  at: number,
  index: number,
  fields: Partial<Touchpoint>,
): JourneyBody =>
  withTouchpoints(body, at, (all) => all.map((one, place) => (place === index ? merge(one, fields) : one)))

export const changeRules = (body: JourneyBody, at: number, index: number, rules: EventRule[]): JourneyBody =>
  changeTouchpoint(body, at, index, { when: oneOrMany(rules) })

export function removeTouchpoint(body: JourneyBody, at: number, index: number): JourneyBody {
  return withTouchpoints(body, at, (all) => all.toSpliced(index, 1))
}

/** One place up or down; past the edge of its stage into the next one. */
export function stepTouchpoint(body: JourneyBody, at: number, index: number, by: -1 | 1): JourneyBody {
  const all = body.stages[at]?.touchpoints ?? []
  const to = index + by
  if (to >= 0 && to < all.length) return placeTouchpoint(body, at, index, at, to)
  return placeTouchpoint(body, at, index, at + by, by === 1 ? 0 : undefined)
}

/** The touchpoint in another stage, at `place` or at the end. A condition on a later stage would be refused: it goes. */
export function placeTouchpoint(body: JourneyBody, at: number, index: number, to: number, place?: number): JourneyBody {
  const touchpoint = body.stages[at]?.touchpoints?.[index]
  if (!touchpoint || !body.stages[to]) return body
  const waitsFor = body.stages.findIndex((stage) => stage.key === touchpoint.after)
  const moved = waitsFor > to ? merge(touchpoint, { after: undefined, within: undefined }) : touchpoint
  const taken = removeTouchpoint(body, at, index)
  return withTouchpoints(taken, to, (all) => all.toSpliced(place ?? all.length, 0, moved))
}

/* Exits and feelings */

export const withExits = (body: JourneyBody, exits: EventRule[]): JourneyBody =>
  merge(body, { exits: exits.length > 0 ? exits : undefined })

export const withEmotion = (body: JourneyBody, emotion: EmotionSource[]): JourneyBody =>
  merge(body, { emotion: emotion.length > 0 ? emotion : undefined })

/* Events */

/** Every event name the journey listens to, each once. */
export function allEvents(body: JourneyBody): string[] {
  const touched = body.stages.flatMap((stage) => (stage.touchpoints ?? []).flatMap(eventsOf))
  const exits = (body.exits ?? []).flatMap((rule) => asList(rule.event))
  const felt = (body.emotion ?? []).flatMap((source) => asList(source.when.event))
  return [...new Set([...touched, ...exits, ...felt])]
}

/** Touchpoints of which no event was ever seen. */
export const unseenTouchpoints = (body: JourneyBody, seen: ReadonlySet<string>): Touchpoint[] =>
  body.stages
    .flatMap((stage) => stage.touchpoints ?? [])
    .filter((touchpoint) => !eventsOf(touchpoint).some((event) => seen.has(event)))
