import type { ReactNode } from 'react'
import {
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  type MenuItemProps as AriaMenuItemProps,
  type MenuProps as AriaMenuProps,
  Popover as AriaPopover,
  MenuTrigger,
  Separator,
  Text,
} from 'react-aria-components'
import { cx } from './class-names'
import { Icon, type IconName } from './icon'
import styles from './menu.module.css'

/** Its first child is a button, its second a `Menu`. */
export { MenuTrigger }

/** A list of actions or choices under a button. */
export function Menu<Item extends object>({
  placement,
  ...rest
}: AriaMenuProps<Item> & { placement?: 'bottom end' | 'bottom start' | 'right bottom' | 'top end' }) {
  return (
    <AriaPopover offset={6} placement={placement ?? 'bottom end'} className={styles.popover}>
      <AriaMenu {...rest} className={styles.menu} />
    </AriaPopover>
  )
}

export interface MenuItemProps extends Omit<AriaMenuItemProps, 'children' | 'className'> {
  icon?: IconName
  /** Said softly at the end, such as a shortcut. */
  note?: ReactNode
  /** Under it, said as its description. */
  detail?: ReactNode
  danger?: boolean
  children: ReactNode
}

export function MenuItem({ icon, note, detail, danger, children, ...rest }: MenuItemProps) {
  return (
    <AriaMenuItem
      textValue={typeof children === 'string' ? children : undefined}
      {...rest}
      className={cx(styles.item, danger && styles.danger)}
    >
      {({ isSelected, selectionMode }) => (
        <>
          {selectionMode !== 'none' ? (
            <span className={styles.mark}>{isSelected && <Icon name="check" />}</span>
          ) : (
            icon && <Icon name={icon} />
          )}
          {detail ? (
            <span className={styles.label}>
              <Text slot="label">{children}</Text>
              <Text slot="description" className={styles.detail}>
                {detail}
              </Text>
            </span>
          ) : (
            <span className={styles.label}>{children}</span>
          )}
          {note && <span className={styles.note}>{note}</span>}
        </>
      )}
    </AriaMenuItem>
  )
}

export function MenuLine() {
  return <Separator className={styles.line} />
}
