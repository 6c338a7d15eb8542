import type { Compared } from '~/lib/explore/compare'

export const COLORS = { a: 'var(--real)', b: 'var(--channel-3)' } as const

/** The two sides of a comparison, with what they are called. */
export interface Sides extends Compared {
  nameA: string
  nameB: string
}

export const legendOf = (sides: Sides, sizes: string[] = []) => [
  { key: 'a', name: [sides.nameA, sizes[0]].filter(Boolean).join(' · '), color: COLORS.a },
  { key: 'b', name: [sides.nameB, sizes[1]].filter(Boolean).join(' · '), color: COLORS.b },
]
