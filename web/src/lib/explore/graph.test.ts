import { describe, expect, it } from 'vitest'
import { layoutGraph, walkGraph } from './graph'

const shop = [
  { from: 'visit', to: 'view', value: 100 },
  { from: 'view', to: 'cart', value: 40 },
  { from: 'cart', to: 'order', value: 20 },
  { from: 'cart', to: 'view', value: 15 },
  { from: 'view', to: 'view', value: 60 },
  { from: 'search', to: 'view', value: 30 },
]

describe('the graph of transitions', () => {
  it('goes from left to right, with arrows back and loops marked', () => {
    const graph = layoutGraph(shop)
    const column = (name: string) => graph.nodes.find((node) => node.name === name)?.column
    expect(column('visit')).toBe(0)
    expect(column('search')).toBe(0)
    expect(column('view')).toBe(1)
    expect(column('cart')).toBe(2)
    expect(column('order')).toBe(3)
    const back = graph.edges.filter((edge) => edge.isBack).map((edge) => `${edge.from}→${edge.to}`)
    expect(back).toEqual(['cart→view'])
    expect(graph.edges.filter((edge) => edge.isLoop)).toHaveLength(1)
  })
  it('does not depend on anything but the edges and gives every node a place of its own', () => {
    const graph = layoutGraph(shop)
    expect(layoutGraph(shop)).toEqual(graph)
    const places = graph.nodes.map((node) => `${node.column}:${node.row}`)
    expect(new Set(places).size).toBe(graph.nodes.length)
  })
  it('keeps to the columns there is room for', () => {
    const chain = Array.from({ length: 12 }, (_, at) => ({ from: `e${at}`, to: `e${at + 1}`, value: 5 }))
    const graph = layoutGraph(chain, 5)
    expect(graph.n_columns).toBe(5)
    expect(graph.edges.some((edge) => edge.isBack)).toBe(false)
    expect(new Set(graph.nodes.map((node) => `${node.column}:${node.row}`)).size).toBe(13)
  })
  it('survives a circle and nothing at all', () => {
    const circle = layoutGraph([
      { from: 'a', to: 'b', value: 3 },
      { from: 'b', to: 'c', value: 2 },
      { from: 'c', to: 'a', value: 1 },
    ])
    expect(circle.edges.filter((edge) => edge.isBack)).toHaveLength(1)
    expect(layoutGraph([]).nodes).toEqual([])
  })
})

describe('arrow keys', () => {
  const graph = layoutGraph(shop)
  it('follow the strongest arrow', () => {
    expect(walkGraph(graph, 'view', 'right')).toBe('cart')
    expect(walkGraph(graph, 'view', 'left')).toBe('visit')
    expect(walkGraph(graph, 'cart', 'right')).toBe('order')
    expect(walkGraph(graph, 'order', 'right')).toBeNull()
  })
  it('move within a column', () => {
    const [top, bottom] = graph.nodes.filter((node) => node.column === 0).toSorted((a, b) => a.row - b.row)
    expect(walkGraph(graph, top?.name ?? '', 'down')).toBe(bottom?.name)
    expect(walkGraph(graph, top?.name ?? '', 'up')).toBeNull()
  })
})
