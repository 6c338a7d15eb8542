import type { components } from '../api/schema'
import type { Stored } from '../draft'

/* The journey's share of the API: shapes come from the generated schema, only their names stand here. */

type Schemas = components['schemas']

/** A journey as it is stored. Fields of later versions ride along untouched. */
export type JourneyBody = Schemas['Journey'] & { kind: 'journey' }
export type JourneyDocument = Stored<JourneyBody>
export type Stage = Schemas['Stage']
export type Touchpoint = Schemas['Touchpoint']
export type EmotionSource = Schemas['EmotionSource']
export type EventRule = Schemas['EventRule']
export type Filter = Schemas['Filter']
export type Op = Schemas['Op']
export type Text = Schemas['Text']
