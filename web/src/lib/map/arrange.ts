import { cellCards } from './edit'
import type { Feeling } from './emotion'
import { type CellView, isMeasured, type LaneView, type MapBody, type MapView, type StageView } from './types'

/**
 * The lanes to draw: the order, titles and cards of the document as edited here, the numbers of the measured view. A
 * measured lane that the view does not know yet has empty cells until the next answer. Without a document, the view's.
 */
export function arrange(view: MapView, body: MapBody | null): LaneView[] {
  if (!body) return view.lanes
  const measured = new Map(view.lanes.map((lane) => [lane.key, lane]))
  const byKind = new Map(view.lanes.map((lane) => [lane.kind, lane]))
  return body.lanes.map((lane) => {
    const known = measured.get(lane.key)
    const numbers = known?.kind === lane.kind ? known : byKind.get(lane.kind)
    const cells = view.stages.map((stage, column): CellView => {
      if (!isMeasured(lane.kind)) return { cards: cellCards(lane, stage.key) }
      const cell = numbers?.cells[column] ?? {}
      if (lane.kind !== 'emotion') return cell
      const nothing = { value: null, unit: 'score', good: 'up', n: 0, define: 'emotion.measured' } as const
      const assumed = body.assumed_emotion?.[stage.key] ?? null
      return { emotion: { measured: cell.emotion?.measured ?? nothing, assumed } }
    })
    return { key: lane.key, kind: lane.kind, name: lane.name ?? null, cells }
  })
}

/** Cards that stand in a stage which the journey no longer has, so that none is silently lost. */
export function strayCards(view: MapView, body: MapBody) {
  const stages = new Set(view.stages.map((stage) => stage.key))
  return body.lanes.flatMap((lane) =>
    (lane.cards ?? []).filter((card) => !stages.has(card.stage)).map((card) => ({ lane, card })),
  )
}

/** The feelings along the stages of an emotion lane. */
export function feelings(lane: LaneView): Feeling[] {
  return lane.cells.map(({ emotion }) => ({
    assumed: emotion?.assumed ?? null,
    measured: emotion?.measured.value ?? null,
    low: emotion?.measured.low ?? null,
    high: emotion?.measured.high ?? null,
  }))
}

/** What the business or the customer wants of a stage, as the journey says. */
export function goalOf(stage: StageView, kind: LaneView['kind']) {
  if (kind === 'business_goal') return stage.business_goal ?? null
  return kind === 'customer_goal' ? (stage.customer_goal ?? null) : null
}

/** Below this many people a share or a mean says little, and the map says so. */
export const THIN = 30

/** Why the numbers of a view are not to be read yet, if so. */
export type Standing = 'no_events' | 'nobody' | 'thin' | 'fine'

/** Whether there is enough to read: any events in the workspace, anybody in the scope, enough people. */
export function standing(view: MapView, hasEvents: boolean): Standing {
  const people = view.facts.find((fact) => fact.key === 'people')?.figure.value ?? 0
  if (!hasEvents) return 'no_events'
  if (people === 0) return 'nobody'
  return people < THIN ? 'thin' : 'fine'
}
