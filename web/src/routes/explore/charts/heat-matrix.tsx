import type { KeyboardEvent } from 'react'
import { cx, NumberButton } from '~/lib/ui'
import styles from './charts.module.css'

export interface HeatCell {
  /** What stands in the cell. */
  text: string
  /** 0–1: how dark. */
  heat: number
  /** Read aloud and as a tooltip. */
  says: string
  /** Not all of it is known yet. */
  isIncomplete?: boolean
  onPress?: () => void
}

export interface HeatRow {
  key: string
  head: string
  /** Cells before the heat, such as a size; one that is pressed says what it opens. */
  lead?: (string | Omit<HeatCell, 'heat'>)[]
  cells: (HeatCell | null)[]
  isTotal?: boolean
}

/** The strongest mix, percent: the ink keeps its contrast on it in both themes. */
const MIX_MAX = 50

/** A table whose cells are coloured by their number: a chart that reads as what it is, by cell and head. */
export function HeatMatrix({
  caption,
  heads,
  leadHeads = [],
  corner,
  rows,
  tone = '--real',
}: {
  caption: string
  corner: string
  heads: string[]
  leadHeads?: string[]
  rows: HeatRow[]
  tone?: '--real' | '--bad'
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section className={styles.heatScroll} tabIndex={0} aria-label={caption}>
      <table className={styles.heat} onKeyDown={walkCells}>
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{corner}</th>
            {leadHeads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
            {heads.map((head, index) => (
              <th key={`${head}${index}`} scope="col" title={head}>
                <span className={styles.name}>{head}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key} className={cx(row.isTotal && styles.total)}>
              <th scope="row" title={row.head}>
                <span className={styles.name}>{row.head}</span>
              </th>
              {row.lead?.map((lead, index) => (
                <td key={`${row.key}${index}`} className={styles.end} style={{ padding: '0 8px' }}>
                  {typeof lead === 'string' ? (
                    lead
                  ) : lead.onPress ? (
                    <NumberButton underlined onClick={lead.onPress} aria-label={lead.says}>
                      {lead.text}
                    </NumberButton>
                  ) : (
                    lead.text
                  )}
                </td>
              ))}
              {heads.map((head, index) => {
                const cell = row.cells[index]
                return <td key={`${head}${index}`}>{cell && <Cell cell={cell} tone={tone} />}</td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Cell({ cell, tone }: { cell: HeatCell; tone: string }) {
  const look = {
    className: styles.cell,
    style: {
      background: `color-mix(in oklab, var(${tone}) ${Math.round(Math.min(1, Math.max(0, cell.heat)) * MIX_MAX)}%, var(--card))`,
    },
    'data-incomplete': cell.isIncomplete || undefined,
    title: cell.says,
  }
  return cell.onPress ? (
    <button type="button" {...look} aria-label={cell.says} onClick={cell.onPress}>
      {cell.text}
    </button>
  ) : (
    <span {...look}>{cell.text}</span>
  )
}

/** Arrow keys go from pressable cell to pressable cell. */
function walkCells(event: KeyboardEvent<HTMLTableElement>) {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key]
  const here = (event.target as Element).closest('td')
  const row = here?.parentElement as HTMLTableRowElement | null
  if (!step || !here || !row) return
  const table = event.currentTarget
  let r = row.rowIndex
  let c = here.cellIndex
  for (;;) {
    r += step[0] ?? 0
    c += step[1] ?? 0
    const next = table.rows[r]?.cells[c]
    if (!next) return
    const button = next.querySelector('button')
    if (!button) continue
    event.preventDefault()
    button.focus()
    return
  }
}
