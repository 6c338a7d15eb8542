import type { Lang } from './text'

/** What numbers, money and times are written by: the reader's language, the workspace's zone and currency. */
export interface Style {
  lang: Lang
  /** IANA zone of the workspace: days and hours are its own, wherever the reader sits. */
  zone: string
  /** ISO 4217. */
  currency: string
}

const localeOf: Record<Lang, string> = { ko: 'ko-KR', en: 'en-US' }
const formats = new Map<string, unknown>()

/** Making an `Intl` format costs far more than using one, and tables use thousands. */
function kept<Format>(key: string, make: () => Format): Format {
  const known = formats.get(key)
  if (known !== undefined) return known as Format
  const made = make()
  formats.set(key, made)
  return made
}

const numberFormat = (lang: Lang, options: Intl.NumberFormatOptions) =>
  kept(`n${lang}${JSON.stringify(options)}`, () => new Intl.NumberFormat(localeOf[lang], options))

const dateFormat = (lang: Lang, options: Intl.DateTimeFormatOptions) =>
  kept(`d${lang}${JSON.stringify(options)}`, () => new Intl.DateTimeFormat(localeOf[lang], options))

/** A real minus, as wide as a plus. */
const minus = (text: string) => text.replace(/^([^\d]*)-/, '$1−')

/** Shown where there is no number: never 0. */
export const NONE = '–'

const isNone = (n: number | null | undefined): n is null | undefined => n == null || !Number.isFinite(n)

/** All digits, grouped: `18,240`. At most `digits` decimals. */
export function whole(n: number | null | undefined, lang: Lang, digits = 0): string {
  return isNone(n) ? NONE : minus(numberFormat(lang, { maximumFractionDigits: digits }).format(n))
}

/** For axes and tight places: `1.2만`, `12K`; below 10,000 (ko) or 1,000 (en) all digits stand. */
export function short(n: number | null | undefined, lang: Lang): string {
  if (isNone(n)) return NONE
  const floor = lang === 'ko' ? 10_000 : 1_000
  if (Math.abs(n) < floor) return whole(n, lang, Math.abs(n) < 10 ? 1 : 0)
  return minus(numberFormat(lang, { notation: 'compact', maximumFractionDigits: 1 }).format(n))
}

/** A share 0–1 as `26.4%`. Whole percents lose no decimal, so that columns line up. */
export function percent(share: number | null | undefined, lang: Lang, digits = 1): string {
  if (isNone(share)) return NONE
  return minus(
    numberFormat(lang, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
      share,
    ),
  )
}

/** A difference of two shares, in percentage points: `+0.5%p`, `−0.5 pp`. */
export function points(difference: number | null | undefined, lang: Lang, digits = 1): string {
  if (isNone(difference)) return NONE
  const text = minus(
    numberFormat(lang, {
      signDisplay: 'exceptZero',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(difference * 100),
  )
  return lang === 'ko' ? `${text}%p` : `${text} pp`
}

/** A number with its sign, for scores: `+31`, `−0.9`. */
export function signed(n: number | null | undefined, lang: Lang, digits = 0): string {
  if (isNone(n)) return NONE
  return minus(
    numberFormat(lang, {
      signDisplay: 'exceptZero',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(n),
  )
}

/** Money in whole currency units, all digits: `₩41,200`, `$12.50`. */
export function money(units: number | null | undefined, style: Style): string {
  if (isNone(units)) return NONE
  const symbol = { style: 'currency', currency: style.currency, currencyDisplay: 'narrowSymbol' } as const
  const cents = Number.isInteger(units) ? { maximumFractionDigits: 0 } : {}
  return minus(numberFormat(style.lang, { ...symbol, ...cents }).format(units))
}

/** Money for tight places: `₩4,120만`, `₩41.2M`. */
export function moneyShort(units: number | null | undefined, style: Style): string {
  if (isNone(units)) return NONE
  if (Math.abs(units) < (style.lang === 'ko' ? 10_000 : 1_000)) return money(Math.round(units), style)
  const symbol = { style: 'currency', currency: style.currency, currencyDisplay: 'narrowSymbol' } as const
  const text = numberFormat(style.lang, {
    ...symbol,
    notation: 'compact',
    minimumFractionDigits: 0,
    maximumFractionDigits: 1,
  }).format(units)
  return minus(text.replace(/(\d{4})(?=[.만억조])/, (digits) => `${digits[0]},${digits.slice(1)}`))
}

/** Amounts in the API are hundredths of the currency; the other functions here take whole units. */
export const unitsOf = (hundredths: number): number => hundredths / 100

const SECOND_US = 1e6
const MINUTE_US = 60 * SECOND_US
const HOUR_US = 60 * MINUTE_US
const DAY_US = 24 * HOUR_US

const unitNames = {
  ko: { ms: '밀리초', s: '초', m: '분', h: '시간', d: '일', gap: '' },
  en: { ms: 'ms', s: 's', m: 'min', h: 'h', d: 'd', gap: ' ' },
}

/** A length of time as people say it: `0.4초`, `3분 12초`, `5시간 20분`, `6.2일`, `38일`. */
export function duration(us: number | null | undefined, lang: Lang): string {
  if (isNone(us)) return NONE
  const names = unitNames[lang]
  const join = (n: string, unit: string) => `${n}${names.gap}${unit}`
  const abs = Math.abs(us)
  const sign = us < 0 ? '−' : ''
  const two = (big: number, bigUnit: string, small: number, smallUnit: string) => {
    const head = join(String(big), bigUnit)
    return sign + (small === 0 ? head : `${head} ${join(String(small), smallUnit)}`)
  }
  if (abs < SECOND_US && abs > 0) {
    const ms = Math.round(abs / 1000)
    return sign + (ms < 1 ? `< ${join('1', names.ms)}` : join(String(ms), names.ms))
  }
  if (abs < 9.95 * SECOND_US) return sign + join(trim(abs / SECOND_US, 1), names.s)
  const seconds = Math.round(abs / SECOND_US)
  if (seconds < 60) return sign + join(String(seconds), names.s)
  if (seconds < 3600) return two(Math.floor(seconds / 60), names.m, seconds % 60, names.s)
  const minutes = Math.round(abs / MINUTE_US)
  if (minutes < 24 * 60) return two(Math.floor(minutes / 60), names.h, minutes % 60, names.m)
  const days = abs / DAY_US
  return sign + join(days < 9.95 ? trim(days, 1) : String(Math.round(days)), names.d)
}

const trim = (n: number, digits: number) => String(Number(n.toFixed(digits)))

/** A file size: `12.4 MB`. Decimal units, as file managers show them. */
export function bytes(size: number | null | undefined, lang: Lang): string {
  if (isNone(size)) return NONE
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = size
  let at = 0
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000
    at += 1
  }
  return `${whole(value, lang, value < 100 && at > 0 ? 1 : 0)} ${units[at]}`
}

/** A day of the workspace: `2025. 10. 3.` / `Oct 3, 2025`; without the year when `year` is false. */
export function day(us: number | null | undefined, style: Style, year = true): string {
  if (isNone(us)) return NONE
  const options: Intl.DateTimeFormatOptions = {
    timeZone: style.zone,
    month: style.lang === 'ko' ? 'long' : 'short',
    day: 'numeric',
    ...(year ? { year: 'numeric' } : {}),
  }
  return dateFormat(style.lang, options).format(us / 1000)
}

/** The day with its weekday, as a heading: `10월 3일 금요일`. */
export function dayHeading(us: number, style: Style): string {
  return dateFormat(style.lang, {
    timeZone: style.zone,
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    weekday: 'long',
  }).format(us / 1000)
}

/** Hours and minutes in the workspace's zone, 24-hour: `14:03`. */
export function clock(us: number | null | undefined, style: Style, seconds = false): string {
  if (isNone(us)) return NONE
  return dateFormat(style.lang, {
    timeZone: style.zone,
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  }).format(us / 1000)
}

/** Day and time: `2025년 10월 3일 14:03`. */
export function moment(us: number | null | undefined, style: Style): string {
  return isNone(us) ? NONE : `${day(us, style)} ${clock(us, style)}`
}

/** How long ago: `2분 전`, `yesterday`; older than a month, the day itself. */
export function ago(us: number | null | undefined, nowUs: number, style: Style): string {
  if (isNone(us)) return NONE
  const gap = us - nowUs
  const abs = Math.abs(gap)
  if (abs < 45 * SECOND_US) return style.lang === 'ko' ? '방금' : 'just now'
  if (abs > 30 * DAY_US) return day(us, style)
  const format = kept(`r${style.lang}`, () => new Intl.RelativeTimeFormat(localeOf[style.lang], { numeric: 'auto' }))
  if (abs < HOUR_US) return format.format(Math.round(gap / MINUTE_US), 'minute')
  if (abs < DAY_US) return format.format(Math.round(gap / HOUR_US), 'hour')
  return format.format(Math.round(gap / DAY_US), 'day')
}

/** A calendar day (`2025-10-03`) as people write it; no zone is involved. */
export function calendarDay(iso: string, lang: Lang, year = true): string {
  return day(Date.parse(`${iso}T00:00:00Z`) * 1000, { lang, zone: 'UTC', currency: 'KRW' }, year)
}

/** Units a metric may have (as `Unit` in the model). */
export type Unit = 'number' | 'people' | 'events' | 'share' | 'money' | 'seconds' | 'points' | 'score'

/** Any measured number by its unit; `tight` prefers the short form. Money is in whole units, time in seconds. */
export function measure(value: number | null | undefined, unit: Unit, style: Style, tight = false): string {
  if (isNone(value)) return NONE
  if (value === 0) value = 0 // Not the negative zero that a sum of nothing may come as.
  switch (unit) {
    case 'share':
      return percent(value, style.lang)
    case 'money':
      return tight ? moneyShort(value, style) : money(Math.abs(value) >= 1000 ? Math.round(value) : value, style)
    case 'seconds':
      return duration(value * SECOND_US, style.lang)
    case 'points':
      return signed(value, style.lang, Number.isInteger(value) ? 0 : 1)
    case 'score':
      return minus(numberFormat(style.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value))
    case 'number':
      return tight ? short(value, style.lang) : whole(value, style.lang, Math.abs(value) < 100 ? 2 : 0)
    default:
      return tight ? short(value, style.lang) : whole(value, style.lang)
  }
}

/**
 * What became of a number: shares differ in percentage points, scores and points by their difference, everything else
 * by the relative change. `null` where there is nothing to compare with.
 */
export function change(
  now: number | null | undefined,
  before: number | null | undefined,
  unit: Unit,
  lang: Lang,
): { text: string; sign: -1 | 0 | 1 } | null {
  if (isNone(now) || isNone(before)) return null
  const difference = now - before
  if (unit === 'share') return said(difference * 100, points(Math.abs(difference), lang).replace('+', ''), 0.05)
  if (unit === 'points' || unit === 'score') return said(difference, whole(Math.abs(difference), lang, 1), 0.05)
  if (before === 0) return null
  const relative = difference / Math.abs(before)
  const size = Math.abs(relative)
  return said(relative * 100, percent(size, lang, size < 0.1 && size >= 0.0005 ? 1 : 0), 0.05)
}

function said(size: number, text: string, noise: number): { text: string; sign: -1 | 0 | 1 } {
  return { text, sign: Math.abs(size) < noise ? 0 : size > 0 ? 1 : -1 }
}
