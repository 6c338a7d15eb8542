import type { PathEdge, PathNode } from './types'

/* Layout of paths as a Sankey. Heights are sequences: they alone go in and out of a node in equal number. */

export interface SankeyNode extends PathNode {
  id: string
  x: number
  y: number
  height: number
}
export interface SankeyLink extends PathEdge {
  id: string
  from: SankeyNode
  to: SankeyNode
  /** Upper edges at both ends, and the thickness. */
  y1: number
  y2: number
  thickness: number
}
export interface SankeyDrop {
  node: SankeyNode
  y: number
  thickness: number
}
export interface Sankey {
  nodes: SankeyNode[]
  links: SankeyLink[]
  drops: SankeyDrop[]
  n_steps: number
}

/** Names may hold anything but this. */
const SEPARATOR = '\u0001'
/** The id of a node; the merged one of a step has no name. */
export const nodeId = (step: number, node: string | null | undefined) => ['n', step, node ?? SEPARATOR].join(SEPARATOR)
export const linkId = (edge: PathEdge) =>
  ['e', edge.step, edge.node ?? SEPARATOR, edge.next ?? SEPARATOR].join(SEPARATOR)

export interface SankeyRoom {
  width: number
  height: number
  /** Width of a node's bar. */
  bar: number
  /** Between nodes of a column. */
  gap: number
  /** Space right of the last column, for its names. */
  right: number
  /** Steps count backwards from an event: the first one stands at the right. */
  mirrored?: boolean
}

/**
 * Columns by step; within a column most sequences first, moved towards their neighbours (three sweeps of means), the
 * merged node always last. Links leave and arrive in the order of their other ends, so that they cross little.
 */
export function layoutSankey(nodes: PathNode[], edges: PathEdge[], room: SankeyRoom): Sankey {
  const n_steps = Math.max(0, ...nodes.map((node) => node.step + 1))
  const columns: SankeyNode[][] = Array.from({ length: n_steps }, (_, step) =>
    nodes
      .filter((node) => node.step === step && node.n_sequences > 0)
      .map((node) => ({ ...node, id: nodeId(node.step, node.node), x: 0, y: 0, height: 0 })),
  )
  const scale = Math.min(
    ...columns
      .filter((column) => column.length > 0)
      .map(
        (column) =>
          (room.height - room.gap * (column.length - 1)) / column.reduce((sum, node) => sum + node.n_sequences, 0),
      ),
  )
  const step_x = n_steps > 1 ? (room.width - room.right - room.bar) / (n_steps - 1) : 0
  const byId = new Map<string, SankeyNode>()
  columns.forEach((column, step) => {
    for (const node of column) {
      node.x = (room.mirrored ? n_steps - 1 - step : step) * step_x
      node.height = Math.max(1, node.n_sequences * scale)
      byId.set(node.id, node)
    }
    stack(column, room.gap)
  })
  const links: SankeyLink[] = []
  for (const edge of edges) {
    const from = byId.get(nodeId(edge.step, edge.node))
    const to = byId.get(nodeId(edge.step + 1, edge.next))
    if (from && to && edge.n_sequences > 0)
      links.push({ ...edge, id: linkId(edge), from, to, y1: 0, y2: 0, thickness: edge.n_sequences * scale })
  }
  for (let sweep = 0; sweep < 3; sweep += 1)
    for (const column of columns) {
      const wish = new Map(column.map((node) => [node, meanOfNeighbours(node, links)]))
      column.sort(
        (a, b) =>
          Number(a.node == null) - Number(b.node == null) ||
          (wish.get(a) ?? 0) - (wish.get(b) ?? 0) ||
          (a.id < b.id ? -1 : 1),
      )
      stack(column, room.gap)
    }
  const drops: SankeyDrop[] = []
  for (const node of byId.values()) {
    let y = node.y
    for (const link of links.filter((one) => one.from === node).sort((a, b) => a.to.y - b.to.y)) {
      link.y1 = y
      y += link.thickness
    }
    if (node.ended_sequences > 0) drops.push({ node, y, thickness: node.ended_sequences * scale })
    y = node.y
    for (const link of links.filter((one) => one.to === node).sort((a, b) => a.from.y - b.from.y)) {
      link.y2 = y
      y += link.thickness
    }
  }
  return { nodes: columns.flat(), links, drops, n_steps }
}

function stack(column: SankeyNode[], gap: number) {
  let y = 0
  for (const node of column) {
    node.y = y
    y += node.height + gap
  }
}

function meanOfNeighbours(node: SankeyNode, links: SankeyLink[]): number {
  let sum = 0
  let weight = 0
  for (const link of links) {
    const other = link.from === node ? link.to : link.to === node ? link.from : null
    if (!other) continue
    sum += (other.y + other.height / 2) * link.n_sequences
    weight += link.n_sequences
  }
  return weight === 0 ? node.y : sum / weight
}

/**
 * The mark an arrow key leads to. From a node right takes its thickest link, from a link right goes to the node it leads
 * to; left goes back the same way. Up and down go to the next node of the column, or the next link of the same node.
 * In a mirrored layout right still goes right.
 */
export function walkSankey(sankey: Sankey, id: string, arrow: string, mirrored = false): string | null {
  const node = sankey.nodes.find((one) => one.id === id)
  const link = sankey.links.find((one) => one.id === id)
  const forward = arrow === (mirrored ? 'left' : 'right')
  if (arrow === 'home') return sankey.nodes[0]?.id ?? null
  if (arrow === 'end') return sankey.nodes.at(-1)?.id ?? null
  if (node) {
    if (arrow === 'left' || arrow === 'right') {
      const near = sankey.links
        .filter((one) => (forward ? one.from : one.to) === node)
        .sort((a, b) => b.n_sequences - a.n_sequences)[0]
      return near?.id ?? null
    }
    const column = sankey.nodes.filter((one) => one.step === node.step).sort((a, b) => a.y - b.y)
    return column[column.indexOf(node) + (arrow === 'down' ? 1 : -1)]?.id ?? null
  }
  if (link) {
    if (arrow === 'left' || arrow === 'right') return (forward ? link.to : link.from).id
    const siblings = sankey.links.filter((one) => one.from === link.from).sort((a, b) => a.y1 - b.y1)
    return siblings[siblings.indexOf(link) + (arrow === 'down' ? 1 : -1)]?.id ?? null
  }
  return null
}
