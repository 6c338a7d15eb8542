import { expect, it } from 'vitest'
import { initialsOf, matches } from './matches'

it('finds by any words, any case, Korean initials', () => {
  const check = (text: string, sought: string, want: boolean) => expect(matches(text, sought)).toBe(want)
  check('선물 구매 여정', '', true)
  check('선물 구매 여정', '여정 선물', true) // Any order.
  check('선물 구매 여정', 'ㄱㅁ', true) // By initials,
  check('선물 구매 여정', 'ㅁㄱ', false) // in their order.
  check('Order Completed', 'order', true)
  check('Order Completed', 'refund', false)
  check('구매', '구매'.normalize('NFD'), true) // macOS sends decomposed Hangul.
  expect(initialsOf('길목 A')).toBe('ㄱㅁ A')
})
