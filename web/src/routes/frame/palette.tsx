import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useDeferredValue, useState } from 'react'
import {
  Autocomplete,
  Dialog,
  Header,
  Input,
  Menu,
  MenuItem,
  MenuSection,
  Modal,
  ModalOverlay,
  SearchField,
} from 'react-aria-components'
import { eventCatalogue, groupList, journeyList, peopleList } from '~/lib/api/queries'
import { setLang, setTheme } from '~/lib/prefs'
import { Icon, type IconName, personLabel } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useQuestions } from '../explore/parts/rooms'
import { matches } from './matches'
import styles from './palette.module.css'

interface Entry {
  id: string
  icon: IconName
  label: string
  note?: ReactNode
  run: () => void
}

/** ⌘K: finds journeys, segments, people, events and actions by any part of their name, by Korean initials too. */
export function Palette({ isOpen, onOpenChange }: { isOpen: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useLingui()
  return (
    <ModalOverlay isDismissable isOpen={isOpen} onOpenChange={onOpenChange} className={styles.veil}>
      <Modal className={styles.modal}>
        <Dialog aria-label={t`Find`} className={styles.dialog}>
          <Finder close={() => onOpenChange(false)} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}

function Finder({ close }: { close: () => void }) {
  const { t } = useLingui()
  const f = useFormat()
  const navigate = useNavigate()
  const [typed, setTyped] = useState('')
  const sought = useDeferredValue(typed.trim())
  const journeys = useQuery(journeyList()).data ?? []
  const events = useQuery(eventCatalogue).data ?? []
  const segments = (useQuery(groupList).data ?? []).filter((group) => group.kind === 'segment')
  const people = useQuery({ ...peopleList({ search: sought }), enabled: sought.length >= 2 }).data?.people ?? []
  const go = (run: () => void) => () => {
    close()
    run()
  }

  const questions = useQuestions().map(
    (question): Entry => ({
      id: question.to,
      icon: question.icon,
      label: question.name,
      note: question.answers,
      run: () => navigate({ to: question.to }),
    }),
  )
  const actions: Entry[] = [
    { id: 'import', icon: 'upload', label: t`Import a file`, run: () => navigate({ to: '/data/sources' }) },
    { id: 'new', icon: 'plus', label: t`New journey`, run: () => navigate({ to: '/journeys/new' }) },
    { id: 'events', icon: 'event', label: t`Events catalogue`, run: () => navigate({ to: '/data/events' }) },
    { id: 'source', icon: 'key', label: t`Sources and keys`, run: () => navigate({ to: '/data/sources' }) },
    { id: 'letters', icon: 'warn', label: t`Dead letters`, run: () => navigate({ to: '/data/dead-letters' }) },
    { id: 'sql', icon: 'table', label: t`Ask in SQL`, run: () => navigate({ to: '/sql' }) },
    { id: 'people', icon: 'people', label: t`People`, run: () => navigate({ to: '/people' }) },
    { id: 'segments', icon: 'people', label: t`Segments`, run: () => navigate({ to: '/segments' }) },
    { id: 'new-segment', icon: 'plus', label: t`New segment`, run: () => navigate({ to: '/segments/new' }) },
    { id: 'light', icon: 'sun', label: t`Theme: light`, run: () => setTheme('light') },
    { id: 'dark', icon: 'moon', label: t`Theme: dark`, run: () => setTheme('dark') },
    f.lang === 'ko'
      ? { id: 'en', icon: 'settings', label: 'English', run: () => setLang('en') }
      : { id: 'ko', icon: 'settings', label: '한국어', run: () => setLang('ko') },
    { id: 'settings', icon: 'settings', label: t`Settings`, run: () => navigate({ to: '/settings' }) },
  ]
  const groups: { title: string; entries: Entry[] }[] = [
    {
      title: t`Journeys`,
      entries: journeys
        .map((journey): Entry => {
          const map = journey.map
          return {
            id: `j:${journey.key}`,
            icon: 'journey',
            label: f.say(journey.name),
            note: f.percent(journey.conversion.value),
            run: () => (map ? navigate({ to: '/maps/$key', params: { key: map } }) : navigate({ to: '/journeys' })),
          }
        })
        .filter((entry) => matches(entry.label, sought)),
    },
    {
      title: t`Segments`,
      entries: segments
        .map(
          (group): Entry => ({
            id: `s:${group.key}`,
            icon: 'people',
            label: f.say(group.name),
            note: group.n_people == null ? undefined : f.whole(group.n_people),
            run: () => navigate({ to: '/segments/$key/edit', params: { key: group.key } }),
          }),
        )
        .filter((entry) => sought !== '' && matches(entry.label, sought))
        .slice(0, 6),
    },
    {
      title: t`People`,
      entries:
        sought.length < 2
          ? []
          : people.slice(0, 6).map((person) => {
              const { name, id } = personLabel(person)
              return {
                id: `p:${person.person}`,
                icon: 'people' as const,
                label: name ?? id,
                note: f.ago(person.last_us),
                run: () => navigate({ to: '/people/$person', params: { person: person.person } }),
              }
            }),
    },
    {
      title: t`Events`,
      entries: events
        .filter((event) => sought !== '' && matches(event.name, sought))
        .slice(0, 6)
        .map((event) => ({
          id: `e:${event.name}`,
          icon: 'event',
          label: event.name,
          note: f.short(event.n_events),
          run: () => navigate({ to: '/data/events', search: { open: event.name } }),
        })),
    },
    { title: t`Questions`, entries: questions.filter((entry) => matches(entry.label, sought)) },
    { title: t`Actions`, entries: actions.filter((entry) => matches(entry.label, sought)) },
  ]
  const shown = groups.filter((group) => group.entries.length > 0)
  return (
    <Autocomplete inputValue={typed} onInputChange={setTyped} filter={() => true}>
      <SearchField aria-label={t`Find`} autoFocus className={styles.field}>
        <Icon name="search" size={18} />
        <Input className={styles.input} placeholder={t`Journeys, people, events, actions`} />
        <kbd className={styles.key}>esc</kbd>
      </SearchField>
      <Menu
        aria-label={t`Results`}
        className={styles.results}
        renderEmptyState={() => (
          <p className={styles.none}>
            <Trans>Nothing has this name. People are found by identifier or name.</Trans>
          </p>
        )}
      >
        {shown.map((group) => (
          <MenuSection key={group.title} id={group.title}>
            <Header className={styles.group}>{group.title}</Header>
            {group.entries.map((entry) => (
              <MenuItem
                key={entry.id}
                id={entry.id}
                textValue={entry.label}
                onAction={go(entry.run)}
                className={styles.entry}
              >
                <Icon name={entry.icon} />
                <span className={styles.label}>{entry.label}</span>
                {entry.note && <span className={styles.note}>{entry.note}</span>}
              </MenuItem>
            ))}
          </MenuSection>
        ))}
      </Menu>
    </Autocomplete>
  )
}
