import { Trans, useLingui } from '@lingui/react/macro'
import { type ReactNode, useRef, useState } from 'react'
import { csvOf, fileName, pngBlob, standalone, svgBlob, type TableData } from '~/lib/explore/export'
import { saveFile } from '~/lib/save-file'
import {
  Button,
  Choice,
  type Column,
  DataTable,
  Icon,
  Menu,
  MenuItem,
  MenuTrigger,
  NumberButton,
  toastProblem,
} from '~/lib/ui'
import styles from './explore.module.css'

export interface ChartCardProps {
  title: string
  note?: ReactNode
  /** The same numbers to read and to take along. */
  table: TableData
  /** Under the chart in exported pictures: who and when. */
  source?: string
  /** Before the title, such as the answer in words. */
  lead?: ReactNode
  tools?: ReactNode
  /** Opens the people of a row. */
  onRow?: (row: number) => (() => void) | undefined
  /** Opens the people of a number of the table, by its row and the key of its column. */
  onCell?: PeopleOfCell
  /** Below the chart. */
  legend?: ReactNode
  /** The chart is a table itself: no second one behind it, no picture of it. */
  isTable?: boolean
  children: ReactNode
}

/** A chart with the table behind it, and both as files. */
export function ChartCard({
  title,
  note,
  table,
  source,
  lead,
  tools,
  onRow,
  onCell,
  legend,
  isTable,
  children,
}: ChartCardProps) {
  const { t } = useLingui()
  const [as, setAs] = useState<'chart' | 'table'>('chart')
  const box = useRef<HTMLDivElement>(null)
  const picture = async (format: 'png' | 'svg') => {
    const svg = box.current?.querySelector<SVGSVGElement>('svg[role="group"]')
    if (!svg) return
    try {
      const whole = standalone(svg, title, source ?? '')
      saveFile(format === 'svg' ? svgBlob(whole) : await pngBlob(whole), fileName(title, format))
    } catch (error) {
      toastProblem(error)
    }
  }
  const csv = () => saveFile(new Blob([csvOf(table)], { type: 'text/csv;charset=utf-8' }), fileName(title, 'csv'))
  return (
    <section className={`card ${styles.card}`} aria-label={title}>
      {lead && <p className={styles.sentence}>{lead}</p>}
      <div className={styles.cardHead}>
        <h2>{title}</h2>
        {note && <span className={styles.cardNote}>{note}</span>}
        <div className={styles.cardTools} data-print="hide">
          {tools}
          {!isTable && (
            <Choice
              label={t`${title}: chart or table`}
              hideLabel
              value={as}
              onChange={setAs}
              options={[
                { key: 'chart', label: <Trans>Chart</Trans> },
                { key: 'table', label: <Trans>Table</Trans> },
              ]}
            />
          )}
          <MenuTrigger>
            <Button variant="quiet" size="s" aria-label={t`Export ${title}`}>
              <Icon name="download" />
            </Button>
            <Menu
              onAction={(key) => {
                if (key === 'csv') csv()
                else void picture(key as 'png' | 'svg')
              }}
            >
              <MenuItem id="csv">CSV</MenuItem>
              {!isTable && as === 'chart' && <MenuItem id="png">PNG</MenuItem>}
              {!isTable && as === 'chart' && <MenuItem id="svg">SVG</MenuItem>}
            </Menu>
          </MenuTrigger>
        </div>
      </div>
      {as === 'table' && !isTable ? (
        <TableOf title={title} table={table} onRow={onRow} onCell={onCell} />
      ) : (
        <div ref={box}>
          {children}
          {legend}
        </div>
      )}
    </section>
  )
}

export type PeopleOfCell = (row: number, column: string) => (() => void) | undefined

/** Rows drawn at once; the file has all of them. */
const ROWS_SHOWN = 500

export function TableOf({ title, table, onRow, onCell }: Pick<ChartCardProps, 'title' | 'table' | 'onRow' | 'onCell'>) {
  const { t } = useLingui()
  const rows = table.rows.slice(0, ROWS_SHOWN).map((cells, index) => ({ cells, index }))
  const columns: Column<(typeof rows)[number]>[] = table.columns.map((column, at) => ({
    key: column.key,
    head: column.head,
    end: column.end,
    cell: ({ cells, index }) => {
      const value = cells[at] ?? null
      const text = column.format ? column.format(value) : value === null ? '–' : String(value)
      const show = onCell?.(index, column.key)
      return show ? (
        <NumberButton underlined onClick={show} aria-label={`${String(cells[0] ?? '')}, ${column.head}: ${text}`}>
          {text}
        </NumberButton>
      ) : (
        text
      )
    },
  }))
  if (onRow)
    columns.push({
      key: 'people',
      head: <span className="sr-only">{t`People`}</span>,
      end: true,
      cell: ({ index, cells }) => {
        const show = onRow(index)
        return (
          show && (
            <Button size="s" onPress={show} aria-label={t`Show the people: ${String(cells[0] ?? '')}`}>
              <Trans>Show people</Trans>
            </Button>
          )
        )
      },
    })
  const n_more = table.rows.length - rows.length
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section className={`${styles.table} ${styles.tableScroll}`} tabIndex={0} aria-label={t`${title}: table`}>
        <DataTable caption={title} columns={columns} rows={rows} rowKey={(row) => String(row.index)} />
      </section>
      {n_more > 0 && (
        <p className={styles.cardNote}>
          <Trans>{n_more} more rows are in the CSV file.</Trans>
        </p>
      )}
    </>
  )
}

/** `narrowOnly` where wide charts carry the names beside their marks. */
export function Legend({
  items,
  narrowOnly,
}: {
  items: { key: string; name: string; color: string }[]
  narrowOnly?: boolean
}) {
  return (
    <ul className={styles.legend} data-narrow-only={narrowOnly || undefined}>
      {items.map((item) => (
        <li key={item.key}>
          <span className={styles.swatch} style={{ background: item.color }} aria-hidden="true" />
          {item.name}
        </li>
      ))}
    </ul>
  )
}
