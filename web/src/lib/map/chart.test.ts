import { expect, it } from 'vitest'
import { isLikeItsBuckets, lineChart } from './chart'

it('starts counts at 0 and breaks where nothing was measured', () => {
  const chart = lineChart([5, 10, null, 0, 10], 100, 50)
  expect(chart.runs).toEqual(['M0,25 L25,0', 'M75,50 L100,0'])
  expect(chart.points[2]).toBeNull()
  expect(chart.ticks).toEqual([
    { value: 0, y: 50 },
    { value: 10, y: 0 },
  ])
})
it('keeps the zero line when values are negative', () => {
  expect(lineChart([-5, 5], 10, 10).ticks.map((tick) => tick.value)).toEqual([-5, 5])
  expect(lineChart([-5, -3], 10, 10).ticks.map((tick) => tick.value)).toEqual([-5, 0])
})
it('fits scores to their own range, the target included', () => {
  const chart = lineChart([3, 4], 10, 10, { fromZero: false, target: 5 })
  expect(chart.ticks.map((tick) => tick.value)).toEqual([3, 5])
  expect(chart.target).toBe(0)
})
it('stands a lone or constant value in the middle', () => {
  expect(lineChart([3], 10, 10, { fromZero: false }).points).toEqual([{ x: 5, y: 5 }])
  expect(lineChart([], 10, 10).ticks).toEqual([])
  expect(lineChart([null], 10, 10).runs).toEqual([])
})
it('tells a mean from a sum by its buckets', () => {
  expect(isLikeItsBuckets(0.4, [0.3, null, 0.5])).toBe(true)
  expect(isLikeItsBuckets(12, [5, 7])).toBe(false)
  expect(isLikeItsBuckets(null, [5, 7])).toBe(false)
  expect(isLikeItsBuckets(1, [])).toBe(false)
})
