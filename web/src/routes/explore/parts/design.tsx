import { Trans, useLingui } from '@lingui/react/macro'
import { Button as AriaButton, DialogTrigger } from 'react-aria-components'
import { PLACES_MAX, type Place } from '~/lib/explore/address'
import { placeName } from '~/lib/explore/conformance'
import { asList } from '~/lib/journey/rule'
import { Checkbox, Icon, IconButton, Menu, MenuItem, MenuTrigger, Popover, TextField } from '~/lib/ui'
import { useEvents } from '../../journey-editor/context'
import { EventPicker } from '../../journey-editor/event-picker'
import { Token } from '../../journey-editor/inputs'
import styles from './explore.module.css'

/** The places of a design in their order: each some events, to name, move, loosen and take out. */
export function Design({ places, onChange }: { places: Place[]; onChange: (places: Place[]) => void }) {
  const { t } = useLingui()
  const events = useEvents()
  const move = (from: number, to: number) =>
    onChange(places.toSpliced(from, 1).toSpliced(to, 0, ...places.slice(from, from + 1)))
  return (
    <>
      <ol className={styles.steps} aria-label={t`Places`}>
        {places.map((place, index) => (
          <li key={index} className={styles.step}>
            <PlacePress place={place} number={index + 1} onChange={(next) => onChange(places.with(index, next))} />
            <MenuTrigger>
              <IconButton label={t`Place ${index + 1}: move or remove`} size="s">
                <Icon name="more" />
              </IconButton>
              <Menu
                disabledKeys={[...(index === 0 ? ['up'] : []), ...(index === places.length - 1 ? ['down'] : [])]}
                onAction={(key) => {
                  if (key === 'up') move(index, index - 1)
                  else if (key === 'down') move(index, index + 1)
                  else onChange(places.toSpliced(index, 1))
                }}
              >
                <MenuItem id="up" icon="up">
                  {t`Move up`}
                </MenuItem>
                <MenuItem id="down" icon="down">
                  {t`Move down`}
                </MenuItem>
                <MenuItem id="remove" icon="trash" danger>
                  {t`Remove`}
                </MenuItem>
              </Menu>
            </MenuTrigger>
          </li>
        ))}
      </ol>
      {places.length < PLACES_MAX && (
        <div className={styles.adds}>
          <EventPicker
            label={places.length === 0 ? t`Choose the first place` : t`Place`}
            events={events}
            picked={[]}
            closes
            onPick={(event) => onChange([...places, { event, repeats: true }])}
          />
        </div>
      )}
    </>
  )
}

/** A place as a button that opens what it is. */
function PlacePress({ place, number, onChange }: { place: Place; number: number; onChange: (place: Place) => void }) {
  const { t } = useLingui()
  const events = useEvents()
  const names = asList(place.event)
  const label = t`Place ${number}`
  const put = (next: string[]) =>
    next.length > 0 && onChange({ ...place, event: next.length === 1 && next[0] ? next[0] : next })
  const marks = [place.optional && t`optional`, place.repeats && t`may repeat`].filter(Boolean)
  return (
    <DialogTrigger>
      <AriaButton className={styles.stepPress}>
        <span className={styles.number}>
          <span className="sr-only">{label} </span>
          <span aria-hidden="true">{number}</span>
        </span>
        <span className={styles.stepText}>
          <span className={styles.stepName}>{placeName(place)}</span>
          {place.name !== undefined && <span className={styles.stepWhere}>{names.join(' · ')}</span>}
          {marks.length > 0 && <span className={styles.stepWhere}>{marks.join(' · ')}</span>}
        </span>
      </AriaButton>
      <Popover label={label} placement="right top" className={styles.rulePopover}>
        <div className={styles.ruleBody}>
          <h3>{label}</h3>
          <TextField
            label={t`Name`}
            defaultValue={place.name ?? ''}
            placeholder={names.join(' · ')}
            onBlur={(event) => {
              const name = (event.target as HTMLInputElement).value.trim()
              if (name !== (place.name ?? '')) onChange({ ...place, name: name || undefined })
            }}
          />
          <div className={styles.tokens}>
            {names.map((name) => (
              <Token key={name} name={name} onRemove={() => put(names.filter((one) => one !== name))} />
            ))}
            <EventPicker
              label={t`Event`}
              events={events}
              picked={names}
              onPick={(name) => put(names.includes(name) ? names.filter((one) => one !== name) : [...names, name])}
            />
          </div>
          <Checkbox
            isSelected={place.optional === true}
            onChange={(on) => onChange({ ...place, optional: on || undefined })}
          >
            <Trans>A case may do without</Trans>
          </Checkbox>
          <Checkbox
            isSelected={place.repeats === true}
            onChange={(on) => onChange({ ...place, repeats: on || undefined })}
          >
            <Trans>May come again right after itself</Trans>
          </Checkbox>
        </div>
      </Popover>
    </DialogTrigger>
  )
}
