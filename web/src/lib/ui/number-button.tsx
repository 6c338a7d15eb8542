import type { ComponentProps } from 'react'
import { cx } from './class-names'
import styles from './number-button.module.css'

/** A number that opens what stands behind it; looks as what holds it, in tables `underlined`. */
export function NumberButton({ className, underlined, ...rest }: ComponentProps<'button'> & { underlined?: boolean }) {
  return <button type="button" {...rest} className={cx(styles.button, underlined && styles.underlined, className)} />
}
