import { createLink, type LinkComponent } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Link as AriaLink,
  type LinkProps as AriaLinkProps,
} from 'react-aria-components'
import styles from './button.module.css'
import { cx } from './class-names'

interface Look {
  /** `plain` has a border, `quiet` has none until hovered, `primary` is the page's one main action. */
  variant?: 'primary' | 'plain' | 'quiet' | 'danger'
  size?: 's' | 'm' | 'l'
  className?: string
}

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children'>, Look {
  children: ReactNode
}

const look = ({ variant = 'plain', size = 'm', className }: Look) =>
  cx(styles.button, styles[variant], size !== 'm' && styles[size], className)

/** A button. While `isPending` it keeps its width and focus, and says so to screen readers. */
export function Button({ variant, size, className, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={look({ variant, size, className })}>
      {children}
    </AriaButton>
  )
}

export interface IconButtonProps extends Omit<ButtonProps, 'aria-label'> {
  /** What it does, for screen readers and as a tooltip. */
  label: string
}

/** A square button with an icon only. */
export function IconButton({ label, variant = 'quiet', className, ...rest }: IconButtonProps) {
  return <Button {...rest} variant={variant} aria-label={label} className={cx(styles.icon, className)} />
}

interface LinkLook extends Omit<AriaLinkProps, 'className' | 'style'>, Look {}

function LookLink({ variant, size, className, ...rest }: LinkLook) {
  return <AriaLink {...rest} className={look({ variant, size, className })} />
}

const RoutedLink = createLink(LookLink)

/** A link that looks like a button; `to`, `params` and `search` as for the router's own. */
export const LinkButton: LinkComponent<typeof LookLink> = (props) => <RoutedLink preload="intent" {...props} />
