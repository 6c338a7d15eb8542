import { askedRule, isNamed } from '../explore/rules'
import type { PersonRule } from './words'

/** The rule as it is counted while it is written: what says nothing yet is left out; `null` where nothing is left. */
export function askedPersonRule(rule: PersonRule): PersonRule | null {
  if ('all' in rule) return group(rule.all, (all) => ({ all }))
  if ('any' in rule) return group(rule.any, (any) => ({ any }))
  if ('not' in rule) {
    const not = askedPersonRule(rule.not)
    return not && { not }
  }
  if ('did' in rule) return isNamed(rule.did.when) ? { did: { ...rule.did, when: askedRule(rule.did.when) } } : null
  if ('trait' in rule) return rule.trait.property && askedRule({ event: '', where: [rule.trait] }).where ? rule : null
  return rule
}

function group(rules: PersonRule[], of: (rules: PersonRule[]) => PersonRule): PersonRule | null {
  const said = rules.map(askedPersonRule).filter((rule) => rule !== null)
  return said.length > 0 || rules.length === 0 ? of(said) : null
}
