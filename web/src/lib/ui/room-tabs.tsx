import { createLink, type LinkComponent } from '@tanstack/react-router'
import type { ComponentProps, ReactNode } from 'react'
import styles from './room-tabs.module.css'

/** The way between the pages of a room. */
export function RoomTabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav className={styles.tabs} aria-label={label} data-print="hide">
      {children}
    </nav>
  )
}

function LookTab(props: ComponentProps<'a'>) {
  return <a {...props} className={styles.tab} />
}

const RoutedTab = createLink(LookTab)

/** A page of the room; `to`, `params` and `search` as for the router's own link. */
export const RoomTab: LinkComponent<typeof LookTab> = (props) => <RoutedTab preload="intent" {...props} />

/** How many wait behind a tab. */
export function TabCount({ children }: { children: ReactNode }) {
  return <span className={styles.count}>{children}</span>
}
