import { type ReactNode, useEffect, useRef, useState } from 'react'
import {
  Checkbox as AriaCheckbox,
  type CheckboxProps as AriaCheckboxProps,
  Input as AriaInput,
  RadioGroup as AriaRadioGroup,
  SearchField as AriaSearchField,
  TextArea as AriaTextArea,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
  Button,
  FieldError,
  Label,
  Radio,
  Text,
} from 'react-aria-components'
import { cx } from './class-names'
import { isComposing } from './composing'
import styles from './field.module.css'
import { Icon } from './icon'

export interface TextFieldProps extends Omit<AriaTextFieldProps, 'className' | 'children'> {
  label: ReactNode
  /** Under the field while it is right. */
  hint?: ReactNode
  /** Makes the field invalid and says why. */
  error?: string | null
  placeholder?: string
  /** Several lines, growing with the text. */
  lines?: number
  /** Fixed-width type, for rules and YAML. */
  code?: boolean
  /** The label is only for screen readers. */
  hideLabel?: boolean
}

export function TextField({ label, hint, error, placeholder, lines, code, hideLabel, ...rest }: TextFieldProps) {
  return (
    <AriaTextField
      {...rest}
      className={styles.field}
      isInvalid={error ? true : rest.isInvalid}
      onKeyDown={(event) => {
        // Stops the form's own submission by the Enter that ends a Korean syllable.
        if (event.key === 'Enter' && isComposing(event)) event.preventDefault()
        else if (rest.onKeyDown) rest.onKeyDown(event)
        // What is looked at here goes no further by itself: Escape has to reach the dialog around.
        else event.continuePropagation()
      }}
    >
      <Label className={hideLabel ? 'sr-only' : styles.label}>{label}</Label>
      {lines ? (
        <AriaTextArea
          rows={lines}
          style={{ minHeight: `calc(${lines} * 20px + 14px)` }}
          placeholder={placeholder}
          className={cx(styles.input, styles.area, code && styles.code)}
        />
      ) : (
        <AriaInput placeholder={placeholder} className={cx(styles.input, code && styles.code)} />
      )}
      {hint && !error && (
        <Text slot="description" className={styles.hint}>
          {hint}
        </Text>
      )}
      <FieldError className={styles.error}>{error ?? undefined}</FieldError>
    </AriaTextField>
  )
}

export interface SearchFieldProps {
  label: string
  value: string
  onChange: (value: string) => void
  placeholder?: string
  autoFocus?: boolean
}

/** A search box; Escape and the cross clear it. */
export function SearchField({ label, placeholder, ...rest }: SearchFieldProps) {
  return (
    <AriaSearchField {...rest} aria-label={label} className={styles.search}>
      <Icon name="search" />
      <AriaInput placeholder={placeholder ?? label} className={styles.searchInput} />
      <Button className={styles.clear}>
        <Icon name="close" size={12} />
      </Button>
    </AriaSearchField>
  )
}

/** How long typing rests before a search is asked, milliseconds. */
const TYPING_REST_MS = 200

/**
 * The state of a search box whose text lives in the URL: shows every key at once, so that an input method is never
 * disturbed, and passes the text on when typing rests.
 */
export function useTyped(value: string, onChange: (value: string) => void) {
  const [typed, setTyped] = useState(value)
  const [shown, setShown] = useState(value)
  const [sent, setSent] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  if (shown !== value) {
    setShown(value)
    // What we sent comes back a moment later, when more may be typed; other changes, such as the back button, win.
    if (value !== sent) setTyped(value)
  }
  return {
    value: typed,
    onChange: (next: string) => {
      setTyped(next)
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        setSent(next)
        onChange(next)
      }, TYPING_REST_MS)
    },
  }
}

export function Checkbox({
  children,
  hint,
  ...rest
}: Omit<AriaCheckboxProps, 'children'> & { children: ReactNode; hint?: ReactNode }) {
  return (
    <AriaCheckbox {...rest} className={styles.checkbox}>
      {({ isSelected, isIndeterminate }) => (
        <>
          <span className={styles.box}>
            {(isSelected || isIndeterminate) && <Icon name={isIndeterminate ? 'minus' : 'check'} size={12} />}
          </span>
          <span>
            {children}
            {hint && <span className={styles.checkHint}>{hint}</span>}
          </span>
        </>
      )}
    </AriaCheckbox>
  )
}

export interface ChoiceProps<Key extends string> {
  label: string
  value: Key
  onChange: (value: Key) => void
  options: { key: Key; label: ReactNode }[]
  hideLabel?: boolean
}

/** A few choices side by side, one of them taken. */
export function Choice<Key extends string>({ label, value, onChange, options, hideLabel }: ChoiceProps<Key>) {
  return (
    <AriaRadioGroup
      value={value}
      onChange={(key) => onChange(key as Key)}
      orientation="horizontal"
      className={styles.field}
    >
      <Label className={hideLabel ? 'sr-only' : styles.label}>{label}</Label>
      <div className={styles.choices}>
        {options.map((option) => (
          <Radio key={option.key} value={option.key} className={styles.choice}>
            {option.label}
          </Radio>
        ))}
      </div>
    </AriaRadioGroup>
  )
}
