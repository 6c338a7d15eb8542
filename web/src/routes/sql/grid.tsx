import { Trans, useLingui } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import {
  type ClipboardEvent,
  type KeyboardEvent,
  memo,
  useCallback,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import {
  type At,
  type Cell,
  cellText,
  columnStarts,
  columnsInView,
  columnWidths,
  copied,
  corners,
  covers,
  type GridColumn,
  isAtEnd,
  moved,
  personOf,
  type Range,
  ROW_PX,
  rowsInView,
  type Window,
} from '~/lib/sql/grid'
import { Button, cx, Icon, Menu, MenuItem, MenuTrigger, toast } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './grid.module.css'

interface GridProps {
  columns: GridColumn[]
  rows: Cell[][]
  isStale: boolean
}

const HEAD_PX = 32
/** No column. */
const NONE = -1
const noCells: Cell[] = []
const start: Range = { anchor: { row: 0, column: 0 }, head: { row: 0, column: 0 } }

/**
 * The answer as a grid of which only what is in view is drawn, so that 10,000 rows scroll as ten do. One stop of the tab
 * key; arrows move, Shift and dragging take more cells, Ctrl/Cmd+C copies them as spreadsheets paste them.
 */
export function Grid({ columns, rows, isStale }: GridProps) {
  const { t } = useLingui()
  const f = useFormat()
  const box = useRef<HTMLDivElement>(null)
  const dragging = useRef(false)
  const [box_px, setBox] = useState({ height: 400, width: 900 })
  const [range, setRange] = useState<Range>(start)
  const [isTouched, setTouched] = useState(false)
  const widths = useMemo(() => columnWidths(columns, rows), [columns, rows])
  const starts = useMemo(() => columnStarts(widths), [widths])
  const [shown, setShown] = useState<Window>(() => rowsInView(0, 400, rows.length))
  const [across, setAcross] = useState<Window>(() => columnsInView(0, 900, starts))
  const gutter = 22 + 8 * String(rows.length).length
  const { head } = range
  const active = rows[head.row]?.[head.column]

  /** Takes over what is in view; only a change of it draws anew, most steps of a scroll change nothing. */
  const look = useCallback(
    (element: HTMLElement) => {
      const next = rowsInView(element.scrollTop, element.clientHeight, rows.length)
      const aside = columnsInView(element.scrollLeft, element.clientWidth, starts)
      setShown((now) => (covers(now, next, rows.length) ? now : next))
      setAcross((now) => (now.first === aside.first && now.end === aside.end ? now : aside))
    },
    [rows.length, starts],
  )

  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const measure = () => {
      setBox({ height: element.clientHeight, width: element.clientWidth })
      look(element)
    }
    measure()
    const watch = new ResizeObserver(measure)
    watch.observe(element)
    return () => watch.disconnect()
  }, [look])

  const reveal = (at: At) => {
    const element = box.current
    if (!element) return
    const top = at.row * ROW_PX
    const room = element.clientHeight - HEAD_PX
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + ROW_PX > element.scrollTop + room) element.scrollTop = top + ROW_PX - room
    const left = starts[at.column] ?? 0
    const right = starts[at.column + 1] ?? left
    const space = element.clientWidth - gutter
    if (left < element.scrollLeft) element.scrollLeft = left
    else if (right > element.scrollLeft + space) element.scrollLeft = Math.min(left, right - space)
  }
  const move = (to: At, extend: boolean) => {
    setTouched(true)
    setRange((now) => ({ anchor: extend ? now.anchor : to, head: to }))
    reveal(to)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const mod = event.ctrlKey || event.metaKey
    if (mod && event.key.toLowerCase() === 'a') {
      event.preventDefault()
      setTouched(true)
      setRange({ anchor: { row: rows.length - 1, column: columns.length - 1 }, head: { row: 0, column: 0 } })
      return
    }
    const page = Math.max(1, Math.floor((box_px.height - HEAD_PX) / ROW_PX) - 1)
    const to = moved(head, event.key, mod, rows.length, columns.length, page)
    if (!to) return
    event.preventDefault()
    move(to, event.shiftKey)
  }
  const onCopy = (event: ClipboardEvent) => {
    event.preventDefault()
    event.clipboardData.setData('text/plain', copied(columns, rows, range))
    said(range)
  }
  const said = (of: Range) => {
    const { from, to } = corners(of)
    const n = (to.row - from.row + 1) * (to.column - from.column + 1)
    toast({ text: n === 1 ? t`One cell copied` : t`${f.whole(n)} cells copied` })
  }
  const everything: Range = {
    anchor: { row: 0, column: 0 },
    head: { row: rows.length - 1, column: columns.length - 1 },
  }
  const copy = async (of: Range, names: boolean) => {
    await navigator.clipboard.writeText(copied(columns, rows, of, names))
    said(of)
  }
  const chosen = isTouched ? corners(range) : null
  const lines = []
  for (let row = shown.first; row < shown.end; row += 1) {
    const isIn = chosen !== null && row >= chosen.from.row && row <= chosen.to.row
    lines.push(
      <Row
        key={row}
        row={row}
        cells={rows[row] ?? noCells}
        columns={columns}
        starts={starts}
        gutter={gutter}
        first={across.first}
        end={across.end}
        from={isIn ? chosen.from.column : NONE}
        to={isIn ? chosen.to.column : NONE}
        active={isTouched && row === head.row ? head.column : NONE}
        label={f.whole(row + 1)}
      />,
    )
  }
  const atOf = (target: EventTarget): At | null => {
    const cell = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null
    return cell ? { row: Number(cell.dataset.row), column: Number(cell.dataset.column) } : null
  }
  const whole = (starts.at(-1) ?? 0) + gutter
  const column = columns[head.column]
  return (
    <>
      <div
        ref={box}
        role="grid"
        tabIndex={0}
        aria-label={t`Answer`}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable="true"
        aria-activedescendant={isTouched ? `cell-${head.row}-${head.column}` : undefined}
        className={cx(styles.grid, isStale && styles.stale)}
        onScroll={(event) => look(event.currentTarget)}
        onFocus={() => setTouched(true)}
        onKeyDown={onKeyDown}
        onCopy={onCopy}
        onPointerDown={(event) => {
          const at = atOf(event.target)
          if (!at || event.button !== 0) return
          // A finger scrolls; only a mouse or pen drags over cells.
          dragging.current = event.pointerType !== 'touch'
          setTouched(true)
          setRange((now) => ({ anchor: event.shiftKey ? now.anchor : at, head: at }))
        }}
        onPointerOver={(event) => {
          const at = dragging.current ? atOf(event.target) : null
          if (at) setRange((now) => ({ ...now, head: at }))
        }}
        onPointerUp={() => {
          dragging.current = false
        }}
        onPointerLeave={() => {
          dragging.current = false
        }}
      >
        <div role="rowgroup" className={styles.heads} style={{ width: whole, height: HEAD_PX }}>
          <div role="row" aria-rowindex={1} className={styles.headRow}>
            <div role="columnheader" aria-colindex={1} className={styles.corner} style={{ width: gutter }}>
              <span className="sr-only">
                <Trans>Row</Trans>
              </span>
            </div>
            {columns.slice(across.first, across.end).map((one, index) => {
              const at = across.first + index
              return (
                <div
                  key={at}
                  role="columnheader"
                  aria-colindex={at + 2}
                  title={`${one.name} · ${one.type}`}
                  className={cx(styles.head, isAtEnd(one) && styles.end)}
                  style={{ left: gutter + (starts[at] ?? 0), width: widths[at] }}
                >
                  {one.name}
                </div>
              )
            })}
          </div>
        </div>
        <div role="rowgroup" className={styles.rows} style={{ width: whole, height: rows.length * ROW_PX }}>
          {lines}
        </div>
      </div>
      <div className={styles.foot}>
        <CellValue column={isTouched ? column : undefined} cell={active ?? null} range={range} />
        <MenuTrigger>
          <Button size="s" isDisabled={rows.length === 0}>
            <Icon name="copy" size={14} />
            <Trans>Copy</Trans>
          </Button>
          <Menu placement="top end" aria-label={t`Copy`}>
            <MenuItem onAction={() => copy(range, false)} isDisabled={!isTouched} note="⌘C">
              {t`Selected cells`}
            </MenuItem>
            <MenuItem onAction={() => copy(range, true)} isDisabled={!isTouched}>
              {t`Selected cells with names`}
            </MenuItem>
            <MenuItem onAction={() => copy(everything, true)}>{t`Everything shown, with names`}</MenuItem>
          </Menu>
        </MenuTrigger>
      </div>
    </>
  )
}

interface RowProps {
  row: number
  cells: Cell[]
  columns: GridColumn[]
  starts: number[]
  gutter: number
  /** Columns drawn: from `first` until before `end`. */
  first: number
  end: number
  /** Columns selected, both included; [`NONE`] where the row has none. */
  from: number
  to: number
  /** The column the caret is on. */
  active: number
  label: string
}

/** One line of the grid; drawn again only when something of it changes. */
const Row = memo(function Row({ row, cells, columns, starts, gutter, first, end, from, to, active, label }: RowProps) {
  const parts = []
  for (let at = first; at < end; at += 1) {
    const column = columns[at]
    if (!column) continue
    const cell = cells[at]
    const isSelected = at >= from && at <= to && from !== NONE
    const start = starts[at] ?? 0
    parts.push(
      <div
        key={at}
        id={`cell-${row}-${at}`}
        role="gridcell"
        aria-colindex={at + 2}
        aria-selected={isSelected}
        data-row={row}
        data-column={at}
        data-active={at === active || undefined}
        className={cx(styles.cell, isAtEnd(column) && styles.end, isSelected && styles.selected)}
        style={{ left: gutter + start, width: (starts[at + 1] ?? start) - start }}
      >
        {cell === null || cell === undefined ? <span className={styles.none}>null</span> : cellText(cell)}
      </div>,
    )
  }
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      className={styles.row}
      style={{ transform: `translateY(${row * ROW_PX}px)` }}
    >
      <div role="rowheader" aria-colindex={1} className={styles.number} style={{ width: gutter }}>
        {label}
      </div>
      {parts}
    </div>
  )
})

/** The whole value of the cell the caret is on: long texts are cut in the grid. */
function CellValue({ column, cell, range }: { column: GridColumn | undefined; cell: Cell; range: Range }) {
  const f = useFormat()
  const { t } = useLingui()
  if (!column)
    return (
      <p className={styles.value}>
        <span className="faint">
          <Trans>Press a cell to read all of it</Trans>
        </span>
      </p>
    )
  const { from, to } = corners(range)
  const n_cells = (to.row - from.row + 1) * (to.column - from.column + 1)
  const person = personOf(cell, column)
  return (
    <div className={styles.value}>
      <span className={styles.valueName}>
        {column.name}
        <span className="sr-only">{t`, row ${range.head.row + 1}`}</span>
      </span>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long value scrolls, by keyboard too. */}
      <span className={styles.valueText} tabIndex={0}>
        {cell === null ? <span className="faint">null</span> : cellText(cell)}
      </span>
      {person && (
        <Link to="/people/$person" params={{ person }} className={styles.personLink}>
          <Trans>Open the person</Trans>
        </Link>
      )}
      {n_cells > 1 && <span className="faint small">{t`${f.whole(n_cells)} cells`}</span>}
    </div>
  )
}
