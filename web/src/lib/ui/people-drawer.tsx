import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react'
import { PEOPLE_PER_PAGE, peopleOf } from '../api/queries'
import type { AskPeople, PersonView, Scope, Select } from '../api/types'
import { useFormat } from '../use-format'
import { Button } from './button'
import { Drawer } from './overlay'
import styles from './people-drawer.module.css'
import { type PeopleOrder, PeopleTools } from './people-tools'
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
  const [asked, setAsked] = useState<{ asked: PeopleAsked; serial: number } | null>(null)
  const [open, setOpen] = useState(false)
  const show = useCallback((next: PeopleAsked) => {
    setAsked((last) => ({ asked: next, serial: (last?.serial ?? 0) + 1 }))
    setOpen(true)
  }, [])
  return (
    <Context value={show}>
      {children}
      {/* Another number is another list: neither its order nor its pages carry over. */}
      {asked && <PeopleDrawer key={asked.serial} asked={asked.asked} isOpen={open} onOpenChange={setOpen} />}
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
  const { t } = useLingui()
  const [n, setPages] = useState(1)
  const [order, setOrder] = useState<PeopleOrder>({})
  const ask = { of: asked.of, scope: asked.scope ?? {}, ...order }
  const first = useQuery({ ...peopleOf(ask, 0), enabled: isOpen, placeholderData: keepPreviousData })
  const total = first.data?.n_people ?? asked.count
  const hasEntered = order.sort === 'entered' || first.data?.people.some((person) => person.entered_us != null) === true
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
          {first.data && first.data.n_people > 0 && (
            <PeopleTools
              ask={ask}
              title={asked.title}
              order={order}
              onOrder={(next) => {
                setOrder(next)
                setPages(1)
              }}
              hasEntered={hasEntered}
              close={close}
            />
          )}
          <ul className={styles.list} aria-label={t`People`} aria-busy={first.isPlaceholderData}>
            {Array.from({ length: n }, (_, page) => (
              <PageOfPeople key={page} ask={ask} offset={page * PEOPLE_PER_PAGE} close={close} />
            ))}
          </ul>
          {total !== undefined && total > n * PEOPLE_PER_PAGE && !first.error && (
            <Button onPress={() => setPages(n + 1)} className={styles.more}>
              <Trans>Show more</Trans>
            </Button>
          )}
        </>
      )}
    </Drawer>
  )
}

function PageOfPeople({ ask, offset, close }: { ask: AskPeople; offset: number; close: () => void }) {
  const { data, isPending } = useQuery({ ...peopleOf(ask, offset), placeholderData: keepPreviousData })
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
      <Row person={person} ofEntry={ask.sort === 'entered'} close={close} />
    </li>
  ))
}

function Row({ person, ofEntry, close }: { person: PersonView; ofEntry: boolean; close: () => void }) {
  const f = useFormat()
  return (
    <Link to="/people/$person" params={{ person: person.person }} className={styles.row} onClick={close}>
      <span className={styles.top}>
        <PersonName person={person} />
        <When person={person} ofEntry={ofEntry} />
      </span>
      <span className={styles.top}>
        <TraitLine traits={person.traits} />
        <span className={styles.when}>
          <Plural value={person.n_events} one="# event" other="# events" />
          {person.amount !== 0 && ` · ${f.moneyShort(person.amount)}`}
        </span>
      </span>
    </Link>
  )
}

/** When somebody was last seen, or entered where the list is sorted by that. */
function When({ person, ofEntry }: { person: PersonView; ofEntry: boolean }) {
  const f = useFormat()
  const at = ofEntry ? person.entered_us : person.last_us
  const when = f.ago(at)
  return (
    <span className={styles.when} title={at == null ? undefined : f.moment(at)}>
      {at == null ? '–' : ofEntry ? <Trans>Entered {when}</Trans> : when}
    </span>
  )
}
