import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import { layoutSankey, type Sankey, type SankeyLink, type SankeyNode, walkSankey } from '~/lib/explore/sankey'
import { fitText, round } from '~/lib/explore/scale'
import type { PathPoint, PathsView } from '~/lib/explore/types'
import { useFormat } from '~/lib/use-format'
import styles from './charts.module.css'
import { mark, Plot, type TipText, useWidth } from './marks'

const BAR = 10
const TOP = 24

/** Paths step by step: bars are events, ribbons who goes on to which, crimson ends who goes no further. */
export function SankeyChart({
  view,
  mirrored,
  onPress,
}: {
  view: PathsView
  /** Steps count backwards from an event. */
  mirrored: boolean
  onPress: (at: PathPoint, title: string, n_people: number) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const [over, setOver] = useState<string | null>(null)
  const [box, room] = useWidth<HTMLDivElement>()
  const n_steps = Math.max(1, ...view.nodes.map((node) => node.step + 1))
  const rows = Math.max(
    1,
    ...Array.from({ length: n_steps }, (_, step) => view.nodes.filter((node) => node.step === step).length),
  )
  const height = Math.min(640, Math.max(300, rows * 34))
  const width = Math.max(room, n_steps * 150)
  const sankey: Sankey = layoutSankey(view.nodes, view.edges, {
    width,
    height,
    bar: BAR,
    gap: 14,
    right: 132,
    mirrored,
  })
  const nameOf = (node: string | null | undefined) => node ?? t`others`
  const nodeText = (node: SankeyNode) =>
    t`Step ${node.step + 1}: ${nameOf(node.node)}, ${f.whole(node.n_people)} people, ${f.whole(node.ended_people)} end here`
  const linkText = (link: SankeyLink) =>
    t`${nameOf(link.node)} → ${nameOf(link.next)}, ${f.whole(link.n_people)} people, ${f.percent(link.n_sequences / link.from.n_sequences)} of ${nameOf(link.node)}`
  const find = (id: string) => ({
    node: sankey.nodes.find((one) => one.id === id),
    link: sankey.links.find((one) => one.id === id),
  })
  const tipOf = (id: string): TipText | null => {
    const { node, link } = find(id)
    if (node)
      return {
        title: nameOf(node.node),
        lines: [
          [t`People`, f.whole(node.n_people)],
          [t`Sequences`, f.whole(node.n_sequences)],
          [t`Go on`, f.percent(1 - node.ended_sequences / node.n_sequences)],
          [t`End here`, f.whole(node.ended_people)],
        ],
      }
    if (link)
      return {
        title: `${nameOf(link.node)} → ${nameOf(link.next)}`,
        lines: [
          [t`People`, f.whole(link.n_people)],
          [t`Sequences`, f.whole(link.n_sequences)],
          [t`Of those here`, f.percent(link.n_sequences / link.from.n_sequences)],
        ],
      }
    return null
  }
  const press = (id: string) => {
    const { node, link } = find(id)
    if (node) onPress({ point: 'node', step: node.step, node: node.node }, nameOf(node.node), node.n_people)
    if (link)
      onPress(
        { point: 'edge', step: link.step, node: link.node, next: link.next },
        `${nameOf(link.node)} → ${nameOf(link.next)}`,
        link.n_people,
      )
  }
  const lit = over === null ? null : find(over)
  const isLit = (link: SankeyLink) =>
    lit?.node ? link.from === lit.node || link.to === lit.node : lit?.link ? link === lit.link : false
  return (
    <div ref={box}>
      <Plot
        label={t`Paths of ${f.whole(view.n_people)} people in ${n_steps} steps`}
        height={TOP + height + 8}
        minWidth={n_steps * 150}
        first={sankey.nodes[0]?.id}
        walk={(id, arrow) => walkSankey(sankey, id, arrow, mirrored)}
        tipOf={tipOf}
        onAt={setOver}
        onPress={press}
      >
        {() => (
          <>
            {Array.from({ length: n_steps }, (_, step) => {
              const x = sankey.nodes.find((node) => node.step === step)?.x ?? 0
              return (
                <text key={step} x={round(x)} y={12} className={styles.axis} aria-hidden="true">
                  {mirrored ? (step === 0 ? t`end` : t`${step} before`) : step + 1}
                </text>
              )
            })}
            <g transform={`translate(0 ${TOP})`}>
              {sankey.drops.map(({ node, y, thickness }) => (
                <path
                  key={`d${node.id}`}
                  d={dropPath(node, y, thickness, mirrored)}
                  className={styles.ribbon}
                  data-drop=""
                  aria-hidden="true"
                  pointerEvents="none"
                />
              ))}
              {sankey.links.map((link) => (
                <g key={link.id} {...mark(link.id, linkText(link), true)}>
                  <path
                    d={ribbonPath(link, mirrored)}
                    className={styles.ribbon}
                    data-on={isLit(link) || undefined}
                    data-dim={(lit !== null && !isLit(link)) || undefined}
                  />
                </g>
              ))}
              {sankey.nodes.map((node) => (
                <g key={node.id} {...mark(node.id, nodeText(node), true)}>
                  <rect
                    x={round(node.x)}
                    y={round(node.y)}
                    width={BAR}
                    height={round(node.height)}
                    rx={2}
                    style={{ fill: node.node == null ? 'var(--line-strong)' : 'var(--real)' }}
                  />
                  <rect
                    x={round(node.x)}
                    y={round(node.y)}
                    width={110}
                    height={round(Math.max(node.height, 14))}
                    className={styles.hit}
                  />
                  <text
                    x={round(node.x) + BAR + 5}
                    y={round(node.y + Math.min(node.height / 2 + 4, 13))}
                    className={styles.nodeName}
                    aria-hidden="true"
                  >
                    {fitText(nameOf(node.node), 92, 12)}
                    <tspan dx={4} className={`${styles.small} ${styles.soft}`}>
                      {f.short(node.n_people)}
                    </tspan>
                  </text>
                </g>
              ))}
            </g>
          </>
        )}
      </Plot>
    </div>
  )
}

function ribbonPath(link: SankeyLink, mirrored: boolean): string {
  const x1 = mirrored ? link.from.x : link.from.x + BAR
  const x2 = mirrored ? link.to.x + BAR : link.to.x
  const middle = round((x1 + x2) / 2)
  const [a, b, c, d] = [link.y1, link.y2, link.y2 + link.thickness, link.y1 + link.thickness].map(round)
  return `M${round(x1)},${a}C${middle},${a} ${middle},${b} ${round(x2)},${b}V${c}C${middle},${c} ${middle},${d} ${round(x1)},${d}Z`
}

/** Who goes no further: a ribbon that turns down and ends. */
function dropPath(node: SankeyNode, y: number, thickness: number, mirrored: boolean): string {
  const side = mirrored ? -1 : 1
  const x = mirrored ? node.x : node.x + BAR
  const far = x + side * 22
  return `M${round(x)},${round(y)}Q${round(x + side * 14)},${round(y)} ${round(far)},${round(y + thickness + 8)}L${round(far - side * 9)},${round(y + thickness + 8)}Q${round(x + side * 6)},${round(y + thickness)} ${round(x)},${round(y + thickness)}Z`
}
