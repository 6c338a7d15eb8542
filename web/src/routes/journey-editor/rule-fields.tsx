import { Trans, useLingui } from '@lingui/react/macro'
import type { EventView, Value } from '~/lib/api/types'
import {
  asList,
  type KnownProperty,
  kindOfFilter,
  opsFor,
  propertiesOf,
  readValue,
  valuesOf,
  withChannels,
  withEvents,
  withFilters,
  withOp,
  withProperty,
  withValues,
} from '~/lib/journey/rule'
import type { EventRule, Filter, Op } from '~/lib/journey/types'
import { Button, Combo, Icon, IconButton, Select } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useEvents } from './context'
import { EventPicker } from './event-picker'
import { NumberText, Token, TokenField } from './inputs'
import styles from './rule.module.css'

/** Words of the comparisons. */
export function useOpWords(): Record<Op, string> {
  const { t } = useLingui()
  return {
    is: t`is`,
    is_not: t`is not`,
    contains: t`contains`,
    starts_with: t`starts with`,
    gt: t`is above`,
    gte: t`is at least`,
    lt: t`is below`,
    lte: t`is at most`,
    exists: t`has a value`,
    missing: t`has no value`,
  }
}

/** The volume of an event, or that it never came in. */
export function EventVolume({ name }: { name: string }) {
  const f = useFormat()
  const events = useEvents()
  if (!events) return null
  const event = events.get(name)
  return event ? (
    f.short(event.n_events)
  ) : (
    <span className={styles.never}>
      <Trans>never seen</Trans>
    </span>
  )
}

/** Which events count: names, channels, tests on properties. */
export function RuleFields({
  rule,
  onChange,
}: {
  rule: EventRule
  onChange: (rule: EventRule, gesture?: string) => void
}) {
  const { t } = useLingui()
  const events = useEvents()
  const names = asList(rule.event)
  const channels = asList(rule.channel)
  const filters = rule.where ?? []
  const known = names.flatMap((name) => events?.get(name) ?? [])
  const properties = propertiesOf(known)
  const allChannels = [
    ...new Set((known.length > 0 ? known : [...(events?.values() ?? [])]).flatMap((one) => one.channels)),
  ]
  return (
    <div className={styles.rule}>
      <div className={styles.events}>
        <span className={styles.label}>
          <Trans>Events, any of them</Trans>
        </span>
        <div className={styles.eventTokens}>
          {names.map((name, index) => (
            <Token
              key={`${name}${index}`}
              name={name}
              note={<EventVolume name={name} />}
              tone={events && !events.has(name) ? 'guess' : undefined}
              onRemove={() => onChange(withEvents(rule, names.toSpliced(index, 1)))}
            />
          ))}
          <EventPicker
            label={names.length === 0 ? t`Choose an event` : t`Event`}
            primary={names.length === 0}
            events={events}
            picked={names}
            onPick={(name) =>
              onChange(withEvents(rule, names.includes(name) ? names.filter((one) => one !== name) : [...names, name]))
            }
          />
        </div>
      </div>
      {filters.map((filter, index) => (
        <FilterFields
          key={index}
          filter={filter}
          properties={properties}
          channels={allChannels}
          onChange={(next, gesture) =>
            onChange(withFilters(rule, filters.with(index, next)), gesture && `filter${index}${gesture}`)
          }
          onRemove={() => onChange(withFilters(rule, filters.toSpliced(index, 1)))}
        />
      ))}
      {channels.length > 0 && (
        <TokenField
          label={t`Only by these channels`}
          values={channels}
          options={allChannels.map((channel) => ({ key: channel, label: channel }))}
          onAdd={(channel) => {
            onChange(withChannels(rule, [...channels, channel]))
            return true
          }}
          onRemove={(index) => onChange(withChannels(rule, channels.toSpliced(index, 1)))}
        />
      )}
      <div className={styles.ruleMore}>
        <Button
          size="s"
          variant="quiet"
          onPress={() => onChange(withFilters(rule, [...filters, { property: properties[0]?.key ?? 'amount' }]))}
        >
          <Icon name="plus" size={12} />
          <Trans>Condition on a property</Trans>
        </Button>
        {channels.length === 0 && allChannels.length > 0 && (
          <Button size="s" variant="quiet" onPress={() => onChange(withChannels(rule, [allChannels[0] ?? '']))}>
            <Icon name="plus" size={12} />
            <Trans>Only some channels</Trans>
          </Button>
        )}
      </div>
    </div>
  )
}

/** A test on one property: fields that fit its type, values seen in the data as suggestions. */
export function FilterFields({
  filter,
  properties,
  channels,
  label,
  onChange,
  onRemove,
}: {
  filter: Filter
  properties: KnownProperty[]
  /** Channels of the events; absent: the property is no event's, which has an amount and a channel of its own. */
  channels?: string[]
  /** What the property is called; absent: that. */
  label?: string
  onChange: (filter: Filter, gesture?: string) => void
  /** Absent where it cannot go alone. */
  onRemove?: () => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const words = useOpWords()
  const known = properties.find((property) => property.key === filter.property)
  const kind = kindOfFilter(filter, known)
  const op = filter.op ?? 'is'
  // A comparison the type would not offer, written in YAML, still shows.
  const ops = opsFor(kind).includes(op) ? opsFor(kind) : [...opsFor(kind), op]
  const values = asList<Value>(filter.value)
  const kinds = { text: t`text`, number: t`number`, bool: t`yes/no` }
  const options = [
    ...properties.map((property) => ({
      key: property.key,
      label: property.key,
      note: [kinds[property.kind], property.examples.slice(0, 3).map(String).join(' · ')].filter(Boolean).join(': '),
    })),
    ...(channels
      ? [
          { key: 'amount', label: 'amount', note: t`the event's own amount` },
          { key: 'channel', label: 'channel', note: t`the channel it came by` },
        ]
      : []),
  ].filter((option, at, all) => all.findIndex((one) => one.key === option.key) === at)
  const examples = channels && filter.property === 'channel' ? channels : (known?.examples ?? [])
  const kindFor = (property: string) =>
    kindOfFilter(
      { property },
      properties.find((one) => one.key === property),
    )
  return (
    <fieldset className={styles.filter} aria-label={t`Condition on ${filter.property}`}>
      <Combo
        label={label ?? t`Property`}
        hideLabel
        value={filter.property}
        allowsCustom
        options={options}
        onChange={(property) => onChange(withProperty(filter, property, kindFor(property)), 'property')}
      />
      <Select
        label={t`Comparison`}
        hideLabel
        value={op}
        onChange={(key) => onChange(withOp(filter, key as Op))}
        options={ops.map((key) => ({ key, label: words[key] }))}
      />
      {valuesOf(op) === 'none' ? (
        <span />
      ) : kind === 'bool' ? (
        <Select
          label={t`Value`}
          hideLabel
          value={values[0] === undefined ? null : String(values[0])}
          onChange={(key) => onChange(withValues(filter, [key === 'true']))}
          options={[
            { key: 'true', label: t`yes` },
            { key: 'false', label: t`no` },
          ]}
        />
      ) : valuesOf(op) === 'one' ? (
        <NumberText
          label={t`Value`}
          hideLabel
          value={typeof values[0] === 'number' ? values[0] : null}
          onChange={(number) => onChange(withValues(filter, number === null ? [] : [number]), 'value')}
        />
      ) : (
        <TokenField
          label={t`Values, any of them`}
          hideLabel
          values={values.map(String)}
          placeholder={kind === 'number' ? t`A number` : t`Value, then Enter`}
          options={examples.map((example) => ({
            key: String(example),
            label: String(example),
            note: typeof example === 'number' ? f.whole(example, 2) : undefined,
          }))}
          onAdd={(text) => {
            const value = readValue(text, kind)
            if (value === null) return false
            onChange(withValues(filter, [...values, value]))
            return true
          }}
          onRemove={(index) => onChange(withValues(filter, values.toSpliced(index, 1)))}
        />
      )}
      {onRemove ? (
        <IconButton label={t`Remove the condition on ${filter.property}`} size="s" onPress={onRemove}>
          <Icon name="close" size={12} />
        </IconButton>
      ) : (
        <span />
      )}
    </fieldset>
  )
}

/** Channels of the catalogue, most used first. */
export function channelsOf(events: ReadonlyMap<string, EventView> | null): string[] {
  const count = new Map<string, number>()
  for (const event of events?.values() ?? [])
    for (const channel of event.channels) count.set(channel, (count.get(channel) ?? 0) + event.n_events)
  return [...count].sort((a, b) => b[1] - a[1]).map(([channel]) => channel)
}
