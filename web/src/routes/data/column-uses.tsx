import { Trans, useLingui } from '@lingui/react/macro'
import type { EventTarget, Mapping, PreviewColumn } from '~/lib/api/types'
import { Select, Tag } from '~/lib/ui'
import styles from './data.module.css'
import { columnUse, rolesOf, type Use, withUse } from './mapping'

interface ColumnUsesProps {
  columns: PreviewColumn[]
  mapping: Mapping
  events: EventTarget
  onChange: (mapping: Mapping) => void
}

/** Every column of the file: what it looks like and what becomes of it. */
export function ColumnUses({ columns, mapping, events, onChange }: ColumnUsesProps) {
  const { t } = useLingui()
  const kinds: Record<string, string> = { text: t`text`, number: t`number`, bool: t`yes/no`, time: t`time` }
  const roles = {
    person: t`person`,
    time: t`time`,
    event: t`event`,
    channel: t`channel`,
    amount: t`amount`,
    id: t`event number`,
  }
  const setAll = (use: Use) => {
    let next = mapping
    for (const column of columns) if (rolesOf(events, column.name).length === 0) next = withUse(next, column.name, use)
    onChange(next)
  }
  return (
    <div className={styles.uses}>
      <div className={styles.usesHead}>
        <span className="soft small">
          <Trans>Columns of the file</Trans>
        </span>
        <span className={styles.all}>
          <button type="button" onClick={() => setAll('property')}>
            <Trans>keep all</Trans>
          </button>
          <button type="button" onClick={() => setAll('none')}>
            <Trans>keep none</Trans>
          </button>
        </span>
      </div>
      <ul>
        {columns.map((column) => {
          const own = rolesOf(events, column.name)
          const use = columnUse(events, column.name)
          return (
            <li key={column.name} className={styles.column}>
              <div className={styles.columnName}>
                <b>{column.name}</b> <span className="faint small">{kinds[column.kind] ?? column.kind}</span>
                <span className={styles.samples}>
                  {column.samples.filter(Boolean).slice(0, 3).join(' · ') || t`always empty`}
                </span>
              </div>
              <span className={styles.roles}>
                {own.map((role) => (
                  <Tag key={role} tone="real">
                    {roles[role]}
                  </Tag>
                ))}
              </span>
              <div className={styles.use}>
                <Select
                  label={t`What becomes of ${column.name}`}
                  hideLabel
                  small
                  value={use}
                  onChange={(next) => onChange(withUse(mapping, column.name, next as Use))}
                  options={[
                    { key: 'property', label: t`property`, note: t`of the event` },
                    { key: 'trait', label: t`trait`, note: t`of the person` },
                    { key: 'none', label: own.length > 0 ? t`nothing more` : t`left out` },
                  ]}
                />
              </div>
            </li>
          )
        })}
      </ul>
    </div>
  )
}
