import type { MapBody } from '../map/types'
import { addTouchpoint } from './draft'
import type { JourneyBody, Stage } from './types'

const five: Stage[] = [
  { key: 'awareness', name: { ko: '인지', en: 'Awareness' } },
  { key: 'consideration', name: { ko: '고려', en: 'Consideration' } },
  { key: 'purchase', name: { ko: '구매', en: 'Purchase' } },
  { key: 'retention', name: { ko: '유지', en: 'Retention' } },
  { key: 'advocacy', name: { ko: '옹호', en: 'Advocacy' } },
]

/** Five stages to be filled, begun by `event`: a journey that nobody can start is refused. */
export const blankJourney = (key: string, name: string, event: string): JourneyBody =>
  addTouchpoint({ kind: 'journey', key, name, window: '90d', conversion: 'purchase', stages: five }, 0, event)

const lanes: MapBody['lanes'] = [
  { key: 'business-goal', kind: 'business_goal' },
  { key: 'customer-goal', kind: 'customer_goal' },
  { key: 'actions', kind: 'actions' },
  { key: 'touchpoints', kind: 'touchpoints' },
  { key: 'questions', kind: 'questions' },
  { key: 'friction', kind: 'friction' },
  { key: 'emotion', kind: 'emotion' },
  { key: 'opportunities', kind: 'opportunities' },
  { key: 'kpi', kind: 'kpi' },
]

/** A map with the usual lanes over a journey of the same key. */
export const blankMap = (key: string): MapBody => ({ kind: 'map', key, journey: key, lanes })
