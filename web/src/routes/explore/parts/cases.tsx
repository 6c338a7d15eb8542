import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { documentList } from '~/lib/api/queries'
import { DEFAULT_GAP } from '~/lib/explore/address'
import { Select } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useEvents } from '../../journey-editor/context'
import { EventPicker } from '../../journey-editor/event-picker'
import { DurationField, Token } from '../../journey-editor/inputs'
import { Group } from './controls'
import styles from './explore.module.css'

/** What one case is: a person, a session, or the trip of a journey. */
export function CaseChoice({
  of,
  gap,
  onChange,
}: {
  of: string | undefined
  gap: string | undefined
  onChange: (next: { of?: string; gap?: string }) => void
}) {
  const { t } = useLingui()
  const f = useFormat()
  const journeys = useQuery(documentList('journey')).data ?? []
  return (
    <Group title={t`One case is`}>
      <Select
        label={t`One case is`}
        hideLabel
        value={of ?? 'person'}
        onChange={(key) => onChange({ of: key === 'person' ? undefined : key, gap })}
        options={[
          { key: 'person', label: t`all that a person does` },
          { key: 'session', label: t`a session` },
          ...journeys.map(({ body }) => ({
            key: `j:${body.key}`,
            label: t`a trip: ${'name' in body ? f.say(body.name) : body.key}`,
          })),
        ]}
      />
      {of === 'session' && (
        <DurationField
          label={t`Longest gap`}
          value={gap ?? DEFAULT_GAP}
          onChange={(next) => onChange({ of, gap: next === DEFAULT_GAP ? undefined : next })}
        />
      )}
    </Group>
  )
}

/** Names of events that are noise here. */
export function Hidden({
  hide = [],
  onChange,
}: {
  hide: string[] | undefined
  onChange: (hide: string[] | undefined) => void
}) {
  const { t } = useLingui()
  const events = useEvents()
  const put = (names: string[]) => onChange(names.length > 0 ? names : undefined)
  return (
    <Group title={t`Not shown`}>
      <div className={styles.tokens}>
        {hide.map((name) => (
          <Token key={name} name={name} onRemove={() => put(hide.filter((one) => one !== name))} />
        ))}
        <EventPicker
          label={t`Hide an event`}
          events={events}
          picked={hide}
          onPick={(name) => put(hide.includes(name) ? hide.filter((one) => one !== name) : [...hide, name])}
        />
      </div>
    </Group>
  )
}
