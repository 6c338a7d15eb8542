import { useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { cx } from './class-names'
import { Icon } from './icon'
import styles from './table.module.css'

export interface Column<Row> {
  key: string
  head: ReactNode
  cell: (row: Row) => ReactNode
  /** Numbers stand at the end of the column. */
  end?: boolean
  /** Makes the head a button that sorts by this key. */
  sortable?: boolean
  /** Left out on phones, where rows become two-line entries. */
  wideOnly?: boolean
  width?: string
}

export interface TableProps<Row> {
  /** Said to screen readers. */
  caption: string
  columns: Column<Row>[]
  rows: Row[]
  rowKey: (row: Row) => string
  sort?: { key: string; descending: boolean }
  onSort?: (key: string) => void
  /** Shows below a row what `isOpen` rows hold. */
  detail?: (row: Row) => ReactNode
  isOpen?: (row: Row) => boolean
  /** Dims the rows while newer ones are on their way. */
  isStale?: boolean
}

/** A table for reading. Its first column is each row's head. */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  rowKey,
  sort,
  onSort,
  detail,
  isOpen,
  isStale,
}: TableProps<Row>) {
  const { t } = useLingui()
  return (
    <div className={styles.scroll}>
      <table className={cx(styles.table, isStale && styles.stale)}>
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const isSorted = sort?.key === column.key
              return (
                <th
                  key={column.key}
                  scope="col"
                  style={{ width: column.width }}
                  className={cx(column.end && styles.end, column.wideOnly && styles.wide)}
                  aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
                >
                  {column.sortable && onSort ? (
                    <button
                      type="button"
                      className={cx(styles.sort, isSorted && styles.sorted)}
                      onClick={() => onSort(column.key)}
                      title={t`Sort by this`}
                    >
                      {column.head}
                      <span className={styles.arrow}>
                        {isSorted && <Icon name={sort.descending ? 'down' : 'up'} size={12} />}
                      </span>
                    </button>
                  ) : (
                    column.head
                  )}
                </th>
              )
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const open = isOpen?.(row) ?? false
            return [
              <tr key={rowKey(row)} className={cx(open && styles.open)}>
                {columns.map((column, index) => {
                  const className = cx(column.end && styles.end, column.wideOnly && styles.wide)
                  return index === 0 ? (
                    <th key={column.key} scope="row" className={className}>
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td key={column.key} className={className}>
                      {column.cell(row)}
                    </td>
                  )
                })}
              </tr>,
              open && detail && (
                <tr key={`${rowKey(row)}-detail`} className={styles.detail}>
                  <td colSpan={columns.length}>{detail(row)}</td>
                </tr>
              ),
            ]
          })}
        </tbody>
      </table>
    </div>
  )
}
