import { describe, expect, it } from 'vitest'
import * as f from './format'
import { josa, rewrite, say } from './text'

const ko: f.Style = { lang: 'ko', zone: 'Asia/Seoul', currency: 'KRW' }
const en: f.Style = { lang: 'en', zone: 'Asia/Seoul', currency: 'USD' }
const S = 1e6
const check = (got: string, want: string) => expect(got).toBe(want)

describe('numbers', () => {
  it('whole and short', () => {
    check(f.whole(18240, 'ko'), '18,240')
    check(f.whole(-3, 'en'), '−3') // A real minus, not a hyphen.
    check(f.whole(null, 'en'), '–') // Nothing measured is never 0.
    check(f.whole(Number.NaN, 'en'), '–')
    check(f.short(12_340, 'ko'), '1.2만')
    check(f.short(12_340, 'en'), '12.3K')
    check(f.short(9_999, 'ko'), '9,999') // Koreans count in ten thousands.
    check(f.short(999, 'en'), '999')
    check(f.short(123_456_789, 'ko'), '1.2억')
    check(f.short(2.25, 'en'), '2.3')
  })
  it('shares, points, signs', () => {
    check(f.percent(0.264, 'ko'), '26.4%')
    check(f.percent(0.5, 'en'), '50.0%')
    check(f.percent(0.5, 'en', 0), '50%')
    check(f.points(-0.005, 'ko'), '−0.5%p')
    check(f.points(0.005, 'en'), '+0.5 pp')
    check(f.signed(31, 'en'), '+31')
    check(f.signed(-0.9, 'ko', 1), '−0.9')
    check(f.signed(0, 'ko'), '0')
  })
  it('money', () => {
    check(f.money(41_200, ko), '₩41,200')
    check(f.money(12.5, en), '$12.50')
    check(f.money(12, en), '$12')
    check(f.money(-12_000, ko), '−₩12,000')
    check(f.moneyShort(41_200_000, ko), '₩4,120만')
    check(f.moneyShort(41_200_000, { ...ko, lang: 'en' }), '₩41.2M')
    check(f.moneyShort(9_900, ko), '₩9,900')
    check(String(f.unitsOf(1250)), '12.5')
  })
  it('sizes', () => {
    check(f.bytes(0, 'en'), '0 B')
    check(f.bytes(12_400_000, 'en'), '12.4 MB')
    check(f.bytes(1_234_000_000_000_000, 'en'), '1,234 TB')
  })
})

describe('lengths of time', () => {
  it('is said in at most two units', () => {
    check(f.duration(0, 'ko'), '0초')
    check(f.duration(12, 'en'), '< 1 ms')
    check(f.duration(400_000, 'ko'), '400밀리초')
    check(f.duration(6.8 * S, 'ko'), '6.8초')
    check(f.duration(59.6 * S, 'en'), '1 min') // Never "60 s".
    check(f.duration(192 * S, 'ko'), '3분 12초')
    check(f.duration(192 * S, 'en'), '3 min 12 s')
    check(f.duration(3599.7 * S, 'en'), '1 h') // Never "60 min".
    check(f.duration(19_200 * S, 'ko'), '5시간 20분')
    check(f.duration(86_399 * S, 'en'), '1 d') // Never "24 h".
    check(f.duration(6.2 * 86_400 * S, 'ko'), '6.2일')
    check(f.duration(38 * 86_400 * S, 'en'), '38 d')
    check(f.duration(-60 * S, 'ko'), '−1분')
    check(f.duration(undefined, 'ko'), '–')
  })
})

describe('days and times are those of the workspace', () => {
  const us = Date.UTC(2025, 9, 2, 15, 30) * 1000 // Already 3 October in Seoul.
  it('day, clock, moment', () => {
    check(f.day(us, ko), '2025년 10월 3일')
    check(f.day(us, en), 'Oct 3, 2025')
    check(f.day(us, { ...en, zone: 'UTC' }), 'Oct 2, 2025')
    check(f.clock(us, ko), '00:30')
    check(f.moment(us, en), 'Oct 3, 2025 00:30')
    check(f.calendarDay('2025-10-03', 'ko', false), '10월 3일')
    expect(f.dayHeading(us, ko)).toContain('금요일')
  })
  it('ago', () => {
    check(f.ago(us - 10 * S, us, ko), '방금')
    check(f.ago(us - 120 * S, us, ko), '2분 전')
    check(f.ago(us - 3 * 3600 * S, us, en), '3 hours ago')
    check(f.ago(us - 26 * 3600 * S, us, en), 'yesterday')
    check(f.ago(us - 90 * 86_400 * S, us, en), 'Jul 5, 2025')
  })
})

describe('measures and their change', () => {
  it('by unit', () => {
    check(f.measure(0.039, 'share', ko), '3.9%')
    check(f.measure(412, 'money', ko), '₩412')
    check(f.measure(192, 'seconds', en), '3 min 12 s')
    check(f.measure(31, 'points', ko), '+31')
    check(f.measure(3.84, 'score', ko), '3.8')
    check(f.measure(18240, 'people', ko), '18,240')
    check(f.measure(18240, 'people', ko, true), '1.8만')
    check(f.measure(null, 'share', ko), '–')
  })
  it('change', () => {
    expect(f.change(0.039, 0.044, 'share', 'ko')).toEqual({ text: '0.5%p', sign: -1 })
    expect(f.change(106, 100, 'people', 'ko')).toEqual({ text: '6.0%', sign: 1 })
    expect(f.change(150, 100, 'money', 'en')).toEqual({ text: '50%', sign: 1 })
    expect(f.change(100, 100, 'people', 'en')?.sign).toBe(0)
    expect(f.change(5, 0, 'people', 'en')).toBeNull() // Infinite growth says nothing.
    expect(f.change(5, null, 'people', 'en')).toBeNull()
    expect(f.change(3.8, 4, 'score', 'en')).toEqual({ text: '0.2', sign: -1 })
  })
})

describe('texts', () => {
  it('particles follow the sound', () => {
    check(josa('고객', '을/를'), '고객을')
    check(josa('여정 지도', '을/를'), '여정 지도를')
    check(josa('서울', '으로/로'), '서울로') // ㄹ takes 로.
    check(josa('세그먼트', '이/가'), '세그먼트가')
    check(josa('3', '은/는'), '3은') // 삼은
    check(josa('2', '은/는'), '2는') // 이는
    check(josa('7', '으로/로'), '7로') // 칠로
    check(josa('mail', '을/를'), 'mail을')
    check(josa('“결제 완료”', '을/를'), '“결제 완료”를')
    check(josa('orders.csv', '과/와'), 'orders.csv와')
  })
  it('picks and replaces one language', () => {
    check(say({ ko: '인지', en: 'Awareness' }, 'en'), 'Awareness')
    check(say('인지', 'en'), '인지')
    check(say(undefined, 'en'), '')
    expect(rewrite({ ko: '인지', en: 'Awareness' }, 'en', 'Aware')).toEqual({ ko: '인지', en: 'Aware' })
    expect(rewrite('인지', 'en', 'Aware')).toBe('Aware')
  })
})
