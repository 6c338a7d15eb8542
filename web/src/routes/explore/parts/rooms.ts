import { useLingui } from '@lingui/react/macro'
import type { InsightPath } from '~/lib/explore/insight'
import type { IconName } from '~/lib/ui'

/** The questions of the room, in their order, with what each answers. */
export function useQuestions(): {
  to: InsightPath
  name: string
  answers: string
  examples: string[]
  icon: IconName
}[] {
  const { t } = useLingui()
  return [
    {
      to: '/explore/funnel',
      name: t`Funnel`,
      answers: t`How many people go the whole way, and where the others stop.`,
      examples: [t`Of those who looked, how many bought?`, t`Which channel brings people who finish?`],
      icon: 'explore',
    },
    {
      to: '/explore/trends',
      name: t`Trends`,
      answers: t`How people, events and money change from day to day.`,
      examples: [t`Is it more than last month?`, t`Which channel grows?`],
      icon: 'journey',
    },
    {
      to: '/explore/paths',
      name: t`Paths`,
      answers: t`What people really do after one another, planned or not.`,
      examples: [t`What follows the cart?`, t`Where do people turn back?`],
      icon: 'link',
    },
    {
      to: '/explore/conformance',
      name: t`Designed vs actual`,
      answers: t`Who keeps to the designed order, who skips, loops or does something else.`,
      examples: [t`Do people go the way we planned?`, t`Which step is passed by?`],
      icon: 'template',
    },
    {
      to: '/explore/channels',
      name: t`Channels`,
      answers: t`Which channel reaches whom, and how much each one carries.`,
      examples: [t`How many does each channel reach?`, t`Which one brings the money?`],
      icon: 'share',
    },
    {
      to: '/explore/retention',
      name: t`Retention`,
      answers: t`Who comes back, after how long, and how many stay.`,
      examples: [t`How many buy again within 60 days?`, t`Do newer customers stay longer?`],
      icon: 'undo',
    },
    {
      to: '/explore/lifecycle',
      name: t`Lifecycle`,
      answers: t`How many are new, returning, back after a pause, or gone quiet.`,
      examples: [t`Does the base grow or only churn?`, t`How many days a month are people here?`],
      icon: 'people',
    },
    {
      to: '/explore/attribution',
      name: t`Attribution`,
      answers: t`Which touches earned the conversions, by model, with cost.`,
      examples: [t`What does an order cost in each channel?`, t`Does the model change the answer?`],
      icon: 'event',
    },
    {
      to: '/explore/cross-sell',
      name: t`Cross-sell`,
      answers: t`Which two things the same people have, more often than by chance.`,
      examples: [t`What is bought together?`, t`What to offer next?`],
      icon: 'plus',
    },
    {
      to: '/explore/compare',
      name: t`Compare`,
      answers: t`Two segments, personas or periods side by side, on any question.`,
      examples: [t`What is different about regulars?`, t`What changed since last quarter?`],
      icon: 'copy',
    },
  ]
}
