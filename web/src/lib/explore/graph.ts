/* Layout of a transition graph: columns by the usual order of events, so that most arrows go right and loops stand out. */

export interface GraphEdge {
  from: string
  to: string
  value: number
}

export interface PlacedNode {
  name: string
  column: number
  /** 0-based place within the column. */
  row: number
  /** Transitions in or out, whichever is more; repeats of the same event count. */
  value: number
}

export interface PlacedGraph {
  nodes: PlacedNode[]
  edges: (GraphEdge & { isBack: boolean; isLoop: boolean })[]
  n_columns: number
  n_rows: number
}

/**
 * Orders the nodes so that little goes backwards (Eades, Lin and Smyth 1993, weighted), puts each into the column after
 * its latest strong predecessor, and orders columns by the mean place of their neighbours. Deterministic; O(V² + E·V),
 * for the tens of nodes one can read. Where more than `columns_max` columns would be needed, neighbours share one.
 */
export function layoutGraph(edges: GraphEdge[], columns_max = Number.POSITIVE_INFINITY): PlacedGraph {
  const names = [...new Set(edges.flatMap((edge) => [edge.from, edge.to]))]
  const steps = edges.filter((edge) => edge.from !== edge.to)
  const order = usualOrder(names, steps)
  const place = new Map(order.map((name, index) => [name, index]))
  const isBack = (edge: GraphEdge) => (place.get(edge.from) ?? 0) >= (place.get(edge.to) ?? 0)
  const heaviest = new Map<string, number>()
  for (const edge of steps) if (!isBack(edge)) heaviest.set(edge.to, Math.max(heaviest.get(edge.to) ?? 0, edge.value))
  const column = new Map<string, number>()
  for (const name of order) {
    // A weak arrow does not push a node to the right: only those of at least a quarter of the strongest one in.
    const before = steps.filter(
      (edge) => edge.to === name && !isBack(edge) && edge.value * 4 >= (heaviest.get(name) ?? 0),
    )
    column.set(name, before.length === 0 ? 0 : Math.max(...before.map((edge) => (column.get(edge.from) ?? 0) + 1)))
  }
  const n_wished = Math.max(0, ...column.values()) + 1
  const n_columns = Math.min(n_wished, columns_max)
  if (n_wished > n_columns)
    for (const [name, at] of column) column.set(name, Math.round((at * (n_columns - 1)) / (n_wished - 1)))
  const columns: string[][] = Array.from({ length: n_columns }, () => [])
  for (const name of order) columns[column.get(name) ?? 0]?.push(name)
  const rowOf = new Map<string, number>()
  const settle = (one: string[]) => {
    one.forEach((name, row) => {
      rowOf.set(name, row - (one.length - 1) / 2)
    })
  }
  columns.forEach(settle)
  for (let turn = 0; turn < 4; turn += 1)
    for (const one of turn % 2 === 0 ? columns : columns.toReversed()) {
      const wish = new Map(one.map((name) => [name, wishOf(name, steps, rowOf)]))
      one.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0) || (place.get(a) ?? 0) - (place.get(b) ?? 0))
      settle(one)
    }
  return {
    nodes: columns.flatMap((one, at) =>
      one.map((name, row) => ({ name, column: at, row, value: throughOf(name, edges) })),
    ),
    edges: edges.map((edge) => ({
      ...edge,
      isBack: edge.from !== edge.to && isBack(edge),
      isLoop: edge.from === edge.to,
    })),
    n_columns,
    n_rows: Math.max(0, ...columns.map((one) => one.length)),
  }
}

function throughOf(name: string, edges: GraphEdge[]): number {
  const sum = (some: GraphEdge[]) => some.reduce((total, edge) => total + edge.value, 0)
  return Math.max(sum(edges.filter((edge) => edge.from === name)), sum(edges.filter((edge) => edge.to === name)))
}

/** The mean row of a node's neighbours, by weight. */
function wishOf(name: string, edges: GraphEdge[], rowOf: Map<string, number>): number {
  let sum = 0
  let weight = 0
  for (const edge of edges) {
    const other = edge.from === name ? edge.to : edge.to === name ? edge.from : null
    if (other === null) continue
    sum += (rowOf.get(other) ?? 0) * edge.value
    weight += edge.value
  }
  return weight === 0 ? 0 : sum / weight
}

/** Sources first, sinks last, and in between what sends more than it takes. */
function usualOrder(names: string[], edges: GraphEdge[]): string[] {
  const left = new Set(names)
  const head: string[] = []
  const tail: string[] = []
  const sum = (name: string, end: 'from' | 'to', other: 'from' | 'to') =>
    edges.reduce((total, edge) => total + (edge[end] === name && left.has(edge[other]) ? edge.value : 0), 0)
  while (left.size > 0) {
    let best: { name: string; gain: number } | null = null
    let moved = false
    for (const name of left) {
      const out = sum(name, 'from', 'to')
      const into = sum(name, 'to', 'from')
      if (out === 0) {
        tail.unshift(name)
        left.delete(name)
        moved = true
      } else if (into === 0) {
        head.push(name)
        left.delete(name)
        moved = true
      } else {
        const gain = (out - into) / (out + into)
        if (!best || gain > best.gain) best = { name, gain }
      }
    }
    if (!moved && best) {
      head.push(best.name)
      left.delete(best.name)
    }
  }
  return [...head, ...tail]
}

/**
 * The mark an arrow key leads to: right and left follow the strongest arrow out and in, up and down stay in the column.
 */
export function walkGraph(graph: PlacedGraph, name: string, arrow: string): string | null {
  const node = graph.nodes.find((one) => one.name === name)
  if (!node) return null
  if (arrow === 'up' || arrow === 'down') {
    const row = node.row + (arrow === 'up' ? -1 : 1)
    return graph.nodes.find((one) => one.column === node.column && one.row === row)?.name ?? null
  }
  if (arrow === 'home') return graph.nodes[0]?.name ?? null
  if (arrow === 'end') return graph.nodes.at(-1)?.name ?? null
  const near = graph.edges
    .filter((edge) => !edge.isLoop && (arrow === 'right' ? edge.from === name : edge.to === name))
    .sort((a, b) => Number(a.isBack) - Number(b.isBack) || b.value - a.value)[0]
  return near ? (arrow === 'right' ? near.to : near.from) : null
}
