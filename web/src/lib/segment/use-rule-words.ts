import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { documentList, groupList } from '../api/queries'
import type { JourneyBody } from '../journey/types'
import { usePeriodText } from '../ui/period-picker'
import { useFormat } from '../use-format'
import { type PersonRule, ruleWords } from './words'

/** Says a rule on people in one line. Asks for what it names, so mount it where it is read. */
export function useRuleWords(): (rule: PersonRule) => string {
  const f = useFormat()
  const { i18n } = useLingui()
  const period = usePeriodText()
  const journeys = useQuery(documentList('journey')).data
  const groups = useQuery(groupList).data
  const journeyOf = (key: string) => journeys?.find(({ body }) => body.key === key)?.body as JourneyBody | undefined
  return (rule) =>
    ruleWords(rule, {
      i18n,
      period,
      nameOf: (kind, key) => {
        const named = kind === 'journey' ? journeyOf(key) : groups?.find((one) => one.kind === kind && one.key === key)
        return f.say(named?.name) || key
      },
      placeOf: (journey, key) => {
        const stages = journeyOf(journey)?.stages ?? []
        const places = [...stages, ...stages.flatMap((stage) => stage.touchpoints ?? [])]
        return f.say(places.find((place) => place.key === key)?.name) || key
      },
    })
}

/** Says the rule of a segment in one line; `undefined` while it is not known. */
export function useSegmentWords(): (segment: string) => string | undefined {
  const segments = useQuery(documentList('segment')).data
  const words = useRuleWords()
  return (segment) => {
    const body = segments?.find(({ body }) => body.key === segment)?.body
    return body && 'rule' in body ? words(body.rule as PersonRule) : undefined
  }
}
