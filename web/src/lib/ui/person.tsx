import { Trans } from '@lingui/react/macro'
import type { PersonView } from '../api/types'
import { cx } from './class-names'
import styles from './person.module.css'

const nameTraits = ['name', 'full_name', 'display_name', '이름', 'first_name']

/** What to call a person: a name trait, an identifier, or "Anonymous" with the start of the key. */
export function personLabel(person: PersonView): { name: string | null; id: string } {
  const trait = nameTraits.map((key) => person.traits[key]).find((value) => typeof value === 'string' && value !== '')
  const id = person.user_id ?? person.anonymous_ids[0] ?? person.person.slice(0, 8)
  return { name: trait === undefined ? (person.user_id ?? null) : String(trait), id }
}

export function PersonName({ person, strong = true }: { person: PersonView; strong?: boolean }) {
  const { name, id } = personLabel(person)
  return (
    <span className={cx(styles.name, strong && styles.strong)}>
      {name ?? (
        <>
          <Trans>Anonymous</Trans> <span className={styles.id}>{id.slice(0, 12)}</span>
        </>
      )}
    </span>
  )
}

/** How a trait's or property's value is written. */
export const valueText = (value: unknown): string => (typeof value === 'boolean' ? (value ? '✓' : '✗') : String(value))

/** The first traits in one soft line. A mark without its name says nothing: what is so says its name, what is not is left out. */
export function TraitLine({ traits, most = 3 }: { traits: Record<string, unknown>; most?: number }) {
  const shown = Object.entries(traits).filter(
    ([key, value]) => !nameTraits.includes(key) && value !== '' && value !== false,
  )
  return (
    <span className={styles.traits}>
      {shown.slice(0, most).map(([key, value]) => (
        <span key={key} title={key}>
          {value === true ? key : valueText(value)}
        </span>
      ))}
    </span>
  )
}
