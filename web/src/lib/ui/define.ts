import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

/** What each number means, by its `Figure.define`. */
export const definitions: Record<string, MessageDescriptor> = {
  'fact.people': msg`People whose trip through this journey began in the period. Of each person one trip is measured, the first.`,
  'fact.conversion': msg`Of the people who began a trip, the share that entered the conversion stage within the journey's window. The interval is Wilson's, 95%.`,
  'fact.time_to_convert': msg`Half of those who converted needed no longer than this, from the start of their trip to entering the conversion stage.`,
  'fact.lost': msg`The money lost in all stages together: in each stage, people who dropped off there times what a person who went further from there was worth from then on.`,
  'stage.entered': msg`People who entered this stage at least once during their trip.`,
  'stage.share': msg`People who entered this stage, as a share of all who began a trip.`,
  'stage.here': msg`People whose trip is still open and who are in this stage now.`,
  'stage.moved_on': msg`People who went on from this stage to a later one by a touch, wherever they are now.`,
  'stage.moved_on_rate': msg`Of the people who entered this stage, the share that went on to a later one. The interval is Wilson's, 95%.`,
  'stage.passed': msg`People who entered this stage and a later one, and are elsewhere now.`,
  'stage.dropped': msg`People whose trip ended in this stage: the window closed, they were silent for longer than the time-out, or they left.`,
  'stage.finished': msg`People whose trip ended in the last stage: they have gone the whole way.`,
  'stage.back': msg`People who entered this stage but stand, or ended, in an earlier one without having gone further.`,
  'stage.skipped': msg`People who entered a later stage without entering this one.`,
  'stage.went_back': msg`People who went back from this stage to an earlier one at least once.`,
  'stage.median_time': msg`Half of those who moved on needed no longer than this, from entering this stage to moving on.`,
  'stage.p90_time': msg`Nine in ten of those who moved on needed no longer than this.`,
  'stage.touches': msg`Events at the touchpoints of this stage during the trips.`,
  'stage.amount': msg`Sum of the amounts on the events of this stage. Refunds are subtracted.`,
  'stage.lost': msg`People who dropped off in this stage times what a person who went further from here was worth from then on.`,
  'touchpoint.people': msg`People who touched this touchpoint at least once during their trip.`,
  'emotion.measured': msg`The mean of what people answered in this stage, stretched to the scale from −2 to +2. The interval is 95%.`,
  metric: msg`A metric of this workspace, measured on the events of the period.`,
}
