import { useMemo } from 'react'
import { useWorkspace } from './api/queries'
import * as format from './format'
import { usePrefs } from './prefs'
import { type Josa, josa, say, type Text } from './text'

/** The formatting functions bound to the reader's language and the workspace's zone and currency. */
export function useFormat() {
  const { lang } = usePrefs()
  const { zone, currency } = useWorkspace()
  return useMemo(() => {
    const style: format.Style = { lang, zone, currency }
    return {
      lang,
      style,
      /** The reader's language of a text. */
      say: (text: Text | null | undefined) => say(text, lang),
      /** A word with its particle in Korean; the bare word in English. */
      josa: (word: string, particle: Josa) => (lang === 'ko' ? josa(word, particle) : word),
      whole: (n: number | null | undefined, digits?: number) => format.whole(n, lang, digits),
      short: (n: number | null | undefined) => format.short(n, lang),
      percent: (share: number | null | undefined, digits?: number) => format.percent(share, lang, digits),
      points: (difference: number | null | undefined, digits?: number) => format.points(difference, lang, digits),
      signed: (n: number | null | undefined, digits?: number) => format.signed(n, lang, digits),
      money: (units: number | null | undefined) => format.money(units, style),
      moneyShort: (units: number | null | undefined) => format.moneyShort(units, style),
      duration: (us: number | null | undefined) => format.duration(us, lang),
      bytes: (size: number | null | undefined) => format.bytes(size, lang),
      day: (us: number | null | undefined, year?: boolean) => format.day(us, style, year),
      dayHeading: (us: number) => format.dayHeading(us, style),
      clock: (us: number | null | undefined, seconds?: boolean) => format.clock(us, style, seconds),
      moment: (us: number | null | undefined) => format.moment(us, style),
      ago: (us: number | null | undefined) => format.ago(us, Date.now() * 1000, style),
      calendarDay: (iso: string, year?: boolean) => format.calendarDay(iso, lang, year),
      measure: (value: number | null | undefined, unit: format.Unit, tight?: boolean) =>
        format.measure(value, unit, style, tight),
      change: (now: number | null | undefined, before: number | null | undefined, unit: format.Unit) =>
        format.change(now, before, unit, lang),
    }
  }, [lang, zone, currency])
}

export type Format = ReturnType<typeof useFormat>
