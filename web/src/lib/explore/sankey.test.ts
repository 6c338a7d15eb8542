import { describe, expect, it } from 'vitest'
import { layoutSankey, linkId, nodeId, walkSankey } from './sankey'
import type { PathEdge, PathNode } from './types'

const node = (step: number, name: string | null, n: number, ended = 0): PathNode => ({
  step,
  node: name,
  n_people: n,
  n_sequences: n,
  ended_people: ended,
  ended_sequences: ended,
})
const edge = (step: number, from: string | null, to: string | null, n: number): PathEdge => ({
  step,
  node: from,
  next: to,
  n_people: n,
  n_sequences: n,
})

const nodes = [
  node(0, 'visit', 100, 20),
  node(0, null, 20, 5),
  node(1, 'view', 70, 30),
  node(1, 'search', 20, 0),
  node(1, null, 5, 5),
  node(2, 'cart', 55, 55),
  node(2, null, 5, 5),
]
const edges = [
  edge(0, 'visit', 'view', 60),
  edge(0, 'visit', 'search', 20),
  edge(0, null, 'view', 10),
  edge(0, null, null, 5),
  edge(1, 'view', 'cart', 40),
  edge(1, 'search', 'cart', 15),
  edge(1, 'search', null, 5),
]
const room = { width: 600, height: 300, bar: 10, gap: 12, right: 100 }

describe('a Sankey of paths', () => {
  const sankey = layoutSankey(nodes, edges, room)
  const at = (step: number, name: string | null) => sankey.nodes.find((one) => one.id === nodeId(step, name))

  it('has the same scale everywhere and stays within its height', () => {
    const perSequence = (at(0, 'visit')?.height ?? 0) / 100
    for (const one of sankey.nodes) {
      expect(one.height).toBeCloseTo(one.n_sequences * perSequence, 6)
      expect(one.y + one.height).toBeLessThanOrEqual(room.height + 1e-6)
    }
  })
  it('lets out of a node what comes in: links and ends fill it, and nothing overlaps', () => {
    for (const one of sankey.nodes) {
      const out = sankey.links.filter((link) => link.from === one)
      const drop = sankey.drops.find((each) => each.node === one)
      const filled = out.reduce((sum, link) => sum + link.thickness, 0) + (drop?.thickness ?? 0)
      expect(filled).toBeCloseTo(one.height, 6)
      let edgeOf = one.y
      for (const link of out.toSorted((a, b) => a.y1 - b.y1)) {
        expect(link.y1).toBeCloseTo(edgeOf, 6)
        edgeOf += link.thickness
      }
    }
  })
  it('keeps the merged node last in its column', () => {
    for (const step of [0, 1, 2]) {
      const column = sankey.nodes.filter((one) => one.step === step).toSorted((a, b) => a.y - b.y)
      expect(column.at(-1)?.node).toBeNull()
    }
  })
  it('is the same every time, and mirrored stands the other way round', () => {
    expect(layoutSankey(nodes, edges, room)).toEqual(sankey)
    const mirrored = layoutSankey(nodes, edges, { ...room, mirrored: true })
    expect(mirrored.nodes.find((one) => one.step === 0)?.x).toBeGreaterThan(
      mirrored.nodes.find((one) => one.step === 2)?.x ?? 0,
    )
  })
  it('passes over edges to what is not there, and survives nothing', () => {
    expect(layoutSankey(nodes, [edge(1, 'gone', 'cart', 3)], room).links).toEqual([])
    expect(layoutSankey([], [], room)).toEqual({ nodes: [], links: [], drops: [], n_steps: 0 })
  })
})

describe('arrow keys in a Sankey', () => {
  const sankey = layoutSankey(nodes, edges, room)
  it('follow a ribbon to its end and back', () => {
    const ribbon = linkId(edge(0, 'visit', 'view', 60))
    expect(walkSankey(sankey, nodeId(0, 'visit'), 'right')).toBe(ribbon)
    expect(walkSankey(sankey, ribbon, 'right')).toBe(nodeId(1, 'view'))
    expect(walkSankey(sankey, ribbon, 'left')).toBe(nodeId(0, 'visit'))
    expect(walkSankey(sankey, nodeId(1, 'view'), 'left')).toBe(ribbon)
  })
  it('go among the ribbons of a node and the nodes of a column', () => {
    const [first, second] = sankey.links
      .filter((link) => link.from.id === nodeId(0, 'visit'))
      .toSorted((a, b) => a.y1 - b.y1)
    expect(walkSankey(sankey, first?.id ?? '', 'down')).toBe(second?.id)
    expect(walkSankey(sankey, nodeId(0, 'visit'), 'down')).toBe(nodeId(0, null))
    expect(walkSankey(sankey, nodeId(0, 'visit'), 'up')).toBeNull()
  })
  it('go the way they point in a mirrored one', () => {
    const mirrored = layoutSankey(nodes, edges, { ...room, mirrored: true })
    expect(walkSankey(mirrored, nodeId(0, 'visit'), 'left', true)).toBe(linkId(edge(0, 'visit', 'view', 60)))
  })
})
