import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'

/** What each number means, by the code that comes with it (`Figure.define`). */
const definitions: Record<string, MessageDescriptor> = {
  people: msg`People whose first trip through the journey starts in the period. One trip per person is measured.`,
  conversion: msg`People who entered the conversion stage within the journey's window, of all who started a trip. The interval is Wilson's, 95%.`,
  time_to_convert: msg`Median time from the start of the trip to the first entry into the conversion stage, among those who got there.`,
  lost: msg`People whose trip ended before the conversion, times the mean amount of those who entered the same stage and converted.`,
  'stage.entered': msg`People who touched this stage at least once during their trip.`,
  'stage.share': msg`People who entered this stage, of all who started a trip.`,
  'stage.here': msg`People whose trip is still open and whose latest stage is this one.`,
  'stage.moved_on': msg`People who went on from this stage to a later one.`,
  'stage.moved_on_rate': msg`People who went on to a later stage, of those who entered this one. The interval is Wilson's, 95%.`,
  'stage.dropped': msg`People whose trip ended in this stage: the window closed, or they were silent for longer than the time-out.`,
  'stage.back': msg`People who entered this stage and are in an earlier one now.`,
  'stage.skipped': msg`People who entered a later stage without this one.`,
  'stage.went_back': msg`People who went from this stage to an earlier one at least once.`,
  'stage.median_time': msg`Median time from entering this stage to moving on, among those who moved on.`,
  'stage.p90_time': msg`The time within which nine of ten who moved on had done so.`,
  'stage.touches': msg`Events at this stage's touchpoints during the trips.`,
  'stage.amount': msg`Sum of the amounts of this stage's events; refunds count as negative.`,
  'stage.lost': msg`People dropped here, times the mean amount of those who entered this stage and converted.`,
  'touchpoint.people': msg`People who touched this touchpoint at least once during their trip.`,
  emotion: msg`Mean of what people answered in this stage, stretched to −2 … +2. The interval is 95%.`,
  metric: msg`A metric of this workspace; its formula stands in its definition.`,
}

/** The words for a definition code; `journey.conversion` also finds `conversion`. */
export function definitionOf(code: string): MessageDescriptor | undefined {
  const tail = code.slice(code.indexOf('.') + 1)
  return definitions[code] ?? definitions[tail] ?? definitions[code.slice(0, code.indexOf('.'))]
}
