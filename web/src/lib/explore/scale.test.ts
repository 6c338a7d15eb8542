import { describe, expect, it } from 'vitest'
import { bandPath, fitText, labelEvery, linear, linePath, spread, textWidth, ticks, wholeTicks } from './scale'

describe('ticks', () => {
  it('are round and cover the data', () => {
    expect(ticks(0, 97)).toEqual([0, 25, 50, 75, 100])
    expect(ticks(-40, 130)).toEqual([-50, 0, 50, 100, 150])
    expect(ticks(0, 0.37)).toEqual([0, 0.1, 0.2, 0.3, 0.4])
    expect(ticks(0, 0)).toEqual([0, 1])
    for (let high = 1; high < 5_000; high = Math.ceil(high * 1.37)) {
      const scale = ticks(0, high)
      expect(scale[0]).toBe(0)
      expect(scale.at(-1)).toBeGreaterThanOrEqual(high)
      expect(scale.length).toBeLessThanOrEqual(6)
    }
  })
  it('of counts are whole', () => {
    expect(wholeTicks(3)).toEqual([0, 1, 2, 3])
    expect(wholeTicks(0)).toEqual([0, 1])
    for (const tick of wholeTicks(10)) expect(Number.isInteger(tick)).toBe(true)
  })
})

it('maps a span of nothing to the middle', () => {
  expect(linear(5, 5, 0, 100)(5)).toBe(50)
  expect(linear(0, 10, 100, 0)(2.5)).toBe(75)
})

it('breaks lines and bands where a value is absent', () => {
  expect(linePath([[0, 0], [1, 1], null, [3, 3], [4, 4]])).toBe('M0,0L1,1M3,3L4,4')
  expect(
    bandPath(
      [[0, 2], [1, 2], null, [3, 2]],
      [
        [0, 4],
        [1, 4],
        [2, 4],
        [3, 4],
      ],
    ),
  ).toBe('M0,2L1,2L1,4L0,4Z')
})

it('cuts texts to their place', () => {
  expect(fitText('add_to_cart', 200, 12)).toBe('add_to_cart')
  const cut = fitText('장바구니에 담은 상품', 60, 12)
  expect(cut.endsWith('…')).toBe(true)
  expect(textWidth(cut, 12)).toBeLessThanOrEqual(60)
})

it('moves labels apart, keeps their order and stays within', () => {
  const placed = spread([50, 50, 52, 10], 15, 0, 80)
  const sorted = placed.toSorted((a, b) => a - b)
  for (let at = 1; at < sorted.length; at += 1)
    expect((sorted[at] ?? 0) - (sorted[at - 1] ?? 0)).toBeGreaterThanOrEqual(15)
  expect(Math.min(...placed)).toBe(placed[3])
  expect(Math.max(...placed)).toBeLessThanOrEqual(80)
})

it('labels as many buckets as fit', () => {
  expect(labelEvery(90, 700, 70)).toBe(9)
  expect(labelEvery(5, 700, 70)).toBe(1)
  expect(labelEvery(5, 0, 70)).toBe(5)
})
