import type { ReactNode } from 'react'
import styles from './cell-button.module.css'

/** A number in a table that opens its people. */
export function CellButton({ onPress, says, children }: { onPress: () => void; says: string; children: ReactNode }) {
  return (
    <button type="button" className={styles.cell} onClick={onPress} aria-label={says}>
      {children}
    </button>
  )
}
