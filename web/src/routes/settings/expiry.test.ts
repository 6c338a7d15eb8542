import { describe, expect, it } from 'vitest'
import { daysOf } from './expiry'

describe('the days a choice means', () => {
  it('takes presets and what is typed', () => {
    expect(daysOf('always', '')).toBeNull()
    expect(daysOf('400', '')).toBe(400)
    expect(daysOf('other', ' 90 ')).toBe(90)
  })

  it('takes nothing that is no number of days', () => {
    for (const typed of ['', '0', '-1', '1.5', '9e3', '36501', 'abc', '00000'])
      expect(daysOf('other', typed)).toBeUndefined()
    expect(daysOf('other', '36500')).toBe(36_500)
  })
})
