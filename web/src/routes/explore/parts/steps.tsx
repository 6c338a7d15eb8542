import { Trans, useLingui } from '@lingui/react/macro'
import { Button as AriaButton, DialogTrigger } from 'react-aria-components'
import type { EventRule } from '~/lib/api/types'
import { isNamed, ruleConditions, ruleName } from '~/lib/explore/rules'
import { Icon, IconButton, Menu, MenuItem, MenuTrigger, Popover } from '~/lib/ui'
import { useEvents } from '../../journey-editor/context'
import { EventPicker } from '../../journey-editor/event-picker'
import { RuleFields } from '../../journey-editor/rule-fields'
import styles from './explore.module.css'

export const STEPS_MAX = 32

/** The steps of a funnel in their order: each a rule, to move, change and take out. */
export function StepList({ steps, onChange }: { steps: EventRule[]; onChange: (steps: EventRule[]) => void }) {
  const { t } = useLingui()
  const events = useEvents()
  const move = (from: number, to: number) => {
    const moved = steps[from]
    if (moved) onChange(steps.toSpliced(from, 1).toSpliced(to, 0, moved))
  }
  return (
    <div className={styles.group}>
      <ol className={styles.steps} aria-label={t`Steps`}>
        {steps.map((step, index) => (
          <li key={index} className={styles.step}>
            <RulePress
              rule={step}
              number={index + 1}
              label={t`Step ${index + 1}`}
              onChange={(rule) => onChange(steps.with(index, rule))}
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
                  else if (key === 'twin') onChange(steps.toSpliced(index + 1, 0, step))
                  else onChange(steps.toSpliced(index, 1))
                }}
              >
                <MenuItem id="up" icon="up">
                  {t`Move up`}
                </MenuItem>
                <MenuItem id="down" icon="down">
                  {t`Move down`}
                </MenuItem>
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
            onPick={(event) => onChange([...steps, { event }])}
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
  onChange,
}: {
  rule: EventRule
  number?: number
  label: string
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
