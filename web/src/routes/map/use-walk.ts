import { type FocusEvent, type KeyboardEvent, type RefObject, useCallback, useEffect, useRef } from 'react'
import { isWalking, type Shape, type Spot, walk } from '~/lib/map/grid'
import { isComposing } from '~/lib/ui'

const cellsOf = (row: Element) => [...row.querySelectorAll<HTMLElement>('[data-cell]')]
/** The items of a cell that can be seen, or the cell itself. */
function itemsOf(cell: HTMLElement): HTMLElement[] {
  const items = [...cell.querySelectorAll<HTMLElement>('[data-item]')].filter((item) => item.offsetParent !== null)
  return items.length > 0 ? items : [cell]
}

/**
 * Makes the map one stop of the Tab key and lets the arrow keys walk through it. Cells are marked `data-cell`, what takes
 * focus in them `data-item`; controls marked `data-inner` can be reached by Tab while focus is in their `data-group`.
 */
export function useWalk(grid: RefObject<HTMLElement | null>) {
  const current = useRef<HTMLElement | null>(null)
  const inner = useRef<HTMLElement[]>([])

  const rows = useCallback(() => [...(grid.current?.querySelectorAll('[role=row]') ?? [])].map(cellsOf), [grid])

  const take = useCallback((item: HTMLElement) => {
    if (current.current !== item) {
      if (current.current) current.current.tabIndex = -1
      item.tabIndex = 0
      current.current = item
    }
    for (const one of inner.current) one.tabIndex = -1
    inner.current = [...(item.closest('[data-group]')?.querySelectorAll<HTMLElement>('[data-inner]') ?? [])]
    for (const one of inner.current) one.tabIndex = 0
  }, [])

  // Whatever was drawn anew: exactly one item stays reachable by Tab.
  useEffect(() => {
    if (current.current?.isConnected && current.current.offsetParent !== null) return
    const first = grid.current?.querySelector<HTMLElement>('[data-item]')
    if (first) take(first)
  })

  const onFocus = useCallback(
    (event: FocusEvent<HTMLElement>) => {
      const target = event.target as HTMLElement
      if (target.matches('[data-item], [data-cell]')) take(target)
    },
    [take],
  )

  const onKeyDown = useCallback(
    (event: KeyboardEvent<HTMLElement>) => {
      if (event.defaultPrevented || !isWalking(event.key) || isComposing(event)) return
      if (event.altKey || event.metaKey || event.shiftKey) return
      const target = event.target as HTMLElement
      if (target.matches('input, textarea, select')) return
      const own = target.closest<HTMLElement>('[data-cell]')
      if (!own) return
      const all = rows()
      const row = all.findIndex((cells) => cells.includes(own))
      const column = all[row]?.indexOf(own) ?? -1
      if (row < 0 || column < 0) return
      const items = itemsOf(own)
      const item = Math.max(0, items.indexOf(target.closest<HTMLElement>('[data-item]') ?? own))
      const shape: Shape = all.map((cells) => cells.map((cell) => itemsOf(cell).length))
      const at: Spot = { row, column, item }
      const to = walk(shape, at, event.key, event.ctrlKey)
      event.preventDefault()
      if (to === at) return
      const cell = all[to.row]?.[to.column]
      if (cell) itemsOf(cell)[to.item]?.focus()
    },
    [rows],
  )
  return { onFocus, onKeyDown }
}
