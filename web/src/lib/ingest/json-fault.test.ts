import { expect, test } from 'vitest'
import { jsonFault } from './json-fault'

test.each([
  ['{"a": 1,\n "b": x}', 2, 7],
  ['{"a": 1', 1, 8],
  ['{"a": 1,}', 1, 9],
  ['[1 2]', 1, 4],
  ['{"a" 1}', 1, 6],
  ['{a: 1}', 1, 2],
  ['{} {}', 1, 4],
  ['', 1, 1],
  ['{"a": NaN}', 1, 7],
  ['{"a": 01}', 1, 8],
  ['["\\x"]', 1, 2],
  ['[1}', 1, 3],
  [']', 1, 1],
])('%j stops at %i:%i', (text, line, column) => expect(jsonFault(text)).toEqual({ line, column }))

test('agrees with the browser on what is JSON', () => {
  const pieces = ['{', '}', '[', ']', ',', ':', '"a"', '1', '-0.5e3', 'true', 'null', ' ', '\n', 'x', '"\\u00e9"']
  let state = 7
  const random = (n: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % n
  }
  let n_valid = 0
  for (let round = 0; round < 60_000; round += 1) {
    const text = Array.from({ length: 1 + random(7) }, () => pieces[random(pieces.length)]).join('')
    let isJson = true
    try {
      JSON.parse(text)
      n_valid += 1
    } catch {
      isJson = false
    }
    expect(jsonFault(text) === null, JSON.stringify(text)).toBe(isJson)
  }
  expect(n_valid).toBeGreaterThan(500)
})
