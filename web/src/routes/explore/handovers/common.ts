import { useLingui } from '@lingui/react/macro'
import { whoOfHandovers } from '~/lib/explore/people'
import type { AskOf, HandoverPoint, HandoversView } from '~/lib/explore/types'
import { usePeopleDrawer } from '~/lib/ui'

export interface HandoversProps {
  question: AskOf<'handovers'>
  view: HandoversView
}

export function useNames() {
  const { t } = useLingui()
  return (channel: string | null | undefined) => channel || t`(no channel)`
}

/** Opens the people of a number; of nobody there is no list. */
export function useShow(question: AskOf<'handovers'>) {
  const showPeople = usePeopleDrawer()
  return (at: HandoverPoint, title: string, n: number, count?: number) =>
    n > 0
      ? () => showPeople({ of: whoOfHandovers(question, at), scope: question.scope ?? {}, title, count })
      : undefined
}
