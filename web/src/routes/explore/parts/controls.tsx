import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { type ReactNode, useState } from 'react'
import { GRAINS, type Grain } from '~/lib/explore/address'
import { Choice } from '~/lib/ui'
import { Fold } from '../../journey-editor/fold'
import { useGrainNames } from './common'
import styles from './explore.module.css'

/** A titled part of the question. */
export function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.group} aria-label={title}>
      <h2 className={styles.groupTitle}>{title}</h2>
      {children}
    </section>
  )
}

/** What few need, folded; open where something of it is set. */
export function More({ n_set, children }: { n_set: number; children: ReactNode }) {
  const [isOpen, setOpen] = useState(n_set > 0)
  return (
    <Fold
      title={<Trans>More rules</Trans>}
      note={n_set > 0 && !isOpen ? <Plural value={n_set} one="# set" other="# set" /> : undefined}
      isOpen={isOpen}
      onToggle={() => setOpen(!isOpen)}
    >
      <div className={styles.more}>{children}</div>
    </Fold>
  )
}

/** The length of an interval. */
export function GrainChoice({
  title,
  value,
  onChange,
}: {
  title?: string
  value: Grain
  onChange: (grain: Grain) => void
}) {
  const { t } = useLingui()
  const names = useGrainNames()
  const label = title ?? t`Every`
  return (
    <Group title={label}>
      <Choice
        label={label}
        hideLabel
        value={value}
        onChange={onChange}
        options={GRAINS.map((key) => ({ key, label: names[key] }))}
      />
    </Group>
  )
}

/** The views of one page, above its answer. */
export function Tabs<Key extends string>({
  label,
  value,
  onChange,
  options,
}: {
  label?: string
  value: Key
  onChange: (key: Key) => void
  options: { key: Key; label: string }[]
}) {
  const { t } = useLingui()
  return (
    <div className={styles.tabs} data-print="hide">
      <Choice label={label ?? t`View`} hideLabel value={value} onChange={onChange} options={options} />
    </div>
  )
}
