import type { Lang } from './text'
import type { Option } from './ui/select'

/** Currencies offered first; any ISO 4217 code may be typed. */
const usual = ['KRW', 'USD', 'EUR', 'JPY', 'GBP', 'CNY', 'VND', 'SGD']

/** Currencies with their names, the usual ones first. */
export function currencies(lang: Lang): Option[] {
  const names = new Intl.DisplayNames(lang === 'ko' ? 'ko-KR' : 'en-US', { type: 'currency' })
  const known = Intl.supportedValuesOf?.('currency') ?? []
  const rest = known.filter((code) => !usual.includes(code))
  return [...usual, ...rest].map((code) => ({ key: code, label: code, note: names.of(code) }))
}

/** Zones the browser knows. */
export const zones: Option[] = (Intl.supportedValuesOf?.('timeZone') ?? ['Asia/Seoul', 'UTC']).map((zone) => ({
  key: zone,
  label: zone,
}))
