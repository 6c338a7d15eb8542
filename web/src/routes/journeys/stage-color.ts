/** Teal from light (first stage) to full (last): an order, told by lightness, so that grey print keeps it. */
export function stageColor(at: number, n: number): string {
  const share = n <= 1 ? 100 : 28 + Math.round((72 * at) / (n - 1))
  return `color-mix(in oklab, var(--real) ${share}%, var(--card))`
}
