import { useLingui } from '@lingui/react/macro'
import type { EventRule } from '~/lib/api/types'
import { asList, propertiesOf } from '~/lib/journey/rule'
import { type Option, Select } from '~/lib/ui'
import { useEvents } from '../../journey-editor/context'

const NONE = '*'

/** The property people are told apart by: the channel, or what the events of a rule carry. */
export function BreakdownPicker({
  rule,
  value,
  withEvent,
  label,
  none,
  numbersOnly,
  onChange,
}: {
  rule: EventRule | undefined
  value: string | undefined
  /** Something is always told apart: offers the event's name instead of nothing. */
  withEvent?: boolean
  /** Shown above; without it the label is only for screen readers. */
  label?: string
  /** What nothing chosen means. */
  none?: string
  /** Only properties that are numbers. */
  numbersOnly?: boolean
  onChange: (property: string | undefined) => void
}) {
  const { t } = useLingui()
  const events = useEvents()
  const named = asList(rule?.event)
  // Without a rule any property may do; with one only what its events carry.
  const known =
    named.length === 0 && withEvent ? [...(events?.values() ?? [])] : named.flatMap((name) => events?.get(name) ?? [])
  const options: Option[] = [
    ...(withEvent ? [{ key: 'event', label: t`Event` }] : [{ key: NONE, label: none ?? t`Nobody told apart` }]),
    ...(numbersOnly ? [] : [{ key: 'channel', label: t`Channel` }]),
    ...propertiesOf(known)
      .filter((property) => property.key !== 'channel' && (!numbersOnly || property.kind === 'number'))
      .map((property) => ({
        key: property.key,
        label: property.key,
        note: property.examples.slice(0, 3).map(String).join(' · '),
      })),
  ]
  if (value && !options.some((option) => option.key === value)) options.push({ key: value, label: value })
  return (
    <Select
      label={label ?? t`Break down by`}
      hideLabel={label === undefined}
      value={value ?? NONE}
      onChange={(key) => onChange(key === NONE ? undefined : key)}
      options={options}
    />
  )
}
