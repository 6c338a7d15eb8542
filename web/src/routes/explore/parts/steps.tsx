import { Trans, useLingui } from '@lingui/react/macro'
import { Button as AriaButton, DialogTrigger } from 'react-aria-components'
import type { EventRule } from '~/lib/api/types'
import { STEPS_MAX } from '~/lib/explore/address'
import { isNamed, ruleConditions, ruleName } from '~/lib/explore/rules'
import { Icon, IconButton, Menu, MenuItem, MenuTrigger, Popover } from '~/lib/ui'
import { useEvents } from '../../journey-editor/context'
import { EventPicker } from '../../journey-editor/event-picker'
import { RuleFields } from '../../journey-editor/rule-fields'
import styles from './explore.module.css'

/** The steps of a funnel in their order: each a rule, to move, change and take out. */
export function StepList({
  steps,
  onChange,
  optional = [],
  onOptional,
}: {
  steps: EventRule[]
  /** The steps, and where each of them stood before, from 1; `null`: it is new. */
  onChange: (steps: EventRule[], from: (number | null)[]) => void
  /** Steps that may be passed by, from 1. */
  optional?: number[]
  /** Where steps may be passed by at all. */
  onOptional?: (optional: number[]) => void
}) {
  const { t } = useLingui()
  const events = useEvents()
  const places: (number | null)[] = steps.map((_, index) => index + 1)
  const move = (from: number, to: number) => {
    const put = <T,>(list: T[]) => list.toSpliced(from, 1).toSpliced(to, 0, ...list.slice(from, from + 1))
    onChange(put(steps), put(places))
  }
  const toggle = (place: number) =>
    onOptional?.(
      optional.includes(place) ? optional.filter((one) => one !== place) : [...optional, place].sort((a, b) => a - b),
    )
  return (
    <div className={styles.group}>
      <ol className={styles.steps} aria-label={t`Steps`}>
        {steps.map((step, index) => (
          <li key={index} className={styles.step}>
            <RulePress
              rule={step}
              number={index + 1}
              label={t`Step ${index + 1}`}
              note={optional.includes(index + 1) ? t`may be passed by` : undefined}
              onChange={(rule) => onChange(steps.with(index, rule), places)}
            />
            <MenuTrigger>
              <IconButton label={t`Step ${index + 1}: move or remove`} size="s">
                <Icon name="more" />
              </IconButton>
              <Menu
                disabledKeys={[...(index === 0 ? ['up'] : []), ...(index === steps.length - 1 ? ['down'] : [])]}
                onAction={(key) => {
                  if (key === 'up') move(index, index - 1)
                  else if (key === 'down') move(index, index + 1)
                  else if (key === 'optional') toggle(index + 1)
                  else if (key === 'twin')
                    onChange(steps.toSpliced(index + 1, 0, step), places.toSpliced(index + 1, 0, null))
                  else onChange(steps.toSpliced(index, 1), places.toSpliced(index, 1))
                }}
              >
                <MenuItem id="up" icon="up">
                  {t`Move up`}
                </MenuItem>
                <MenuItem id="down" icon="down">
                  {t`Move down`}
                </MenuItem>
                {onOptional && index > 0 && index < steps.length - 1 && (
                  <MenuItem id="optional" icon="check">
                    {optional.includes(index + 1) ? t`Must be done` : t`May be passed by`}
                  </MenuItem>
                )}
                <MenuItem id="twin" icon="copy">
                  {t`Duplicate`}
                </MenuItem>
                <MenuItem id="remove" icon="trash" danger>
                  {t`Remove`}
                </MenuItem>
              </Menu>
            </MenuTrigger>
          </li>
        ))}
      </ol>
      {steps.length < STEPS_MAX && (
        <div className={styles.adds}>
          <EventPicker
            label={steps.length === 0 ? t`Choose the first step` : t`Step`}
            primary={steps.length === 0}
            events={events}
            picked={[]}
            closes
            onPick={(event) => onChange([...steps, { event }], [...places, null])}
          />
        </div>
      )}
    </div>
  )
}

/** A rule as a button that opens its fields. */
export function RulePress({
  rule,
  number,
  label,
  note,
  onChange,
}: {
  rule: EventRule
  number?: number
  label: string
  /** Softly under the rule. */
  note?: string
  onChange: (rule: EventRule) => void
}) {
  const conditions = ruleConditions(rule)
  return (
    <DialogTrigger>
      <AriaButton className={styles.stepPress}>
        {number !== undefined && (
          <span className={styles.number}>
            <span className="sr-only">{label} </span>
            <span aria-hidden="true">{number}</span>
          </span>
        )}
        <span className={styles.stepText}>
          {isNamed(rule) ? (
            <span className={styles.stepName}>{ruleName(rule)}</span>
          ) : (
            <span className={styles.missing}>
              <Trans>Choose an event</Trans>
            </span>
          )}
          {note && <span className={styles.stepWhere}>{note}</span>}
          {conditions.map((condition) => (
            <span key={condition} className={styles.stepWhere}>
              {condition}
            </span>
          ))}
        </span>
      </AriaButton>
      <Popover label={label} placement="right top" className={styles.rulePopover}>
        <div className={styles.ruleBody}>
          <h3>{label}</h3>
          <RuleFields rule={rule} onChange={(next) => onChange(next)} />
        </div>
      </Popover>
    </DialogTrigger>
  )
}

/** An optional rule: absent, everything counts. */
export function RuleChoice({
  label,
  rule,
  onChange,
  all,
}: {
  label: string
  rule: EventRule | undefined
  onChange: (rule: EventRule | undefined) => void
  /** What no rule means. */
  all: string
}) {
  const { t } = useLingui()
  const events = useEvents()
  return rule ? (
    <div className={styles.step}>
      <RulePress rule={rule} label={label} onChange={onChange} />
      <IconButton label={t`Remove ${ruleName(rule)}`} size="s" onPress={() => onChange(undefined)}>
        <Icon name="close" size={12} />
      </IconButton>
    </div>
  ) : (
    <div className={styles.adds}>
      <span className={styles.stepText} style={{ padding: '4px 8px' }}>
        {all}
      </span>
      <EventPicker
        label={t`Only some events`}
        events={events}
        picked={[]}
        closes
        onPick={(event) => onChange({ event })}
      />
    </div>
  )
}
