/** An item that takes focus in the map: its row (0 = stage heads), its column (0 = lane titles), its place in the cell. */
export interface Spot {
  row: number
  column: number
  item: number
}

/** How many items each cell has, by row and column. A cell without items takes focus itself and counts as one. */
export type Shape = readonly (readonly number[])[]

export type Key = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight' | 'Home' | 'End' | 'PageUp' | 'PageDown'

const count = (shape: Shape, row: number, column: number) => Math.max(1, shape[row]?.[column] ?? 0)

/** Rows that PageUp and PageDown pass over. */
const PAGE = 4

/**
 * Where a key leads from `at`. Up and down walk through the items of a cell before they leave it; left and right go to
 * the neighbouring cell, to the item at the same height; Home and End to the ends of the row, with `far` to the corners.
 * Stays at the edge.
 */
export function walk(shape: Shape, at: Spot, key: Key, far = false): Spot {
  const lastRow = shape.length - 1
  const lastColumn = (row: number) => (shape[row]?.length ?? 1) - 1
  const to = (row: number, column: number, item: number): Spot => ({
    row,
    column: Math.min(column, lastColumn(row)),
    item: Math.min(item, count(shape, row, Math.min(column, lastColumn(row))) - 1),
  })
  switch (key) {
    case 'ArrowDown':
      if (at.item + 1 < count(shape, at.row, at.column)) return { ...at, item: at.item + 1 }
      return at.row < lastRow ? to(at.row + 1, at.column, 0) : at
    case 'ArrowUp':
      if (at.item > 0) return { ...at, item: at.item - 1 }
      return at.row > 0 ? to(at.row - 1, at.column, Number.MAX_SAFE_INTEGER) : at
    case 'ArrowLeft':
      return at.column > 0 ? to(at.row, at.column - 1, at.item) : at
    case 'ArrowRight':
      return at.column < lastColumn(at.row) ? to(at.row, at.column + 1, at.item) : at
    case 'Home':
      return far ? to(0, 0, 0) : to(at.row, 0, 0)
    case 'End':
      return far ? to(lastRow, lastColumn(lastRow), 0) : to(at.row, lastColumn(at.row), 0)
    case 'PageUp':
      return to(Math.max(0, at.row - PAGE), at.column, 0)
    case 'PageDown':
      return to(Math.min(lastRow, at.row + PAGE), at.column, 0)
  }
}

/** Whether a key walks the grid. */
export const isWalking = (key: string): key is Key =>
  ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown'].includes(key)

/** Where a card dropped at height `y` goes among others with these middles. */
export function dropIndex(middles: readonly number[], y: number): number {
  const at = middles.findIndex((middle) => y < middle)
  return at < 0 ? middles.length : at
}
