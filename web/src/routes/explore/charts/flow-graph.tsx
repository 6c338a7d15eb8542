import { useLingui } from '@lingui/react/macro'
import { useMemo, useState } from 'react'
import { layoutGraph, type PlacedNode, walkGraph } from '~/lib/explore/graph'
import { fitText, round } from '~/lib/explore/scale'
import type { TransitionRow } from '~/lib/explore/types'
import { useFormat } from '~/lib/use-format'
import styles from './charts.module.css'
import { mark, Plot, type TipText, useWidth } from './marks'

const NODE_WIDTH = 126
const NODE_HEIGHT = 40
const ROW = 78
const TOP = 34

/**
 * Events and what follows them. Thicker arrows are more frequent; arrows back are amber; a loop is the event after itself.
 * Right and left follow the strongest arrow, up and down stay in the column, Enter keeps an event in focus.
 */
export function FlowGraph({
  rows,
  focus,
  onFocus,
}: {
  rows: TransitionRow[]
  focus: string | null
  onFocus: (event: string | null) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const [over, setOver] = useState<string | null>(null)
  const [box, room] = useWidth<HTMLDivElement>()
  // Where it must scroll anyway, nothing is squeezed.
  const fitting = Math.floor(room / (NODE_WIDTH + 34))
  const columns = fitting < 5 ? Number.POSITIVE_INFINITY : fitting
  const graph = useMemo(
    () =>
      layoutGraph(
        rows.map((row) => ({ from: row.event, to: row.next, value: row.count })),
        columns,
      ),
    [rows, columns],
  )
  const lit = over ?? focus
  const most = Math.max(1, ...graph.edges.filter((edge) => !edge.isLoop).map((edge) => edge.value))
  const height = TOP + Math.max(1, graph.n_rows) * ROW
  const near = (name: string, end: 'event' | 'next') => rows.filter((row) => row[end] === name)
  const says = (node: PlacedNode) => {
    const next = near(node.name, 'event')[0]
    return next
      ? t`${node.name}, ${f.whole(node.value)} times, mostly followed by ${next.next}, ${f.whole(next.count)} times`
      : t`${node.name}, ${f.whole(node.value)} times`
  }
  const tipOf = (name: string): TipText => ({
    title: name,
    lines: [
      ...near(name, 'event')
        .slice(0, 4)
        .map((row): [string, string] => [`→ ${row.next}`, f.whole(row.count)]),
      ...near(name, 'next')
        .filter((row) => row.event !== name)
        .slice(0, 3)
        .map((row): [string, string] => [`← ${row.event}`, f.whole(row.count)]),
    ],
  })
  return (
    <div ref={box}>
      <Plot
        label={t`Which event follows which`}
        height={height}
        minWidth={graph.n_columns * (NODE_WIDTH + 32)}
        walk={(name, arrow) => walkGraph(graph, name, arrow)}
        tipOf={tipOf}
        onAt={setOver}
        onPress={(name) => onFocus(focus === name ? null : name)}
      >
        {(width) => {
          const gap = graph.n_columns > 1 ? (width - NODE_WIDTH - 8) / (graph.n_columns - 1) : 0
          const counts = new Map<number, number>()
          for (const node of graph.nodes) counts.set(node.column, (counts.get(node.column) ?? 0) + 1)
          const at = new Map(
            graph.nodes.map((node) => {
              const n = counts.get(node.column) ?? 1
              const x = 4 + (graph.n_columns > 1 ? node.column * gap : (width - NODE_WIDTH) / 2)
              // Columns alternate a little, so that arrows over one column do not run through its nodes.
              const y = TOP + ((graph.n_rows - n) / 2 + node.row) * ROW + (node.column % 2 === 1 ? 12 : 0)
              return [node.name, { x, y }]
            }),
          )
          const thick = (value: number) => 1 + 11 * Math.sqrt(value / most)
          return (
            <>
              <defs>
                <marker
                  id="flow-arrow"
                  viewBox="0 0 8 8"
                  refX="6"
                  refY="4"
                  markerWidth="9"
                  markerHeight="9"
                  markerUnits="userSpaceOnUse"
                  orient="auto"
                >
                  <path d="M0,0.5 8,4 0,7.5Z" style={{ fill: 'var(--faint)' }} />
                </marker>
              </defs>
              {graph.edges.map((edge) => {
                const from = at.get(edge.from)
                const to = at.get(edge.to)
                if (!from || !to || edge.isLoop) return null
                const isOn = lit === edge.from || lit === edge.to
                const y1 = from.y + NODE_HEIGHT / 2
                const y2 = to.y + NODE_HEIGHT / 2
                const d =
                  edge.isBack || Math.abs(from.x - to.x) < 1
                    ? backCurve(from, to)
                    : `M${round(from.x + NODE_WIDTH)},${round(y1)}C${round((from.x + NODE_WIDTH + to.x) / 2)},${round(y1)} ${round((from.x + NODE_WIDTH + to.x) / 2)},${round(y2)} ${round(to.x - 3)},${round(y2)}`
                return (
                  <path
                    key={`${edge.from}→${edge.to}`}
                    d={d}
                    className={edge.isBack ? `${styles.edge} ${styles.backEdge}` : styles.edge}
                    style={{ strokeWidth: thick(edge.value) }}
                    data-on={isOn || undefined}
                    data-dim={(lit !== null && !isOn) || undefined}
                    markerEnd="url(#flow-arrow)"
                    aria-hidden="true"
                  />
                )
              })}
              {graph.nodes.map((node) => {
                const place = at.get(node.name)
                if (!place) return null
                const loop = rows.find((row) => row.event === node.name && row.next === node.name)
                const isNear =
                  lit === null ||
                  lit === node.name ||
                  rows.some(
                    (row) =>
                      (row.event === lit && row.next === node.name) || (row.next === lit && row.event === node.name),
                  )
                return (
                  <g key={node.name} {...mark(node.name, says(node), true)} data-dim={isNear ? undefined : true}>
                    <rect
                      x={round(place.x)}
                      y={round(place.y)}
                      width={NODE_WIDTH}
                      height={NODE_HEIGHT}
                      rx={8}
                      className={styles.node}
                      style={lit === node.name ? { stroke: 'var(--real)', strokeWidth: 2 } : undefined}
                    />
                    <text x={round(place.x) + 10} y={round(place.y) + 17} className={styles.strong}>
                      {fitText(node.name, NODE_WIDTH - 18, 12)}
                    </text>
                    <text x={round(place.x) + 10} y={round(place.y) + 32} className={`${styles.small} ${styles.soft}`}>
                      {fitText(
                        loop ? `${f.short(node.value)} · ↻ ${f.short(loop.count)}` : f.short(node.value),
                        NODE_WIDTH - 18,
                        11,
                      )}
                    </text>
                  </g>
                )
              })}
            </>
          )
        }}
      </Plot>
    </div>
  )
}

/** An arrow back goes over the nodes, one within a column beside them. */
function backCurve(from: { x: number; y: number }, to: { x: number; y: number }): string {
  if (Math.abs(from.x - to.x) < 1) {
    const x = from.x + NODE_WIDTH
    const bend = x + 34
    return `M${round(x)},${round(from.y + NODE_HEIGHT / 2)}C${round(bend)},${round(from.y + NODE_HEIGHT / 2)} ${round(bend)},${round(to.y + NODE_HEIGHT / 2)} ${round(x + 3)},${round(to.y + NODE_HEIGHT / 2)}`
  }
  const x1 = from.x + NODE_WIDTH * 0.35
  const x2 = to.x + NODE_WIDTH * 0.65
  const lift = Math.min(from.y, to.y) - 26
  return `M${round(x1)},${round(from.y)}C${round(x1)},${round(lift)} ${round(x2)},${round(lift)} ${round(x2)},${round(to.y - 3)}`
}
