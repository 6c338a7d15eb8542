import { Plural, Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import { PEOPLE_PER_PAGE, peopleOf } from '../api/queries'
import type { Scope, Select } from '../api/types'
import { useFormat } from '../use-format'
import { Button } from './button'
import { Drawer } from './overlay'
import styles from './people-drawer.module.css'
import { PersonName, TraitLine } from './person'
import { Empty, Failed, Loading, Skeleton } from './states'

export interface PeopleAsked {
  of: Select
  /** The question's own where there is none. */
  scope?: Scope
  /** The number they stand behind. */
  title: string
  count?: number
}

const Context = createContext<(asked: PeopleAsked) => void>(() => {})

/** Opens the drawer with the people behind a number. */
export const usePeopleDrawer = () => useContext(Context)

/** Holds the one people drawer of the app; mounted by the frame. */
export function PeopleDrawerHost({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<PeopleAsked | null>(null)
  const [open, setOpen] = useState(false)
  const show = useCallback((next: PeopleAsked) => {
    setAsked(next)
    setOpen(true)
  }, [])
  return (
    <Context value={show}>
      {children}
      {asked && <PeopleDrawer asked={asked} isOpen={open} onOpenChange={setOpen} />}
    </Context>
  )
}

function PeopleDrawer({
  asked,
  isOpen,
  onOpenChange,
}: {
  asked: PeopleAsked
  isOpen: boolean
  onOpenChange: (open: boolean) => void
}) {
  const [pages, setPages] = useState({ asked, n: 1 })
  const n = pages.asked === asked ? pages.n : 1
  const offsets = useMemo(() => Array.from({ length: n }, (_, page) => page * PEOPLE_PER_PAGE), [n])
  const first = useQuery({ ...peopleOf(asked.of, asked.scope ?? {}, 0), enabled: isOpen })
  const total = first.data?.n_people ?? asked.count
  return (
    <Drawer
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={asked.title}
      note={total !== undefined && <Plural value={total} one="# person" other="# people" />}
    >
      {(close) => (
        <>
          {first.error && <Failed error={first.error} retry={() => first.refetch()} compact />}
          {first.data?.n_people === 0 && (
            <Empty icon="people" compact title={<Trans>Nobody stands behind this number</Trans>} />
          )}
          <ul className={styles.list}>
            {offsets.map((offset) => (
              <PageOfPeople key={offset} asked={asked} offset={offset} close={close} />
            ))}
          </ul>
          {total !== undefined && total > n * PEOPLE_PER_PAGE && !first.error && (
            <Button onPress={() => setPages({ asked, n: n + 1 })} className={styles.more}>
              <Trans>Show more</Trans>
            </Button>
          )}
        </>
      )}
    </Drawer>
  )
}

function PageOfPeople({ asked, offset, close }: { asked: PeopleAsked; offset: number; close: () => void }) {
  const f = useFormat()
  const { data, isPending } = useQuery(peopleOf(asked.of, asked.scope ?? {}, offset))
  if (isPending)
    return (
      <li>
        <Loading>
          {[0, 1, 2, 3, 4, 5].map((row) => (
            <div key={row} className={styles.row}>
              <Skeleton width="40%" height="14px" />
              <Skeleton width="65%" height="11px" />
            </div>
          ))}
        </Loading>
      </li>
    )
  return data?.people.map((person) => (
    <li key={person.person}>
      <Link to="/people/$person" params={{ person: person.person }} className={styles.row} onClick={close}>
        <span className={styles.top}>
          <PersonName person={person} />
          <span className={styles.when}>{f.ago(person.last_us)}</span>
        </span>
        <span className={styles.top}>
          <TraitLine traits={person.traits} />
          <span className={styles.when}>
            <Plural value={person.n_events} one="# event" other="# events" />
            {person.amount !== 0 && ` · ${f.moneyShort(person.amount)}`}
          </span>
        </span>
      </Link>
    </li>
  ))
}
