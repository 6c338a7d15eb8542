import { expect, it } from 'vitest'
import { dropIndex, isWalking, type Key, type Shape, walk } from './grid'

// Heads, a lane with two cards in the second stage and none in the third, a lane with one each.
const shape: Shape = [
  [1, 3, 3, 3],
  [1, 1, 2, 0],
  [1, 1, 1, 1],
]
const from = (row: number, column: number, item: number, ...keys: Key[]) => {
  let at = { row, column, item }
  for (const key of keys) at = walk(shape, at, key)
  return [at.row, at.column, at.item]
}

it('walks through the items of a cell before leaving it', () => {
  expect(from(1, 2, 0, 'ArrowDown')).toEqual([1, 2, 1])
  expect(from(1, 2, 1, 'ArrowDown')).toEqual([2, 2, 0])
  expect(from(2, 2, 0, 'ArrowUp')).toEqual([1, 2, 1])
  expect(from(1, 2, 0, 'ArrowUp')).toEqual([0, 2, 2])
})
it('goes sideways at the same height, as far as the neighbour has items', () => {
  expect(from(0, 1, 2, 'ArrowRight')).toEqual([0, 2, 2])
  expect(from(1, 2, 1, 'ArrowLeft')).toEqual([1, 1, 0])
  expect(from(1, 2, 1, 'ArrowRight')).toEqual([1, 3, 0]) // An empty cell takes focus itself.
  expect(from(1, 3, 0, 'ArrowDown')).toEqual([2, 3, 0])
})
it('stays at the edges', () => {
  expect(from(0, 0, 0, 'ArrowUp', 'ArrowLeft')).toEqual([0, 0, 0])
  expect(from(2, 3, 0, 'ArrowDown', 'ArrowRight')).toEqual([2, 3, 0])
})
it('jumps', () => {
  expect(from(1, 2, 1, 'Home')).toEqual([1, 0, 0])
  expect(from(1, 1, 0, 'End')).toEqual([1, 3, 0])
  expect(from(0, 2, 1, 'PageDown')).toEqual([2, 2, 0])
  expect(walk(shape, { row: 1, column: 2, item: 1 }, 'Home', true)).toEqual({ row: 0, column: 0, item: 0 })
  expect(walk(shape, { row: 1, column: 2, item: 1 }, 'End', true)).toEqual({ row: 2, column: 3, item: 0 })
})
it('knows its keys', () => {
  expect(['ArrowUp', 'Enter', 'a'].map(isWalking)).toEqual([true, false, false])
})
it('drops between the middles of the others', () => {
  expect([5, 15, 25, 99].map((y) => dropIndex([10, 20, 30], y))).toEqual([0, 1, 2, 3])
  expect(dropIndex([], 7)).toBe(0)
})
