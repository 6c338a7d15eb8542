import { useLingui } from '@lingui/react/macro'
import { type ReactNode, useState } from 'react'
import {
  ComboBox as AriaComboBox,
  Input as AriaInput,
  ListBox as AriaListBox,
  Popover as AriaPopover,
  FieldError,
  Label,
  ListBoxItem,
} from 'react-aria-components'
import { type DurationUnit, splitDuration } from '~/lib/journey/duration'
import { cx, Icon, IconButton, isComposing, Select, TextField } from '~/lib/ui'
import field from '~/lib/ui/field.module.css'
import menu from '~/lib/ui/menu.module.css'
import styles from './fields.module.css'

/** A length of time as a number and a unit. Cleared, it is none. */
export function DurationField({
  label,
  value,
  onChange,
  hint,
  placeholder,
  hideLabel,
  unit: firstUnit = 'd',
}: {
  label: string
  hideLabel?: boolean
  value: string | null | undefined
  onChange: (value: string | undefined) => void
  hint?: ReactNode
  placeholder?: string
  unit?: DurationUnit
}) {
  const { t } = useLingui()
  const split = value ? splitDuration(value) : null
  const [unit, setUnit] = useState<DurationUnit>(firstUnit)
  const shownUnit = split?.unit ?? unit
  // What the form's units cannot say (`45s`, or a slip of the YAML) stays as it was written.
  const [typed, setTyped] = useState<string | null>(null)
  const text = typed ?? (split ? String(split.count) : (value ?? ''))
  const isWrong = text !== '' && !split
  const units = { m: t`minutes`, h: t`hours`, d: t`days`, w: t`weeks` }
  return (
    <div className={styles.duration} data-bare={hideLabel || undefined}>
      <TextField
        label={label}
        hideLabel={hideLabel}
        value={text}
        inputMode="numeric"
        placeholder={placeholder}
        hint={hint}
        error={isWrong && typed !== null ? t`A whole number above zero` : null}
        onChange={(next) => {
          const digits = next.trim()
          setTyped(next)
          if (digits === '') onChange(undefined)
          else if (/^[1-9]\d{0,5}$/.test(digits)) onChange(`${digits}${shownUnit}`)
        }}
        onBlur={() => setTyped(null)}
      />
      <Select
        label={t`${label}: unit`}
        hideLabel
        value={shownUnit}
        onChange={(key) => {
          setUnit(key as DurationUnit)
          if (split) onChange(`${split.count}${key}`)
        }}
        options={(['m', 'h', 'd', 'w'] as const).map((key) => ({ key, label: units[key] }))}
      />
    </div>
  )
}

/** The largest count a document can hold. */
const COUNT_MAX = 4_294_967_295

/** A number that may be half typed. */
export function NumberText({
  label,
  value,
  onChange,
  hideLabel,
  least,
}: {
  label: string
  value: number | null
  onChange: (value: number | null) => void
  hideLabel?: boolean
  /** Whole numbers only, from this one on; what is none is not passed on. */
  least?: number
}) {
  const { t } = useLingui()
  const [typed, setTyped] = useState<string | null>(null)
  const text = typed ?? (value === null ? '' : String(value))
  const read = (next: string) => (next.trim() === '' ? null : Number(next.replace(/,/g, '')))
  const isCount = least !== undefined
  const fits = (number: number | null) =>
    isCount
      ? number !== null && Number.isInteger(number) && number >= least && number <= COUNT_MAX
      : number === null || Number.isFinite(number)
  const isWrong = !fits(read(text))
  return (
    <TextField
      label={label}
      hideLabel={hideLabel}
      value={text}
      inputMode="decimal"
      error={isWrong ? (isCount ? t`A whole number from ${least}` : t`A number`) : null}
      onChange={(next) => {
        setTyped(next)
        const number = read(next)
        if (fits(number)) onChange(number)
      }}
      onBlur={() => (isCount || !isWrong) && setTyped(null)}
    />
  )
}

export interface TokenOption {
  key: string
  label: string
  note?: string
}

/** Several values as tokens, chosen from a list or typed. Enter or leaving the field takes what was typed. */
export function TokenField({
  label,
  hideLabel,
  values,
  options,
  placeholder,
  nameOf = (value) => value,
  onlyListed,
  onAdd,
  onRemove,
}: {
  label: string
  hideLabel?: boolean
  values: string[]
  options: TokenOption[]
  placeholder?: string
  nameOf?: (value: string) => string
  /** Only what the list has, not any text. */
  onlyListed?: boolean
  /** `false` when the text is no value. */
  onAdd: (value: string) => boolean
  onRemove: (index: number) => void
}) {
  const { t } = useLingui()
  const [text, setText] = useState('')
  const [refused, setRefused] = useState(false)
  const take = (value: string) => {
    const trimmed = value.trim()
    if (trimmed === '') return
    const isTaken = values.includes(trimmed) || onAdd(trimmed)
    setRefused(!isTaken)
    if (isTaken) setText('')
  }
  const takeTyped = () => {
    const listed = options.find((option) => option.key === text.trim() || option.label === text.trim())
    if (listed) take(listed.key)
    else if (!onlyListed) take(text)
    else setText('')
  }
  return (
    <div className={styles.tokens}>
      <AriaComboBox
        inputValue={text}
        onInputChange={(next) => {
          setText(next)
          if (next !== text) setRefused(false)
        }}
        isInvalid={refused}
        value={null}
        onChange={(key) => key !== null && take(String(key))}
        defaultItems={options
          .filter((option) => !values.includes(option.key))
          .map((option) => ({ id: option.key, option }))}
        allowsCustomValue
        menuTrigger="focus"
        onBlur={takeTyped}
        className={field.field}
      >
        <Label className={hideLabel ? 'sr-only' : field.label}>{label}</Label>
        <div className={styles.tokenBox}>
          {values.map((value, index) => (
            <Token key={value} onRemove={() => onRemove(index)} name={nameOf(value)} />
          ))}
          <AriaInput
            className={styles.tokenInput}
            placeholder={values.length === 0 ? placeholder : undefined}
            onKeyDown={(event) => {
              if (isComposing(event)) return
              if (event.key === 'Enter' && !event.currentTarget.getAttribute('aria-activedescendant')) {
                event.preventDefault()
                takeTyped()
              } else if (event.key === 'Backspace' && text === '' && values.length > 0) onRemove(values.length - 1)
            }}
          />
        </div>
        <FieldError className={field.error}>{refused ? t`A number` : undefined}</FieldError>
        <AriaPopover offset={4} className={cx(menu.popover, menu.select)}>
          <AriaListBox
            className={menu.menu}
            renderEmptyState={() => <div className={menu.empty}>{t`Press Enter to take what you typed`}</div>}
          >
            {({ option }: { option: TokenOption }) => (
              <ListBoxItem id={option.key} textValue={option.label} className={menu.item}>
                <span className={menu.label}>{option.label}</span>
                {option.note && <span className={menu.note}>{option.note}</span>}
              </ListBoxItem>
            )}
          </AriaListBox>
        </AriaPopover>
      </AriaComboBox>
    </div>
  )
}

/** One value with its cross. */
export function Token({
  name,
  note,
  tone,
  onRemove,
}: {
  name: string
  note?: ReactNode
  tone?: 'guess'
  onRemove: () => void
}) {
  const { t } = useLingui()
  return (
    <span className={styles.token} data-tone={tone}>
      <span className={styles.tokenName}>{name}</span>
      {note && <span className={styles.tokenNote}>{note}</span>}
      <IconButton label={t`Remove ${name}`} size="s" className={styles.tokenCross} onPress={onRemove}>
        <Icon name="close" size={12} />
      </IconButton>
    </span>
  )
}
