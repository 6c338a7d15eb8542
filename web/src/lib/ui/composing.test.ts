import { expect, it } from 'vitest'
import { isComposing } from './composing'

const press = (fields: object) => fields as KeyboardEvent

it('knows an Enter that only ends a syllable', () => {
  expect(isComposing(press({ key: 'Enter', isComposing: true, keyCode: 13 }))).toBe(true)
  expect(isComposing(press({ key: 'Enter', isComposing: false, keyCode: 229 }))).toBe(true) // Safari, after compositionend.
  expect(isComposing(press({ key: 'Enter', isComposing: false, keyCode: 13 }))).toBe(false)
  expect(isComposing({ nativeEvent: press({ isComposing: true, keyCode: 13 }) } as never)).toBe(true)
})
