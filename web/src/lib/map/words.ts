import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { CardField } from './diff'
import type { Edit } from './edit'
import type { LaneKind, Tone } from './types'

/** Names of the kinds of lanes, for lanes that the team gave no title. */
export const laneNames: Record<LaneKind, MessageDescriptor> = {
  business_goal: msg`Business goal`,
  customer_goal: msg`Customer goal`,
  actions: msg({ message: 'Actions', context: 'map' }),
  touchpoints: msg`Touchpoints and channels`,
  motivations: msg`Motivations`,
  questions: msg`Questions`,
  friction: msg`Friction`,
  thoughts: msg`Thoughts`,
  emotion: msg`Emotion`,
  expectations: msg`Expectations`,
  backstage: msg`Backstage`,
  opportunities: msg`Opportunities`,
  owner: msg({ message: 'Owner', context: 'map' }),
  kpi: msg`Metrics`,
  volumes: msg`Where they went`,
}

/** What stands in a lane, softly under its title. */
export const laneNotes: Partial<Record<LaneKind, MessageDescriptor>> = {
  touchpoints: msg`people`,
  backstage: msg`people and systems`,
  opportunities: msg`expected value`,
  kpi: msg`against the target`,
  volumes: msg`people`,
}

export const toneNames: Record<Tone, MessageDescriptor> = {
  plain: msg`None`,
  good: msg`Good`,
  bad: msg`Bad`,
  open: msg`To be checked`,
}

export const fieldNames: Record<CardField, MessageDescriptor> = {
  tone: msg`Colour`,
  tags: msg`Tags`,
  evidence: msg`Evidence`,
  owner: msg({ message: 'Owner', context: 'map' }),
  value: msg`Value`,
}

export const factNames: Record<string, MessageDescriptor> = {
  people: msg`People in the journey`,
  conversion: msg`Conversion`,
  time_to_convert: msg`Median time to convert`,
  lost: msg`Money lost`,
}

/** What an edit does, as a noun phrase: “Undo: move a card”. */
export const editNames: Record<Edit['edit'], MessageDescriptor> = {
  add_card: msg`add a card`,
  change_card: msg`change a card`,
  move_card: msg`move a card`,
  remove_card: msg`delete a card`,
  add_lane: msg`add a lane`,
  rename_lane: msg`rename a lane`,
  move_lane: msg`move a lane`,
  remove_lane: msg`remove a lane`,
  assume: msg`change an assumption`,
  rename: msg`rename the map`,
  replace: msg`go back to an earlier version`,
}
