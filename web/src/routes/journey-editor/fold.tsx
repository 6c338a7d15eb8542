import { type ReactNode, useId } from 'react'
import { Icon } from '~/lib/ui'
import styles from './fold.module.css'

/** A titled part that opens in place. Closed, it is not in the page at all. */
export function Fold({
  title,
  note,
  isOpen,
  onToggle,
  children,
}: {
  title: ReactNode
  note?: ReactNode
  isOpen: boolean
  onToggle: () => void
  children: ReactNode
}) {
  const id = useId()
  return (
    <div className={styles.fold}>
      <button
        type="button"
        className={styles.foldHead}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={onToggle}
      >
        <Icon name={isOpen ? 'down' : 'right'} size={12} />
        <b>{title}</b>
        {note && <span className="soft small">{note}</span>}
      </button>
      {isOpen && (
        <div id={id} className={styles.foldBody}>
          {children}
        </div>
      )}
    </div>
  )
}
