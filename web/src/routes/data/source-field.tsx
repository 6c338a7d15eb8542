import { useLingui } from '@lingui/react/macro'
import type { Source } from '~/lib/api/types'
import { type Option, Select, TextField } from '~/lib/ui'
import styles from './data.module.css'
import { factorsOf, sourceOf, textOf, type Way, wayOf } from './mapping'

export interface SourceFieldProps {
  label: string
  source: Source | null | undefined
  onChange: (source: Source | undefined) => void
  columns: Option[]
  /** The ways offered, in order. With `none` the value may be left out. */
  ways: Way[]
  hint?: string
}

/** Where one value of the event comes from: a column, a fixed text, a template, a product of two columns. */
export function SourceField({ label, source, onChange, columns, ways, hint }: SourceFieldProps) {
  const { t } = useLingui()
  const way = wayOf(source)
  const names: Record<Way, string> = {
    none: t`none`,
    column: t`column`,
    constant: t`fixed text`,
    template: t`template`,
    product: t`product`,
    other: t`by rule`,
  }
  const first = columns[0]?.key ?? ''
  const [a, b] = factorsOf(source)
  const offered = way === 'other' ? [...ways, way] : ways
  return (
    <div className={styles.source}>
      <div className={styles.sourceLabel}>
        <span>{label}</span>
        {offered.length > 1 && (
          <Select
            label={t`How ${label} is found`}
            hideLabel
            small
            value={way}
            onChange={(next) => {
              const text = next === 'constant' || next === 'template' ? (way === 'column' ? '' : textOf(source)) : first
              onChange(sourceOf(next as Way, text, [first, columns[1]?.key ?? first]))
            }}
            options={offered.map((one) => ({ key: one, label: names[one] }))}
          />
        )}
      </div>
      {way === 'column' && (
        <Select
          label={label}
          hideLabel
          value={textOf(source)}
          onChange={(column) => onChange(column)}
          options={columns}
        />
      )}
      {way === 'none' && !ways.includes('none') && (
        <Select
          label={label}
          hideLabel
          value={null}
          onChange={(column) => onChange(column)}
          options={columns}
          placeholder={t`Choose a column`}
        />
      )}
      {(way === 'constant' || way === 'template') && (
        <TextField
          label={label}
          hideLabel
          value={textOf(source)}
          onChange={(text) => onChange(sourceOf(way, text))}
          placeholder={way === 'template' ? '{column_a} {column_b}' : undefined}
          code={way === 'template'}
        />
      )}
      {way === 'product' && (
        <div className={styles.factors}>
          <Select
            label={t`First factor`}
            hideLabel
            value={a}
            onChange={(next) => onChange(sourceOf('product', '', [next, b]))}
            options={columns}
          />
          <span className="soft">×</span>
          <Select
            label={t`Second factor`}
            hideLabel
            value={b}
            onChange={(next) => onChange(sourceOf('product', '', [a, next]))}
            options={columns}
          />
        </div>
      )}
      {hint && <p className="faint small">{hint}</p>}
    </div>
  )
}
