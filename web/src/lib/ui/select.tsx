import { useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import {
  ComboBox as AriaComboBox,
  Input as AriaInput,
  ListBox as AriaListBox,
  Popover as AriaPopover,
  Select as AriaSelect,
  Button,
  FieldError,
  Label,
  ListBoxItem,
  SelectValue,
} from 'react-aria-components'
import { cx } from './class-names'
import field from './field.module.css'
import { Icon } from './icon'
import menu from './menu.module.css'
import styles from './select.module.css'

export interface Option {
  key: string
  label: string
  /** Under the label. */
  note?: ReactNode
  disabled?: boolean
}

export interface SelectProps {
  label: string
  value: string | null
  onChange: (key: string) => void
  options: Option[]
  placeholder?: string
  hideLabel?: boolean
  error?: string | null
  isDisabled?: boolean
  /** As tall as a small button, for rows of tables. */
  small?: boolean
}

function OptionItem({ option }: { option: Option }) {
  return (
    <ListBoxItem id={option.key} textValue={option.label} isDisabled={option.disabled} className={menu.item}>
      {({ isSelected }) => (
        <>
          <span className={menu.mark}>{isSelected && <Icon name="check" />}</span>
          <span className={menu.label}>
            {option.label}
            {option.note && <span className={styles.note}>{option.note}</span>}
          </span>
        </>
      )}
    </ListBoxItem>
  )
}

/** One of a few. */
export function Select({
  label,
  value,
  onChange,
  options,
  placeholder,
  hideLabel,
  error,
  isDisabled,
  small,
}: SelectProps) {
  const { t } = useLingui()
  return (
    <AriaSelect
      value={value}
      onChange={(key) => key !== null && onChange(String(key))}
      isDisabled={isDisabled}
      isInvalid={Boolean(error)}
      placeholder={placeholder ?? t`Choose`}
      className={field.field}
    >
      <Label className={hideLabel ? 'sr-only' : field.label}>{label}</Label>
      <Button className={cx(field.input, styles.trigger, small && styles.small)}>
        <SelectValue className={styles.value}>
          {({ selectedText, defaultChildren }) => selectedText || defaultChildren}
        </SelectValue>
        <Icon name="down" size={12} />
      </Button>
      <FieldError className={field.error}>{error ?? undefined}</FieldError>
      <AriaPopover offset={4} className={cx(menu.popover, menu.select)}>
        <AriaListBox items={options.map((option) => ({ id: option.key, option }))} className={menu.menu}>
          {({ option }) => <OptionItem option={option} />}
        </AriaListBox>
      </AriaPopover>
    </AriaSelect>
  )
}

export interface ComboProps {
  label: string
  value: string
  /** Called with a picked option or, where `allowsCustom`, with any text. */
  onChange: (value: string) => void
  options: Option[]
  placeholder?: string
  hideLabel?: boolean
  allowsCustom?: boolean
  error?: string | null
  hint?: ReactNode
}

/** One of many, found by typing. */
export function Combo({
  label,
  value,
  onChange,
  options,
  placeholder,
  hideLabel,
  allowsCustom,
  error,
  hint,
}: ComboProps) {
  const { t } = useLingui()
  return (
    <AriaComboBox
      defaultItems={options.map((option) => ({ id: option.key, option }))}
      {...(allowsCustom
        ? { inputValue: value, onInputChange: onChange }
        : { value: value || null, onChange: (key) => key !== null && onChange(String(key)) })}
      allowsCustomValue={allowsCustom}
      isInvalid={Boolean(error)}
      menuTrigger="focus"
      className={field.field}
    >
      <Label className={hideLabel ? 'sr-only' : field.label}>{label}</Label>
      <div className={styles.combo}>
        <AriaInput placeholder={placeholder} className={cx(field.input, styles.comboInput)} />
        <Button className={styles.comboButton}>
          <Icon name="down" size={12} />
        </Button>
      </div>
      {hint && !error && <span className={field.hint}>{hint}</span>}
      <FieldError className={field.error}>{error ?? undefined}</FieldError>
      <AriaPopover offset={4} className={cx(menu.popover, menu.select)}>
        <AriaListBox
          className={menu.menu}
          renderEmptyState={() => <div className={menu.empty}>{t`Nothing found`}</div>}
        >
          {({ option }: { option: Option }) => <OptionItem option={option} />}
        </AriaListBox>
      </AriaPopover>
    </AriaComboBox>
  )
}
