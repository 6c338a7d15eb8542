import { describe, expect, it } from 'vitest'
import { drawCurve, type Feeling, feelingAt, gapOf, type Plane, runs, snap, yOf } from './emotion'

const plane: Plane = { column: 100, top: 10, bottom: 110 }
const felt = (measured: number | null, assumed: number | null = null, half: number | null = null): Feeling => ({
  measured,
  assumed,
  low: measured === null || half === null ? null : measured - half,
  high: measured === null || half === null ? null : measured + half,
})

describe('heights', () => {
  it('runs from −2 at the bottom to +2 at the top, and no further', () => {
    expect([-2, 0, 2, 3].map((feeling) => yOf(feeling, plane))).toEqual([110, 60, 10, 10])
  })
  it('reads back on the grid of 0.1', () => {
    expect([110, 60, 10, -40, 59, 57.5].map((y) => feelingAt(y, plane))).toEqual([-2, 0, 2, 2, 0, 0.1])
  })
  it('leaves no crumbs of floating point', () => {
    let feeling = -2
    for (let step = 0; step < 40; step += 1) feeling = snap(feeling + 0.1)
    expect(feeling).toBe(2)
    expect(Object.is(snap(-0.04), -0) ? 0 : snap(-0.04)).toBe(0)
  })
})

describe('the curve', () => {
  it('breaks where nobody answered', () => {
    const stages = [felt(1), felt(0.5), felt(null), felt(0), felt(-1)]
    const { measured } = drawCurve(stages, plane)
    expect(measured).toEqual(['M50,35 C100,35 100,47.5 150,47.5', 'M350,60 C400,60 400,85 450,85'])
  })
  it('has no line through a lone stage', () => {
    expect(drawCurve([felt(null), felt(1), felt(null)], plane).measured).toEqual([])
    expect(runs([felt(null), felt(1), felt(null)], (one) => one.measured)).toEqual([[{ stage: 1, value: 1 }]])
  })
  it('is empty when nothing is known', () => {
    const empty = drawCurve([felt(null), felt(null)], plane)
    expect([empty.measured, empty.assumed, empty.band, empty.gaps]).toEqual([[], [], [], []])
  })
  it('draws 0 as 0, not as missing', () => {
    expect(drawCurve([felt(0), felt(0)], plane).measured).toEqual(['M50,60 C100,60 100,60 150,60'])
  })
  it('draws the interval as one closed band per run, breaking where it has none', () => {
    const { band } = drawCurve([felt(0, null, 0.4), felt(1, null, 0.4), felt(1), felt(0, null, 0.4)], plane)
    expect(band).toHaveLength(2)
    expect(band[0]).toBe('M50,50 C100,50 100,25 150,25 L150,45 C100,45 100,70 50,70 Z')
    expect(band[1]).toBe('M344,50 C350,50 350,50 356,50 L356,70 C350,70 350,70 344,70 Z')
  })
  it('keeps the band on the scale', () => {
    expect(drawCurve([felt(1.9, null, 0.5), felt(1.9, null, 0.5)], plane).band[0]).toMatch(
      /^M50,10 C100,10 100,10 150,10 /,
    )
  })
})

describe('gaps and labels', () => {
  it('notes a difference only when it is large and more than doubt', () => {
    expect(gapOf(felt(-0.9, 1.4, 0.1))).toBeCloseTo(-2.3)
    expect(gapOf(felt(0.9, 0.5, 0.1))).toBeNull() // Sure, but small.
    expect(gapOf(felt(-0.9, 1.4, 2.5))).toBeNull() // Large, but within doubt.
    expect(gapOf(felt(-0.9, 1.4))).toBeCloseTo(-2.3) // No interval: taken as it is.
    expect(gapOf(felt(null, 1.4))).toBeNull()
    expect(gapOf(felt(1))).toBeNull()
  })
  it('places the label away from the assumption, inside the box', () => {
    const sides = (...stages: Feeling[]) => drawCurve(stages, plane).sides
    expect(sides(felt(0, 1), felt(0, -1), felt(0), felt(-1.9, 1), felt(1.9, 0), felt(null))).toEqual([
      'below',
      'above',
      'above',
      'above',
      'below',
      'above',
    ])
  })
})
