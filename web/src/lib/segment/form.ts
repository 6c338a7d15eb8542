import type { components } from '../api/schema'
import type { Days, Problem } from '../api/types'
import type { PersonRule } from './words'

/*
 * A segment's rule as the form sees it: a group of conditions, some of them groups themselves. Every operation takes the rule
 * itself apart and puts it together again, so that what the form cannot show is still there when it is saved.
 */

export type Did = components['schemas']['Did']

/** How the rules of a group belong together. The form offers the first three; the last may stand in a document. */
export type Mode = 'all' | 'any' | 'none' | 'not_all'
export interface Group {
  mode: Mode
  rules: PersonRule[]
}

/** The rule as a group; `null` where it is a single condition. */
export function groupOf(rule: PersonRule): Group | null {
  if ('all' in rule) return { mode: 'all', rules: rule.all }
  if ('any' in rule) return { mode: 'any', rules: rule.any }
  if (!('not' in rule)) return null
  if ('any' in rule.not) return { mode: 'none', rules: rule.not.any }
  return 'all' in rule.not ? { mode: 'not_all', rules: rule.not.all } : null
}

export function ruleOfGroup({ mode, rules }: Group): PersonRule {
  switch (mode) {
    case 'all':
      return { all: rules }
    case 'any':
      return { any: rules }
    case 'none':
      return { not: { any: rules } }
    case 'not_all':
      return { not: { all: rules } }
  }
}

/** The whole rule as a group: a condition that stands alone is one of one. */
export const rootOf = (rule: PersonRule): Group => groupOf(rule) ?? { mode: 'all', rules: [rule] }

/** The whole rule with another root; a condition that stood alone goes on doing so. */
export function withRoot(before: PersonRule, root: Group): PersonRule {
  const [only] = root.rules
  const staysAlone = groupOf(before) === null && root.mode === 'all' && root.rules.length === 1
  return staysAlone && only && groupOf(only) === null ? only : ruleOfGroup(root)
}

/** The group with the rule at `index` one place up or down; the same one at the edge. */
export function moved(group: Group, index: number, by: -1 | 1): Group {
  const rule = group.rules[index]
  const to = index + by
  if (!rule || to < 0 || to >= group.rules.length) return group
  return { ...group, rules: group.rules.toSpliced(index, 1).toSpliced(to, 0, rule) }
}

/** What a condition is on. */
export type Leaf = Extract<PersonRule, { did: unknown } | { trait: unknown } | { selected: unknown }>
export interface Condition {
  /** It holds where this does not. */
  negated: boolean
  of: Leaf
}

/** The rule as one condition; `null` where it is more than that. */
export function conditionOf(rule: PersonRule): Condition | null {
  if ('not' in rule) return isLeaf(rule.not) ? { negated: true, of: rule.not } : null
  return isLeaf(rule) ? { negated: false, of: rule } : null
}

const isLeaf = (rule: PersonRule): rule is Leaf => 'did' in rule || 'trait' in rule || 'selected' in rule

export const ruleOfCondition = ({ negated, of }: Condition): PersonRule => (negated ? { not: of } : of)

/* How often */

export const OFTEN = ['at_least', 'exactly', 'at_most', 'between', 'never'] as const
export type Often = (typeof OFTEN)[number]

/** At least so often, and at most. */
export const timesOf = ({ at_least, at_most }: Did): { least: number; most: number | null } => ({
  least: at_least ?? 1,
  most: at_most ?? null,
})

/** How the form says how often. Not doing something once or more is never doing it. */
export function oftenOf(did: Did, negated: boolean): Often {
  const { least, most } = timesOf(did)
  if (negated && least === 1 && most === null) return 'never'
  if (most === null) return 'at_least'
  if (least === 0) return 'at_most'
  return least === most ? 'exactly' : 'between'
}

/** The condition said in another way; numbers stay where it has them. */
export function withOften({ negated, of }: { negated: boolean; of: { did: Did } }, often: Often): Condition {
  const { least, most } = timesOf(of.did)
  const n = Math.max(1, least === 0 ? (most ?? 1) : least)
  const as = (times: { least: number; most: number | null }, isNot: boolean): Condition => ({
    negated: isNot,
    of: { did: withTimes(of.did, times) },
  })
  // What was never is not the opposite of something any more.
  const stays = negated && oftenOf(of.did, negated) !== 'never'
  switch (often) {
    case 'never':
      return as({ least: 1, most: null }, true)
    case 'at_least':
      return as({ least: n, most: null }, stays)
    case 'exactly':
      return as({ least: n, most: n }, stays)
    case 'at_most':
      return as({ least: 0, most: most ?? n }, stays)
    case 'between':
      return as({ least: n, most: Math.max(n + 1, most ?? 0) }, stays)
  }
}

export function withTimes(did: Did, { least, most }: { least: number; most: number | null }): Did {
  const { at_most: _, ...rest } = did
  return { ...rest, at_least: least, ...(most === null ? {} : { at_most: most }) }
}

/* When */

export type Span = 'ever' | 'last' | 'days'

/** Days win over a length of time, as they do where people are counted. */
export const spanOf = ({ last, period }: Did): Span => (period ? 'days' : last ? 'last' : 'ever')

/** The event counted at another time. */
export function withSpan(did: Did, span: { last: string } | { period: Days } | null): Did {
  const { last: _, period: __, ...rest } = did
  return { ...rest, ...span }
}

/* Where problems stand */

/** A problem of a body with the part of its rule that the form shows it at; `null`: the whole. */
export type PlacedRule = Problem & { anchor: PersonRule | null }

/** The condition that a path such as `rule.all[1].any[0].not.did.when` leads to: two groups deep at most, as the form shows them. */
export function itemAt(rule: PersonRule, path: string | null | undefined): PersonRule | null {
  if (!path?.startsWith('rule')) return null
  const root = groupOf(rule)
  if (!root) return rule
  const [, within = ''] = /^rule((?:\.(?:all|any)\[\d+\]|\.not)*)/.exec(path) ?? []
  const [first, second] = [...within.matchAll(/\d+/g)].map(Number)
  const item = first === undefined ? undefined : root.rules[first]
  if (!item) return null
  return (second === undefined ? undefined : groupOf(item)?.rules[second]) ?? item
}

export const placedRules = ({ rule }: { rule: PersonRule }, problems: Problem[]): PlacedRule[] =>
  problems.map((problem) => ({ ...problem, anchor: itemAt(rule, problem.where?.path) }))

/** Where the form shows a rule now: its place in the root, then within a group; `null` once it is another one. */
export function placeOf(rule: PersonRule, item: PersonRule): number[] | null {
  for (const [index, own] of rootOf(rule).rules.entries()) {
    if (own === item) return [index]
    const nested = groupOf(own)?.rules.indexOf(item) ?? -1
    if (nested >= 0) return [index, nested]
  }
  return null
}
