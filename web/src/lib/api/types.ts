import type { components } from './schema'

/* Short names for what the API sends and takes. The shapes come from `schema.d.ts` (`npm run generate`), never from here. */

type Schemas = components['schemas']

export type { Lang, Text } from '../text'
export type Unit = Schemas['Unit']
export type Value = boolean | number | string
export type ValueKind = Schemas['ValueKind']
export type Op = Schemas['Op']
export type Problem = Schemas['Problem']
export type Workspace = Schemas['Workspace']
export type AuthState = Schemas['AuthState']

export type Days = Schemas['Period']
export type Scope = Schemas['Scope']
export type Compare = Schemas['Compare']
export type EventRule = Schemas['EventRule']
export type Select = Schemas['Select']
export type Ask = Schemas['Ask']

export type Figure = Schemas['Figure']
export type About = Schemas['About']
export type Choice = Schemas['Choice']
export type JourneyView = Schemas['JourneyView']
export type StandView = Schemas['StandView']
export type EventView = Schemas['EventView']
export type PropertyView = Schemas['PropertyView']
export type PersonView = Schemas['PersonView']
export type AskPeople = Schemas['AskPeople']
export type PeopleView = Schemas['PeopleView']
export type TimelineEvent = Schemas['TimelineEvent']
export type TimelineView = Schemas['TimelineView']
export type MapView = Schemas['MapView']
export type GroupSize = Schemas['GroupSize']

export type Kind = Schemas['Kind']
export type Document = Schemas['Document']
export type DocumentBody = Schemas['DocumentBody']
export type Applied = Schemas['Applied']
export type Template = Schemas['Template']

export type SourceFields = Schemas['SourceFields']
export type Source = Schemas['Source']
export type Property = Schemas['Property']
export type FileFormat = Schemas['FileFormat']
export type TimeSource = Schemas['TimeSource']
export type EventTarget = Schemas['EventTarget']
export type Mapping = Schemas['Mapping']

export type Upload = Schemas['Uploaded']
export type Preview = Schemas['Preview']
export type PreviewColumn = Schemas['PreviewColumn']
export type PreviewEvent = Schemas['PreviewEvent']
export type ImportView = Schemas['ImportView']
