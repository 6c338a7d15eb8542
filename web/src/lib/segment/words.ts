import { msg, plural } from '@lingui/core/macro'
import type { components } from '../api/schema'
import type { Scope } from '../api/types'
import { ruleConditions } from '../explore/rules'
import { oftenOf } from './form'
import { did, eventWords, type Naming, numberWords } from './number-words'

/* What a segment's rule says, in one line. */

type Schemas = components['schemas']
export type PersonRule = Schemas['PersonRule']

/** Who belongs to a segment. */
export function ruleWords(rule: PersonRule, naming: Naming): string {
  const { i18n } = naming
  if ('all' in rule) return rule.all.length > 0 ? joined(rule.all, i18n._(msg`and`), naming) : i18n._(msg`everybody`)
  if ('any' in rule) return rule.any.length > 0 ? joined(rule.any, i18n._(msg`or`), naming) : i18n._(msg`nobody`)
  if ('not' in rule)
    return 'did' in rule.not && oftenOf(rule.not.did, true) === 'never'
      ? didWords(rule.not.did, naming, true)
      : i18n._(msg`not: ${ruleWords(rule.not, naming)}`)
  if ('trait' in rule) return ruleConditions({ event: '', where: [rule.trait] }).join(' ')
  if ('did' in rule) return didWords(rule.did, naming)
  const { of, scope = {} } = rule.selected
  return [numberWords(of, naming), ...groupsOf(scope, naming), naming.period(scope)].join(' · ')
}

function joined(rules: PersonRule[], by: string, naming: Naming): string {
  // A rule of rules within another is told from its neighbours by brackets.
  return rules
    .map((rule) => {
      const words = ruleWords(rule, naming)
      return rules.length > 1 && ('all' in rule || 'any' in rule) ? `(${words})` : words
    })
    .join(` ${by} `)
}

function didWords({ when, at_least, at_most, last, period }: Schemas['Did'], naming: Naming, never = false): string {
  const { i18n } = naming
  const what = eventWords(when)
  const least = at_least ?? 1
  const often = never
    ? i18n._(msg`never did ${what}`)
    : at_most != null
      ? least > 0
        ? i18n._(msg`${what}: ${least} to ${at_most} times`)
        : i18n._(msg`${what}: at most ${plural(at_most, { one: '# time', other: '# times' })}`)
      : least > 1
        ? i18n._(msg`${what}: at least ${plural(least, { one: '# time', other: '# times' })}`)
        : did(what, naming)
  return last == null && period == null ? often : `${often} · ${naming.period({ last, period })}`
}

/** The groups a scope narrows to. */
function groupsOf({ segment, persona }: Scope, { nameOf }: Naming): string[] {
  return [...(segment ? [nameOf('segment', segment)] : []), ...(persona ? [nameOf('persona', persona)] : [])]
}
