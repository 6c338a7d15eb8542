/* Durations as documents write them: `90d`, `36h`, `30m`, `45s`, `2w` or ISO 8601. A month is 31 days, a year 366. */

const SECOND = 1
const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400

/** Units the form offers, smallest first, with their seconds. */
export const UNITS = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY } as const
export type DurationUnit = keyof typeof UNITS

/** Seconds of a duration; `null` when it is none or not above zero. */
export function readDuration(text: string): number | null {
  const upper = text.trim().toUpperCase()
  const isIso = upper.startsWith('P')
  let seconds = 0
  let inTime = !isIso
  let seen = false
  let rest = isIso ? upper.slice(1) : upper
  while (rest !== '') {
    if (isIso && rest.startsWith('T')) {
      inTime = true
      rest = rest.slice(1)
      continue
    }
    const [whole, count, unit] = /^(\d+)([YMWDHS])/.exec(rest) ?? []
    if (!whole) return null
    const size =
      unit === 'M'
        ? inTime
          ? MINUTE
          : 31 * DAY
        : { Y: 366 * DAY, W: 7 * DAY, D: DAY, H: HOUR, S: SECOND }[unit as 'Y' | 'W' | 'D' | 'H' | 'S']
    seconds += Number(count) * size
    seen = true
    rest = rest.slice(whole.length)
  }
  return seen && seconds > 0 ? seconds : null
}

/** A duration as a whole number of the largest unit that divides it; `null` when none of the form's units does. */
export function splitDuration(text: string): { count: number; unit: DurationUnit } | null {
  const seconds = readDuration(text)
  if (seconds === null) return null
  // What was written in weeks stays in weeks; nobody writes 90 days and wants to read 12.86 weeks.
  const units: DurationUnit[] = /w$/i.test(text.trim()) ? ['w', 'd', 'h', 'm'] : ['d', 'h', 'm']
  const unit = units.find((one) => seconds % UNITS[one] === 0)
  return unit ? { count: seconds / UNITS[unit], unit } : null
}
