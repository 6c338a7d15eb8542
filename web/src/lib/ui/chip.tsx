import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components'
import styles from './chip.module.css'
import { cx } from './class-names'
import { Icon } from './icon'

export interface ChipProps extends Omit<AriaButtonProps, 'children' | 'className'> {
  /** What it rules, such as “Period”; said softly before the value. */
  label?: ReactNode
  /** Said softly after the value, such as a count. */
  note?: ReactNode
  children: ReactNode
}

/** A control of the page head: shows its choice, opens a popover. Goes inside a `PopoverTrigger`. */
export function Chip({ label, note, children, ...rest }: ChipProps) {
  return (
    <AriaButton {...rest} className={styles.chip}>
      {label && <span className={styles.soft}>{label}</span>}
      <span className={styles.value}>{children}</span>
      {note && <span className={styles.soft}>{note}</span>}
      <span className={styles.caret}>
        <Icon name="down" size={12} />
      </span>
    </AriaButton>
  )
}

/** A small static mark with a meaning. */
export function Tag({
  tone = 'plain',
  children,
}: {
  tone?: 'plain' | 'good' | 'bad' | 'guess' | 'real'
  children: ReactNode
}) {
  return <span className={cx(styles.tag, styles[tone])}>{children}</span>
}
