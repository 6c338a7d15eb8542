import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { type Condition, conditionOf, oftenOf, ruleOfCondition } from '~/lib/segment/form'
import type { PersonRule } from '~/lib/segment/words'
import { cx, Problems, Select } from '~/lib/ui'
import box from '~/lib/ui/box.module.css'
import { type Place, placeId, placeName, useWriting } from './context'
import { DidFields } from './did-fields'
import { NumberSummary } from './number-summary'
import styles from './rule.module.css'
import { TraitFields } from './trait-fields'

/** A condition in the fields of its kind; one that no field can show in words. */
export function ConditionFields({
  rule,
  place,
  onChange,
  menu,
}: {
  rule: PersonRule
  place: Place
  onChange: (rule: PersonRule, gesture?: string) => void
  menu: ReactNode
}) {
  const { t } = useLingui()
  const { problems } = useWriting()
  const own = problems.filter((problem) => problem.anchor === rule)
  const condition = conditionOf(rule)
  return (
    <fieldset
      id={placeId(place)}
      tabIndex={-1}
      className={cx(box.box, styles.condition)}
      data-bad={own.length > 0 || undefined}
      aria-label={t`Condition ${placeName(place)}`}
    >
      <div className={box.head}>
        <Kind condition={condition} onChange={(next) => onChange(ruleOfCondition(next))} />
        {menu}
      </div>
      {own.length > 0 && <Problems problems={own} />}
      <div data-body className={styles.body}>
        <Fields rule={rule} condition={condition} onChange={onChange} />
      </div>
    </fieldset>
  )
}

/** What the condition is on, and whether its opposite is meant. */
function Kind({ condition, onChange }: { condition: Condition | null; onChange: (condition: Condition) => void }) {
  const { t } = useLingui()
  if (!condition)
    return (
      <span className={styles.kind}>
        <Trans>Written in YAML</Trans>
      </span>
    )
  const { of, negated } = condition
  const kind = 'did' in of ? t`What people did` : 'trait' in of ? t`Trait` : t`Behind a number`
  // How often and comparisons say it better; what only YAML says still shows.
  const isSaid = 'did' in of ? !negated || oftenOf(of.did, negated) === 'never' : 'trait' in of && !negated
  return (
    <span className={styles.kind}>
      {kind}
      {!isSaid && (
        <Select
          label={t`Whether it holds`}
          hideLabel
          small
          value={negated ? 'no' : 'yes'}
          onChange={(key) => onChange({ ...condition, negated: key === 'no' })}
          options={[
            { key: 'yes', label: t`is so` },
            { key: 'no', label: t`is not so` },
          ]}
        />
      )}
    </span>
  )
}

function Fields({
  rule,
  condition,
  onChange,
}: {
  rule: PersonRule
  condition: Condition | null
  onChange: (rule: PersonRule, gesture?: string) => void
}) {
  const { words } = useWriting()
  if (!condition)
    return (
      <div className={styles.words}>
        <p>{words(rule)}</p>
        <p className="soft small">
          <Trans>The form does not open groups so deep. They are kept as they are.</Trans>
        </p>
      </div>
    )
  const { of, negated } = condition
  const put = (next: Condition, gesture?: string) => onChange(ruleOfCondition(next), gesture)
  if ('did' in of) return <DidFields negated={negated} of={of} onChange={put} />
  if ('trait' in of)
    return <TraitFields filter={of.trait} onChange={(trait, gesture) => put({ negated, of: { trait } }, gesture)} />
  return <NumberSummary selected={of.selected} />
}
