import type { Unit } from '~/lib/api/types'
import type { CellValue } from '~/lib/explore/export'
import { useFormat } from '~/lib/use-format'

const number = (value: CellValue): number | null => (typeof value === 'number' ? value : null)

/** How the numbers of tables are written; the files keep them plain. */
export function useCells() {
  const f = useFormat()
  return {
    whole: (value: CellValue) => f.whole(number(value)),
    tenths: (value: CellValue) => f.whole(number(value), 2),
    percent: (value: CellValue) => f.percent(number(value)),
    points: (value: CellValue) => f.points(number(value)),
    money: (value: CellValue) => f.money(number(value)),
    seconds: (value: CellValue) => f.measure(number(value), 'seconds'),
    of: (unit: Unit) => (value: CellValue) => f.measure(number(value), unit),
  }
}
