/* What may be said of two answers side by side. */

const Z95 = 1.959963984540054

/** Wilson's 95 % interval of a share. */
export function wilson(hits: number, n: number): { low: number; high: number } | null {
  if (n <= 0) return null
  const p = hits / n
  const z2 = Z95 * Z95
  const middle = (p + z2 / (2 * n)) / (1 + z2 / n)
  const half = (Z95 / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n))
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

/** The difference of two shares with Newcombe's 95 % interval (method 10, from Wilson's). `null` where one has no base. */
export function shareDifference(
  a: { hits: number; n: number },
  b: { hits: number; n: number },
): { value: number; low: number; high: number } | null {
  const wa = wilson(a.hits, a.n)
  const wb = wilson(b.hits, b.n)
  if (!wa || !wb) return null
  const pa = a.hits / a.n
  const pb = b.hits / b.n
  const value = pa - pb
  return {
    value,
    low: value - Math.sqrt((pa - wa.low) ** 2 + (wb.high - pb) ** 2),
    high: value + Math.sqrt((wa.high - pa) ** 2 + (pb - wb.low) ** 2),
  }
}

/** Whether an interval tells the difference from nothing. */
export const isTold = (interval: { low: number; high: number } | null): boolean =>
  interval !== null && (interval.low > 0 || interval.high < 0)
