import type { EventRule, EventView } from '../api/types'
import { asList } from '../journey/rule'
import type { ModelName } from './address'
import type { AttributionModel } from './types'

/** Every event of the catalogue that comes by a channel, but the conversion itself. */
export function touchesOf(conversion: EventRule, events: Iterable<EventView>): EventRule[] {
  const own = new Set(asList(conversion.event))
  const names = [...events]
    .filter((event) => event.channels.length > 0 && !own.has(event.name))
    .map((event) => event.name)
  return names.length > 0 ? [{ event: names.length === 1 && names[0] ? names[0] : names }] : []
}

/** What a model is called, with its own settings where it has some. */
export function modelName(model: AttributionModel, names: Record<ModelName, string>): string {
  if (model.model === 'position') return `${model.first}/${model.middle}/${model.last}`
  if (model.model === 'markov' && model.order && model.order > 1) return `${names.markov} (${model.order})`
  if (model.model === 'time_decay' && model.half_life) return `${names.time_decay} (${model.half_life})`
  return names[model.model]
}
