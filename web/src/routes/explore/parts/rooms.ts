import { useLingui } from '@lingui/react/macro'
import type { IconName } from '~/lib/ui'

export type RoomPath =
  | '/explore/funnel'
  | '/explore/trends'
  | '/explore/paths'
  | '/explore/channels'
  | '/explore/retention'
  | '/explore/lifecycle'
  | '/explore/attribution'
  | '/explore/compare'

/** The questions of the room, in their order, with what each answers. */
export function useQuestions(): { to: RoomPath; name: string; answers: string; examples: string[]; icon: IconName }[] {
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
      to: '/explore/compare',
      name: t`Compare`,
      answers: t`Two segments, personas or periods side by side, on any question.`,
      examples: [t`What is different about regulars?`, t`What changed since last quarter?`],
      icon: 'copy',
    },
  ]
}
