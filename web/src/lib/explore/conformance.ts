import type { Scope } from '../api/types'
import { asList, rulesOf } from '../journey/rule'
import type { JourneyBody } from '../journey/types'
import type { Text } from '../text'
import { type ConformanceSearch, PLACES_MAX, type Place } from './address'
import { caseOf } from './paths'
import type { AskOf, ConformanceView, DesignPlace, Standing } from './types'

/** What a place is called: its own name, or its events. */
export const placeName = ({ name, event }: Place): string => name ?? asList(event).join(' · ')

/**
 * The question of an address; `null` without a design. Where other events say nothing, all that the catalogue has beside
 * those of the design are hidden.
 */
export function conformanceAsk(
  search: ConformanceSearch,
  scope: Scope,
  names: Iterable<string>,
): AskOf<'conformance'> | null {
  const design = search.design ?? []
  if (design.length === 0) return null
  const designed = new Set(design.flatMap(({ event }) => asList(event)))
  const hide = search.lenient
    ? [...new Set([...(search.hide ?? []), ...[...names].filter((name) => !designed.has(name))])]
    : (search.hide ?? [])
  return {
    ask: 'conformance',
    design: design.map(
      (place): DesignPlace => ({
        name: placeName(place),
        event: place.event,
        ...(place.optional ? { optional: true } : {}),
        ...(place.repeats ? { repeats: true } : {}),
      }),
    ),
    of: caseOf(search.of, search.gap),
    ...(hide.length > 0 ? { hide } : {}),
    scope,
  }
}

/** The design a journey suggests: one place for each stage, of the events of its touchpoints; each may come again. */
export function designOfJourney(journey: JourneyBody, say: (text: Text) => string): Place[] {
  const taken = new Set<string>()
  return journey.stages
    .map((stage): Place => {
      const events = (stage.touchpoints ?? [])
        .filter((touchpoint) => touchpoint.enters !== false)
        .flatMap(rulesOf)
        .flatMap((rule) => asList(rule.event))
      // Of two places that name an event the first has it.
      const own = [...new Set(events)].filter((event) => !taken.has(event))
      for (const event of own) taken.add(event)
      return { name: say(stage.name), event: own, repeats: true }
    })
    .filter(({ event }) => event.length > 0)
    .slice(0, PLACES_MAX)
}

/** How many cases stand so; nobody where the answer does not name it. */
export function casesAt(view: ConformanceView, at: Standing): { n_cases: number; n_people: number } {
  const found = view.standings.find((one) => sameStanding(one.at, at))
  return { n_cases: found?.n_cases ?? 0, n_people: found?.n_people ?? 0 }
}

const partOf = (at: Standing): string | number | null =>
  'place' in at && at.place != null ? at.place : 'event' in at && at.event != null ? at.event : null

const sameStanding = (a: Standing, b: Standing): boolean => a.standing === b.standing && partOf(a) === partOf(b)
