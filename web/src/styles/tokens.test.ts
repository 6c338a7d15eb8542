import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')

/** The light and the dark value of a colour token. */
function pair(name: string): [string, string] {
  const found = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css)
  if (!found?.[1] || !found[2]) throw new Error(`--${name} is not a light-dark pair`)
  return [found[1], found[2]]
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const v = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [hi = 0, lo = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (hi + 0.05) / (lo + 0.05)
}

const surfaces = ['paper', 'card', 'lane', 'hover', 'pressed', 'float', 'note']
const inks = ['ink', 'soft', 'faint', 'real', 'guess', 'bad', 'good']

describe('contrast is at least 4.5 in both themes', () => {
  for (const ink of inks)
    for (const surface of surfaces)
      it(`${ink} on ${surface}`, () => {
        const [inkLight, inkDark] = pair(ink)
        const [onLight, onDark] = pair(surface)
        expect(contrast(inkLight, onLight)).toBeGreaterThanOrEqual(4.5)
        expect(contrast(inkDark, onDark)).toBeGreaterThanOrEqual(4.5)
      })
  for (const [ink, surface] of [
    ['on-ink', 'ink'],
    ['bad', 'bad-soft'],
    ['real', 'real-soft'],
    ['guess', 'guess-soft'],
    ['soft', 'bad-soft'],
    ['soft', 'real-soft'],
  ] as const)
    it(`${ink} on ${surface}`, () => {
      const [inkLight, inkDark] = pair(ink)
      const [onLight, onDark] = pair(surface)
      expect(contrast(inkLight, onLight)).toBeGreaterThanOrEqual(4.5)
      expect(contrast(inkDark, onDark)).toBeGreaterThanOrEqual(4.5)
    })
})

it('channel marks stand out from the card (3:1, WCAG non-text)', () => {
  for (let n = 1; n <= 8; n++) {
    const [light, dark] = pair(`channel-${n}`)
    expect(contrast(light, pair('card')[0])).toBeGreaterThanOrEqual(3)
    expect(contrast(dark, pair('card')[1])).toBeGreaterThanOrEqual(3)
  }
})

it('no text below 11 px', () => {
  const sizes = [...css.matchAll(/--text-\d+: ([\d.]+)rem/g)].map((m) => Number(m[1]) * 16)
  expect(sizes.length).toBeGreaterThan(4)
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(11)
})
