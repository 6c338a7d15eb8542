import type { components } from '../api/schema'
import type { Ask, Compare, Document, Scope } from '../api/types'
import { type ViewSearch, viewOfPeriod } from '../period'
import { said } from './address'
import { searchOf } from './restore'

/* Questions kept under a name, and where they stand on maps. */

type Schemas = components['schemas']

/** A place on a map. */
export type Pin = Schemas['Pin']
/** An insight as it is stored. */
export type InsightBody = Schemas['Insight'] & { kind: 'insight' }

/** The insight a document is; only asked of documents of that kind. */
export const insightOf = (document: Document): InsightBody => document.body as InsightBody

/** What is written: without what is empty. */
export const bodyOf = (insight: InsightBody): InsightBody =>
  said({ ...insight, note: insight.note || undefined, pins: insight.pins?.length ? insight.pins : undefined })

const sameList = (a: string[] | undefined, b: string[] | undefined) => JSON.stringify(a) === JSON.stringify(b)

/** The pages that ask questions, by the names of the questions they ask. */
export type InsightPath =
  | '/explore/funnel'
  | '/explore/trends'
  | '/explore/paths'
  | '/explore/channels'
  | '/explore/retention'
  | '/explore/lifecycle'
  | '/explore/attribution'
  | '/explore/conformance'
  | '/explore/cross-sell'
  | '/explore/compare'

export interface InsightAddress {
  to: InsightPath
  search: ViewSearch & Record<string, unknown>
}

const groupOf = ({ segment, persona }: Scope) => said({ segment: segment ?? undefined, persona: persona ?? undefined })

/** The head of the page: who and when, and with what it is compared where the page can. */
function viewOf(scope: Scope, compare: Compare | undefined): ViewSearch {
  const other = compare && typeof compare === 'object' ? compare.scope.period : undefined
  return {
    ...viewOfPeriod(scope),
    ...groupOf(scope),
    ...(compare === undefined || compare === 'nothing' ? { compare: 'none' as const } : {}),
    ...(other ? { compare: 'custom' as const, compare_from: other.from, compare_to: other.to } : {}),
  }
}

/** Whether a question compares other people, which only the page of comparisons shows. */
function otherPeople(scope: Scope, compare: Compare | undefined): string | undefined {
  if (typeof compare !== 'object') return undefined
  const { segment, persona } = compare.scope
  if (sameList([scope.segment ?? '', scope.persona ?? ''], [segment ?? '', persona ?? ''])) return undefined
  return persona ? `p:${persona}` : segment ? `s:${segment}` : '*'
}

/** The address of the page that asks a question; `null` where no page of this room does. */
export function addressOf(question: Ask): InsightAddress | null {
  const scope = ('scope' in question && question.scope) || {}
  const compare = 'compare' in question ? question.compare : undefined
  const other = otherPeople(scope, compare)
  const found = searchOf(question, other !== undefined)
  if (!found) return null
  const hasCompare = found.hasCompare
  const view = hasCompare ? viewOf(scope, compare) : { ...viewOf(scope, 'previous') }
  return { to: found.to, search: said({ ...view, ...(other === undefined ? {} : { with: other }), ...found.search }) }
}

/** The address of a stored insight, which the page then knows it was opened from. */
export function insightAddress(insight: InsightBody): InsightAddress | null {
  const address = addressOf(insight.question)
  return address && { ...address, search: { ...address.search, insight: insight.key } }
}

/** Whether two questions ask the same, however they are written. */
export function sameQuestion(a: Ask, b: Ask): boolean {
  const [one, other] = [addressOf(a), addressOf(b)]
  return one !== null && other !== null && one.to === other.to && canon(one.search) === canon(other.search)
}

/** A text that is equal for equal values, whatever the order of their keys. */
function canon(value: unknown): string {
  return JSON.stringify(value, (_, one) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
}

/** The insights that stand in each stage of a map. */
export function pinnedTo(insights: InsightBody[], map: string): Map<string, InsightBody[]> {
  const stages = new Map<string, InsightBody[]>()
  for (const insight of insights)
    for (const pin of insight.pins ?? [])
      if (pin.map === map) stages.set(pin.stage, [...(stages.get(pin.stage) ?? []), insight])
  return stages
}
