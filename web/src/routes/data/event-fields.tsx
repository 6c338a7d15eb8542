import { useLingui } from '@lingui/react/macro'
import { useWorkspace } from '~/lib/api/queries'
import type { EventTarget, Mapping, PreviewColumn } from '~/lib/api/types'
import { Checkbox, Combo, type Option, Select, TextField } from '~/lib/ui'
import { zones } from '~/lib/workspace-options'
import styles from './data.module.css'
import { textOf, withEvents, withTime } from './mapping'
import { SourceField } from './source-field'

const formats = ['iso', 'epoch_s', 'epoch_ms', 'epoch_us']
const OWN = 'own'
const DETECT = 'detect'

interface EventFieldsProps {
  columns: PreviewColumn[]
  mapping: Mapping
  events: EventTarget
  onChange: (mapping: Mapping) => void
}

/** Who, when, what, through which channel, for how much. */
export function EventFields({ columns, mapping, events, onChange }: EventFieldsProps) {
  const { t } = useLingui()
  const options: Option[] = columns.map((column) => ({
    key: column.name,
    label: column.name,
    note: column.samples.filter(Boolean).slice(0, 2).join(' · '),
  }))
  const put = (patch: Partial<EventTarget>) => onChange(withEvents(mapping, patch))
  const person = events.person
  return (
    <div className={styles.fields}>
      <SourceField
        label={t`Person`}
        source={person.user_id}
        onChange={(user_id) => put({ person: { ...person, user_id } })}
        columns={options}
        ways={['column', 'template', 'none']}
        hint={t`Customer number, e-mail, phone: what the person is known by.`}
      />
      <SourceField
        label={t`Anonymous person`}
        source={person.anonymous_id}
        onChange={(anonymous_id) => put({ person: { ...person, anonymous_id } })}
        columns={options}
        ways={['none', 'column', 'template']}
        hint={t`Cookie or device. Rows with both join the two.`}
      />
      <Checkbox
        isSelected={person.missing === 'keep'}
        onChange={(keep) => put({ person: { ...person, missing: keep ? 'keep' : 'reject' } })}
      >
        {t`Keep rows without a person, each as somebody unknown`}
      </Checkbox>
      <TimeFields columns={options} mapping={mapping} events={events} onChange={onChange} />
      <SourceField
        label={t`Event`}
        source={events.event}
        onChange={(event) => event !== undefined && put({ event })}
        columns={options}
        ways={['column', 'constant', 'template']}
      />
      <SourceField
        label={t`Channel`}
        source={events.channel}
        onChange={(channel) => put({ channel })}
        columns={options}
        ways={['none', 'column', 'constant', 'template']}
      />
      <SourceField
        label={t`Amount`}
        source={events.amount}
        onChange={(amount) => put({ amount })}
        columns={options}
        ways={['none', 'column', 'product']}
        hint={t`In whole currency units; negative for refunds.`}
      />
      <SourceField
        label={t`Event number`}
        source={events.id?.[0]}
        onChange={(id) => put({ id: id === undefined ? undefined : [id, ...(events.id ?? []).slice(1)] })}
        columns={options}
        ways={['none', 'column', 'template']}
        hint={t`Names the event for ever, so that a corrected file adds nothing twice. Without one, line and content do.`}
      />
      <TextField
        label={t`Key of this mapping`}
        value={mapping.key}
        onChange={(key) => onChange({ ...mapping, key })}
        hint={t`Under this key it can be used again.`}
      />
    </div>
  )
}

function TimeFields({ columns, mapping, events, onChange }: Omit<EventFieldsProps, 'columns'> & { columns: Option[] }) {
  const { t } = useLingui()
  const { zone } = useWorkspace()
  const time = events.time
  const format = time.format ?? DETECT
  const isOwn = format !== DETECT && !formats.includes(format)
  return (
    <div className={styles.source}>
      <Select
        label={t`Time`}
        value={textOf(time) || null}
        placeholder={t`Choose a column`}
        onChange={(column) => onChange(withTime(mapping, { column, constant: null, template: null }))}
        options={columns}
      />
      <div className={styles.pair}>
        <Select
          label={t`Written as`}
          value={isOwn ? OWN : format}
          onChange={(next) =>
            onChange(
              withTime(mapping, { format: next === DETECT ? undefined : next === OWN ? '%Y-%m-%d %H:%M' : next }),
            )
          }
          options={[
            { key: DETECT, label: t`detected` },
            { key: 'iso', label: 'ISO 8601', note: '2025-10-03T14:03:00' },
            { key: 'epoch_s', label: t`Seconds since 1970` },
            { key: 'epoch_ms', label: t`Milliseconds since 1970` },
            { key: 'epoch_us', label: t`Microseconds since 1970` },
            { key: OWN, label: t`Own pattern` },
          ]}
        />
        <Combo
          label={t`Zone`}
          value={time.zone ?? zone}
          onChange={(next) => onChange(withTime(mapping, { zone: next }))}
          options={zones}
        />
      </div>
      {isOwn && (
        <TextField
          label={t`Pattern`}
          code
          value={format}
          onChange={(next) => onChange(withTime(mapping, { format: next }))}
          hint="%Y 2025 · %m 10 · %d 03 · %H 14 · %M 03 · %S 59"
        />
      )}
    </div>
  )
}
