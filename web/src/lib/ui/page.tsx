import { type ReactNode, useEffect } from 'react'
import { cx } from './class-names'
import styles from './page.module.css'

export interface PageHeadProps {
  /** Where the page belongs, such as a link to the room. */
  crumb?: ReactNode
  title: ReactNode
  /** For the browser's tab, where `title` is not a text. */
  tabTitle?: string
  /** Softly after the title: state, version. */
  note?: ReactNode
  /** Chips and buttons that rule the page. */
  tools?: ReactNode
}

/** The head of every page: where I am, what this is, and what rules its numbers. */
export function PageHead({ crumb, title, tabTitle, note, tools }: PageHeadProps) {
  const tab = tabTitle ?? (typeof title === 'string' ? title : '')
  useEffect(() => {
    document.title = tab ? `${tab} · 길목` : '길목'
  }, [tab])
  return (
    <header className={styles.head}>
      <div className={styles.where}>
        {crumb && <span className={styles.crumb}>{crumb}</span>}
        <h1 className={styles.title}>{title}</h1>
        {note && <span className={styles.note}>{note}</span>}
      </div>
      {tools && <div className={styles.tools}>{tools}</div>}
    </header>
  )
}

/** The body of a page at its reading width; `wide` lets it fill the window. */
export function Page({ wide, children }: { wide?: boolean; children: ReactNode }) {
  return <div className={cx(styles.page, wide && styles.wide)}>{children}</div>
}

/** A titled part of a page. */
export function Section({
  title,
  note,
  tools,
  children,
}: {
  title: ReactNode
  note?: ReactNode
  tools?: ReactNode
  children: ReactNode
}) {
  return (
    <section className={styles.section}>
      <div className={styles.sectionHead}>
        <h2>{title}</h2>
        {note && <span className={styles.note}>{note}</span>}
        {tools && <div className={styles.tools}>{tools}</div>}
      </div>
      {children}
    </section>
  )
}
