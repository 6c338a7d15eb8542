import { expect, it } from 'vitest'
import { channelColor } from './channel'
import { sparkRuns } from './marks'

it('a sparkline breaks where nothing was measured, and never draws it as 0', () => {
  const runs = sparkRuns([1, 2, null, 3], 60, 20)
  expect(runs.map((run) => run.length)).toEqual([2, 1])
  expect(runs[1]?.[0]?.[0]).toBeCloseTo(58) // The last value stands at the right end.
  expect(sparkRuns([], 60, 20)).toEqual([])
  expect(sparkRuns([null, Number.NaN], 60, 20)).toEqual([])
})

it('a sparkline stands in its box, high values up, a flat one in the middle', () => {
  const [run = []] = sparkRuns([0, 10, 5], 60, 20, 2)
  expect(run.map(([, y]) => y)).toEqual([18, 2, 10])
  expect(sparkRuns([7, 7], 60, 20)[0]?.map(([, y]) => y)).toEqual([10, 10])
})

it('a channel has one colour, whatever its case', () => {
  expect(channelColor('Email')).toBe(channelColor('email'))
  expect(channelColor('web')).not.toBe(channelColor('app'))
  expect(channelColor('search_ad')).toBe(channelColor('ads'))
  // “ad” inside a word is no advertisement: such names are spread over the colours like any other.
  expect(new Set(['upload', 'download', 'roadshow', 'badge'].map(channelColor)).size).toBeGreaterThan(1)
  expect(channelColor('zeppelin')).toMatch(/^var\(--channel-[1-8]\)$/)
  expect(channelColor(null)).not.toMatch(/channel/)
})
