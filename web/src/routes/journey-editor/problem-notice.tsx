import { useLingui } from '@lingui/react/macro'
import type { Placed } from '~/lib/journey/place'
import { Problems } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useEditing } from './context'
import { NotSaved } from './notices'
import { stageId } from './stage-card'
import { touchpointId } from './touchpoint-row'

/** Why the journey was not saved; as text, without ways into the form. */
export function ProblemNotice({ problems, isForm }: { problems: Placed[]; isForm: boolean }) {
  const f = useFormat()
  const { t } = useLingui()
  const { body, toggle, focusNext } = useEditing()
  if (!isForm) return <Problems problems={problems} live />
  const go = (anchor: string) => {
    const [kind, ...rest] = anchor.split(':')
    const key = rest.join(':')
    if (kind === 'touchpoint') {
      toggle(anchor, true)
      focusNext(`#${CSS.escape(touchpointId(key))}`)
    } else if (kind === 'stage') document.getElementById(stageId(key))?.scrollIntoView({ block: 'start' })
    else if (kind === 'exits' || kind === 'emotion') toggle(kind, true)
  }
  const nameOf = (anchor: string) => {
    const [kind, ...rest] = anchor.split(':')
    const key = rest.join(':')
    const touchpoints = body.stages.flatMap((stage) => stage.touchpoints ?? [])
    const named = (kind === 'stage' ? body.stages : touchpoints).find((one) => one.key === key)
    if (kind === 'exits') return t`What ends it`
    if (kind === 'emotion') return t`What people feel`
    return named ? f.say(named.name) : t`The whole journey`
  }
  return (
    <NotSaved
      found={problems.map((problem) => ({
        problem,
        name: nameOf(problem.anchor),
        go: () => go(problem.anchor),
      }))}
    />
  )
}
