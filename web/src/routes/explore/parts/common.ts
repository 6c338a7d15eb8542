import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { groupList } from '~/lib/api/queries'
import type { Scope, Unit } from '~/lib/api/types'
import type { Grain, Measure } from '~/lib/explore/address'
import { channelColor, useScopeDays } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'

/** Colours of lines that are no channels, in the order of the answer. */
const order = [1, 3, 4, 2, 8, 7, 6, 5]

/** The colour of a line: a channel keeps its own everywhere, others take the next one. */
export function lineColor(kind: 'channel' | 'other', label: string | null | undefined, index: number): string {
  return kind === 'channel' ? channelColor(label) : `var(--channel-${order[index % order.length]})`
}

/** Who and when, in words, for exported pictures. */
export function useSource(scope: Scope | undefined): string {
  const f = useFormat()
  const { t } = useLingui()
  const groups = useQuery(groupList).data ?? []
  const nameOf = (key: string) => f.say(groups.find((group) => group.key === key)?.name) || key
  const daysOf = useScopeDays()
  const who = [scope?.segment, scope?.persona].filter((key) => key != null).map(nameOf)
  const { from, to } = daysOf(scope ?? {})
  const days = `${f.calendarDay(from)} – ${f.calendarDay(to)}`
  return [who.length > 0 ? who.join(' · ') : t`Everybody`, days, 'Gilmok'].join(' · ')
}

/** What a trend may draw, with its unit. */
export function useMeasures(): Record<Measure, { name: string; unit: Unit }> {
  const { t } = useLingui()
  return {
    people: { name: t`People`, unit: 'people' },
    events: { name: t`Events`, unit: 'events' },
    amount: { name: t`Amount`, unit: 'money' },
    events_per_person: { name: t`Events per person`, unit: 'number' },
    amount_per_person: { name: t`Amount per person`, unit: 'money' },
  }
}

/** What a scope is called beside another one: its people where these differ, else its days. */
export function useScopeName(): (scope: Scope, beside: Scope) => string {
  const f = useFormat()
  const { t } = useLingui()
  const groups = useQuery(groupList).data ?? []
  const peopleOf = (scope: Scope) => {
    const keys = [scope.segment, scope.persona].filter((key) => key != null)
    const names = keys.map((key) => f.say(groups.find((group) => group.key === key)?.name) || key)
    return names.length > 0 ? names.join(' · ') : t`Everybody`
  }
  const days = useScopeDays()
  const daysOf = (scope: Scope) => {
    const { from, to } = days(scope)
    return `${f.calendarDay(from, false)} – ${f.calendarDay(to, false)}`
  }
  return (scope, beside) => {
    const isOther = peopleOf(scope) !== peopleOf(beside)
    const isElsewhere = daysOf(scope) !== daysOf(beside)
    return isOther ? (isElsewhere ? `${peopleOf(scope)}, ${daysOf(scope)}` : peopleOf(scope)) : daysOf(scope)
  }
}

/** A length of so many buckets: `3 months`, of a bracket `4–7 months`. */
export function useSpanWords(): (n: string, grain: Grain) => string {
  const { t } = useLingui()
  return (n, grain) => {
    const isOne = n === '1'
    if (grain === 'day') return isOne ? t`${n} day` : t`${n} days`
    if (grain === 'week') return isOne ? t`${n} week` : t`${n} weeks`
    return isOne ? t`${n} month` : t`${n} months`
  }
}

/** Words of the sizes of buckets. */
export function useGrainNames(): Record<Grain, string> {
  const { t } = useLingui()
  return { day: t`day`, week: t`week`, month: t`month` }
}
