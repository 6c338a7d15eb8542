import { createContext, useContext } from 'react'
import type { Figure, Text } from '~/lib/api/types'
import type { Edit } from '~/lib/map/edit'

/** A number somebody pressed. */
export interface FigureAsked {
  figure: Figure
  /** What it is, with its stage: “Purchase · people who entered”. */
  label: string
  /** What a metric or touchpoint says about itself. */
  about?: Text | null
  /** Numbers that belong to it; pressing one shows it in place. */
  related?: { label: string; figure: Figure }[]
}

/** What the parts of the map can do. Stable for as long as the page lives, so that a cell redraws only for its own change. */
export interface MapActions {
  /** Makes an edit; steps of one gesture are undone together. */
  edit: (edit: Edit | null, gesture?: string) => void
  openFigure: (asked: FigureAsked, anchor: HTMLElement) => void
  openCard: (id: string) => void
  openCardMenu: (id: string, anchor: HTMLElement) => void
  openLaneMenu: (key: string, anchor: HTMLElement) => void
  removeCard: (id: string) => void
  moveCard: (id: string, way: 'left' | 'right' | 'up' | 'down') => void
  moveLane: (key: string, way: 'up' | 'down') => void
  /** Said by screen readers, not shown. */
  announce: (text: string) => void
}

const Context = createContext<{ actions: MapActions; canEdit: boolean } | null>(null)

export const MapContext = Context

export function useMapActions() {
  const value = useContext(Context)
  if (!value) throw new Error('outside of a map')
  return value
}
