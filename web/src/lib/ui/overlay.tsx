import { useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import {
  Dialog as AriaDialog,
  Popover as AriaPopover,
  type PopoverProps as AriaPopoverProps,
  DialogTrigger,
  Heading,
  Modal,
  ModalOverlay,
} from 'react-aria-components'
import { IconButton } from './button'
import { cx } from './class-names'
import { Icon } from './icon'
import styles from './overlay.module.css'

/** Its first child opens, its second is a `Popover`, `Dialog` or `Drawer`. */
export { DialogTrigger as OverlayTrigger }

export interface PopoverProps extends Omit<AriaPopoverProps, 'children' | 'className'> {
  /** Name for screen readers; a visible `<Heading slot="title">` inside may stand instead. */
  label?: string
  children: ReactNode | ((close: () => void) => ReactNode)
  className?: string
}

/** Floats beside its trigger; closes on Escape and outside presses. */
export function Popover({ label, children, className, ...rest }: PopoverProps) {
  return (
    <AriaPopover offset={6} {...rest} className={styles.popover}>
      <AriaDialog aria-label={label} className={cx(styles.popoverBody, className)}>
        {({ close }) => <>{typeof children === 'function' ? children(close) : children}</>}
      </AriaDialog>
    </AriaPopover>
  )
}

export interface DialogProps {
  title: ReactNode
  /** Under the title. */
  note?: ReactNode
  /** Controlled; leave out inside an `OverlayTrigger`. */
  isOpen?: boolean
  onOpenChange?: (open: boolean) => void
  children: ReactNode | ((close: () => void) => ReactNode)
  /** Buttons at the foot. */
  actions?: ReactNode | ((close: () => void) => ReactNode)
  wide?: boolean
}

function Frame({ title, note, children, actions, close }: DialogProps & { close: () => void }) {
  const { t } = useLingui()
  return (
    <>
      <header className={styles.head}>
        <div>
          <Heading slot="title" className={styles.title}>
            {title}
          </Heading>
          {note && <div className={styles.note}>{note}</div>}
        </div>
        <IconButton label={t`Close`} onPress={close}>
          <Icon name="close" />
        </IconButton>
      </header>
      <div className={styles.body}>{typeof children === 'function' ? children(close) : children}</div>
      {actions && <footer className={styles.foot}>{typeof actions === 'function' ? actions(close) : actions}</footer>}
    </>
  )
}

/** A modal in the middle of the page; on phones a sheet from below. */
export function Dialog(props: DialogProps) {
  return (
    <ModalOverlay isDismissable isOpen={props.isOpen} onOpenChange={props.onOpenChange} className={styles.veil}>
      <Modal className={cx(styles.dialog, props.wide && styles.wide)}>
        <AriaDialog className={styles.frame}>{({ close }) => <Frame {...props} close={close} />}</AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}

/** A panel from the right edge, full height; on phones a sheet from below. */
export function Drawer(props: DialogProps) {
  return (
    <ModalOverlay
      isDismissable
      isOpen={props.isOpen}
      onOpenChange={props.onOpenChange}
      className={cx(styles.veil, styles.lightVeil)}
    >
      <Modal className={cx(styles.drawer, props.wide && styles.wideDrawer)}>
        <AriaDialog className={styles.frame}>{({ close }) => <Frame {...props} close={close} />}</AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
