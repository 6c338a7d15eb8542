import { Trans } from '@lingui/react/macro'
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'
import { isComposing } from '~/lib/ui'
import styles from './charts.module.css'

/** The width a chart has, pixels; 0 until it is known. */
export function useWidth<Element extends HTMLElement>(): [RefObject<Element | null>, number] {
  const ref = useRef<Element>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const element = ref.current
    if (!element) return
    const read = () => setWidth(Math.floor(element.clientWidth))
    read()
    const watch = new ResizeObserver(read)
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  return [ref, width]
}

export type Arrow = 'left' | 'right' | 'up' | 'down' | 'home' | 'end'

const ARROWS: Record<string, Arrow> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'home',
  End: 'end',
}

/** What stands over a mark while it is pointed at or focused. */
export interface TipText {
  title: string
  lines: [label: string, value: string][]
}

/** Walks marks named `row:column` like cells; a missing one is passed over. */
export function gridWalk(rows: number, columns: number, has: (row: number, column: number) => boolean = () => true) {
  return (mark: string, arrow: Arrow): string | null => {
    const [row = 0, column = 0] = mark.split(':').map(Number)
    const [down, right] = { left: [0, -1], right: [0, 1], up: [-1, 0], down: [1, 0], home: [0, -1], end: [0, 1] }[arrow]
    let found: string | null = null
    for (
      let r = row + (down ?? 0), c = column + (right ?? 0);
      r >= 0 && r < rows && c >= 0 && c < columns;
      r += down ?? 0, c += right ?? 0
    ) {
      if (!has(r, c)) continue
      found = `${r}:${c}`
      if (arrow !== 'home' && arrow !== 'end') break
    }
    return found
  }
}

export interface PlotProps {
  /** What the chart shows, for screen readers. */
  label: string
  height: number
  /** The mark an arrow key leads to from `mark`; `null` stays. */
  walk: (mark: string, arrow: Arrow) => string | null
  tipOf?: (mark: string) => TipText | null
  /** Enter, space or a press on a mark. */
  onPress?: (mark: string) => void
  /** Told the mark pointed at or focused, and `null` when none is. */
  onAt?: (mark: string | null) => void
  children: (width: number) => ReactNode
  /** Narrower than this it scrolls sideways. */
  minWidth?: number
  /** The mark that the tab key comes to at first; the first one drawn when absent. */
  first?: string
}

/**
 * A drawing whose marks can be pointed at, walked by arrow keys, pressed and read aloud. A mark is any element made with
 * [`mark`]; one of them is in the tab order.
 */
export function Plot({ label, height, walk, tipOf, onPress, onAt, children, minWidth = 0, first }: PlotProps) {
  const [box, boxWidth] = useWidth<HTMLDivElement>()
  const svg = useRef<SVGSVGElement>(null)
  const hint = useId()
  const [tip, setTip] = useState<(TipText & { x: number; y: number; below: boolean }) | null>(null)
  const width = Math.max(boxWidth, minWidth)

  // One mark is reached by the tab key: the last one visited, at first the first one.
  useEffect(() => {
    const marks = svg.current?.querySelectorAll<SVGElement>('[data-mark]')
    if (!marks || marks.length === 0) return
    if ([...marks].some((one) => one.getAttribute('tabindex') === '0')) return
    const start = [...marks].find((one) => one.dataset.mark === first) ?? marks[0]
    start?.setAttribute('tabindex', '0')
  })

  const show = useCallback(
    (element: Element | null) => {
      const mark = element?.closest<SVGElement>('[data-mark], [data-over]') ?? null
      const name = mark ? nameOf(mark) : null
      onAt?.(name)
      const text = name === null ? null : (tipOf?.(name) ?? null)
      const outer = box.current?.getBoundingClientRect()
      if (!text || !mark || !outer) return setTip(null)
      const inner = mark.getBoundingClientRect()
      const below = inner.top < 120
      setTip({
        ...text,
        x: Math.min(outer.width - 96, Math.max(96, inner.left + inner.width / 2 - outer.left)),
        y: (below ? inner.bottom : inner.top) - outer.top,
        below,
      })
    },
    [tipOf, onAt, box],
  )

  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>) => {
    if (isComposing(event) || event.altKey || event.metaKey || event.ctrlKey) return
    const here = (event.target as Element).closest<SVGElement>('[data-mark]')
    const name = here?.dataset.mark
    if (!here || name === undefined) return
    if (event.key === 'Escape') return setTip(null)
    if ((event.key === 'Enter' || event.key === ' ') && onPress) {
      event.preventDefault()
      onPress(name)
      return
    }
    const arrow = ARROWS[event.key]
    if (!arrow) return
    event.preventDefault()
    const to = walk(name, arrow)
    const next = to === null ? null : svg.current?.querySelector<SVGElement>(`[data-mark="${CSS.escape(to)}"]`)
    next?.focus()
  }

  return (
    <div ref={box} className={styles.plot} style={{ minHeight: height }} data-scrolls={width > boxWidth || undefined}>
      {boxWidth > 0 && (
        <svg
          ref={svg}
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="group"
          aria-label={label}
          aria-describedby={hint}
          className={styles.svg}
          onKeyDown={onKeyDown}
          onFocus={(event) => {
            for (const mark of event.currentTarget.querySelectorAll('[data-mark][tabindex="0"]'))
              mark.setAttribute('tabindex', '-1')
            event.target.closest('[data-mark]')?.setAttribute('tabindex', '0')
            show(event.target)
          }}
          onBlur={() => show(null)}
          onPointerMove={(event) => event.pointerType !== 'touch' && show(event.target as Element)}
          onPointerLeave={() => show(null)}
          onClick={(event) => {
            const pressed = (event.target as Element).closest<SVGElement>('[data-mark], [data-over]')
            if (!pressed) return
            show(pressed)
            onPress?.(nameOf(pressed))
          }}
        >
          {children(width)}
        </svg>
      )}
      <span id={hint} className="sr-only">
        <Trans>Arrow keys go from value to value.</Trans>
      </span>
      {tip && (
        <div
          className={styles.tip}
          style={{ left: tip.x, top: tip.y }}
          data-below={tip.below || undefined}
          aria-hidden="true"
        >
          <b>{tip.title}</b>
          {tip.lines.map(([name, value], index) => (
            <span key={index} className={styles.tipLine}>
              <span>{name}</span>
              <span>{value}</span>
            </span>
          ))}
        </div>
      )}
    </div>
  )
}

/** `data-over` is a wider place to point at a mark of that name, itself not in the walk. */
const nameOf = (element: SVGElement): string => element.dataset.mark ?? element.dataset.over ?? ''

/** What makes an element a mark: its name for walking and what it says. */
export const mark = (name: string, says: string, pressable = false) =>
  ({
    'data-mark': name,
    tabIndex: -1,
    role: pressable ? 'button' : 'img',
    'aria-label': says,
    className: styles.mark,
  }) as const
