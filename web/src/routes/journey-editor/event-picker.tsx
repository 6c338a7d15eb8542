import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useDeferredValue, useState } from 'react'
import {
  Button as AriaButton,
  Autocomplete,
  DialogTrigger,
  Input,
  ListBox,
  ListBoxItem,
  SearchField,
} from 'react-aria-components'
import type { EventView } from '~/lib/api/types'
import { ChannelMark, channelColor, cx, Icon, Popover } from '~/lib/ui'
import buttons from '~/lib/ui/button.module.css'
import field from '~/lib/ui/field.module.css'
import menu from '~/lib/ui/menu.module.css'
import { useFormat } from '~/lib/use-format'
import { matches } from '../frame/matches'
import styles from './event-picker.module.css'
import ruleStyles from './rule.module.css'

/** Rows drawn at once; the search narrows the rest. */
const SHOWN_MAX = 80

interface Shown {
  id: string
  event: EventView | null
}

/** A button that opens the catalogue: search, volumes, and any name that was never seen. */
export function EventPicker({
  label,
  primary,
  events,
  picked,
  onPick,
  closes,
  id,
}: {
  label: string
  primary?: boolean
  events: ReadonlyMap<string, EventView> | null
  picked: string[]
  /** Called with the name pressed: to take, or to take away when it is picked. */
  onPick: (event: string) => void
  /** After the first one. */
  closes?: boolean
  id?: string
}) {
  const { t } = useLingui()
  return (
    <DialogTrigger>
      <AriaButton id={id} className={cx(buttons.button, primary ? buttons.plain : buttons.quiet, buttons.s)}>
        <Icon name="plus" size={12} />
        {label}
      </AriaButton>
      <Popover label={t`Choose events`} className={styles.picker} placement="bottom start">
        {(close) => (
          <EventList
            events={events}
            picked={picked}
            onPick={(event) => {
              onPick(event)
              if (closes) close()
            }}
          />
        )}
      </Popover>
    </DialogTrigger>
  )
}

/** The catalogue by volume, found by any part of a name, channel or property; by Korean initials too. */
export function EventList({
  events,
  picked,
  onPick,
}: {
  events: ReadonlyMap<string, EventView> | null
  picked: string[]
  onPick: (event: string) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const [typed, setTyped] = useState('')
  const sought = useDeferredValue(typed.trim())
  const all = [...(events?.values() ?? [])].sort((a, b) => b.n_events - a.n_events)
  const found = all.filter((event) => matches([event.name, ...event.channels].join(' '), sought))
  const shown: Shown[] = found.slice(0, SHOWN_MAX).map((event) => ({ id: event.name, event }))
  if (sought !== '' && !events?.has(sought)) shown.push({ id: sought, event: null })
  return (
    <Autocomplete inputValue={typed} onInputChange={setTyped} filter={() => true}>
      <SearchField aria-label={t`Find an event`} autoFocus className={field.search}>
        <Icon name="search" />
        <Input className={field.searchInput} placeholder={t`Find an event`} />
      </SearchField>
      <ListBox
        aria-label={t`Events`}
        items={shown}
        dependencies={[picked]}
        selectionMode="multiple"
        escapeKeyBehavior="none"
        selectedKeys={picked}
        onSelectionChange={(keys) => {
          if (keys === 'all') return
          const after = new Set([...keys].map(String))
          const changed = [...after].find((key) => !picked.includes(key)) ?? picked.find((key) => !after.has(key))
          if (changed === undefined) return
          onPick(changed)
          // Ready for the next search; Escape, which clears first, closes at once.
          setTyped('')
        }}
        className={styles.pickerList}
        renderEmptyState={() => (
          <p className={menu.empty}>
            {events?.size === 0 ? (
              <Trans>No events have come in yet. Type the name your data will have.</Trans>
            ) : (
              <Trans>No event matches</Trans>
            )}
          </p>
        )}
      >
        {({ id, event }) => (
          <ListBoxItem id={id} textValue={id} className={cx(menu.item, styles.pickerItem)}>
            {({ isSelected }) => (
              <>
                <span className={menu.mark}>{isSelected && <Icon name="check" />}</span>
                {event ? (
                  <>
                    <span className={styles.pickerName}>
                      {id}
                      {event.channels.length > 0 && (
                        <span className={styles.pickerChannels}>
                          {event.channels.slice(0, 3).map((channel) => (
                            <span key={channel}>
                              <ChannelMark color={channelColor(channel)} /> {channel}
                            </span>
                          ))}
                        </span>
                      )}
                    </span>
                    <span className={styles.pickerCount}>
                      <b>{f.short(event.n_events)}</b>
                      <span>
                        <Plural value={event.n_people} one="# person" other="# people" />
                      </span>
                    </span>
                  </>
                ) : (
                  <>
                    <span className={styles.pickerName}>
                      <Trans>Use “{id}”</Trans>
                    </span>
                    <span className={ruleStyles.never}>
                      <Trans>never seen</Trans>
                    </span>
                  </>
                )}
              </>
            )}
          </ListBoxItem>
        )}
      </ListBox>
    </Autocomplete>
  )
}
