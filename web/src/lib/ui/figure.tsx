import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { Button as AriaButton, DialogTrigger, Heading } from 'react-aria-components'
import type { Figure as FigureValue, Scope } from '../api/types'
import { useFormat } from '../use-format'
import { Button } from './button'
import { cx } from './class-names'
import { definitions } from './define'
import styles from './figure.module.css'
import { Sparkline } from './marks'
import { Popover } from './overlay'
import { usePeopleDrawer } from './people-drawer'

/** Below this a share or mean says too little to be acted on; it is marked as thin. */
export const THIN_N = 30

/** Up or down against the comparison, coloured by whether that is good; with a word for screen readers. */
export function Delta({ figure }: { figure: FigureValue }) {
  const f = useFormat()
  const { t } = useLingui()
  const change = f.change(figure.value, figure.previous, figure.unit)
  if (!change) return null
  if (change.sign === 0) return <span className={styles.same}>{t`no change`}</span>
  const isGood = figure.good === 'none' ? null : (figure.good === 'up') === change.sign > 0
  return (
    <span className={cx(styles.delta, isGood === true && styles.good, isGood === false && styles.bad)}>
      <span aria-hidden="true">{change.sign > 0 ? '▲' : '▼'}</span>
      <span className="sr-only">{change.sign > 0 ? t`up` : t`down`}</span> {change.text}
    </span>
  )
}

/** A number as it stands in text, with its unit. */
export function FigureText({ figure, tight }: { figure: FigureValue; tight?: boolean }) {
  const f = useFormat()
  return <>{f.measure(figure.value, figure.unit, tight)}</>
}

/** `±0.9` or `n 12: too few to judge`. */
export function Doubt({ figure }: { figure: FigureValue }) {
  const f = useFormat()
  if (figure.value !== null && figure.n < THIN_N && figure.low != null)
    return (
      <span className={styles.thin}>
        <Trans>n {f.whole(figure.n)}: too few to judge</Trans>
      </span>
    )
  if (figure.low != null && figure.high != null) {
    const low = f.measure(figure.low, figure.unit)
    const high = f.measure(figure.high, figure.unit)
    return (
      <span className={styles.interval}>
        {low}–{high}
      </span>
    )
  }
  return null
}

export interface FigureProps {
  figure: FigureValue
  /** What it is: the visible label above, and part of the accessible name. */
  label: string
  /** The label is only said, not shown. */
  hideLabel?: boolean
  size?: 's' | 'm' | 'l'
  tight?: boolean
  /** Shows the interval beside the number. */
  doubt?: boolean
  /** Shows the history beside the number. */
  history?: boolean
  hideChange?: boolean
  /** Whose people open; must be the scope the number was asked with. */
  scope?: Scope
  /** Words after the number, such as “now”. */
  note?: ReactNode
  /** More about the number, inside its definition popover, such as a formula. */
  more?: ReactNode
}

/** A number that never stands alone: unit, change, doubt. Press it for its definition, history and people. */
export function Figure({
  figure,
  label,
  hideLabel,
  size = 'm',
  tight,
  doubt,
  history,
  hideChange,
  scope,
  note,
  more,
}: FigureProps) {
  const f = useFormat()
  const value = f.measure(figure.value, figure.unit, tight)
  return (
    <span className={cx(styles.figure, styles[size])}>
      {!hideLabel && <span className={styles.label}>{label}</span>}
      <span className={styles.row}>
        <DialogTrigger>
          <AriaButton className={styles.press} aria-label={`${label} ${value}`}>
            <span className={styles.value}>{value}</span>
          </AriaButton>
          <FigurePopover figure={figure} label={label} scope={scope} more={more} />
        </DialogTrigger>
        {!hideChange && <Delta figure={figure} />}
        {note && <span className={styles.note}>{note}</span>}
        {history && figure.history && figure.history.length > 1 && <Sparkline values={figure.history} />}
      </span>
      {doubt && <Doubt figure={figure} />}
    </span>
  )
}

/** Definition, doubt, comparison and people of a number. Goes in a `DialogTrigger` beside any pressable mark. */
export function FigurePopover({
  figure,
  label,
  scope,
  more,
}: Pick<FigureProps, 'figure' | 'label' | 'scope' | 'more'>) {
  const f = useFormat()
  const { i18n, t } = useLingui()
  const showPeople = usePeopleDrawer()
  const definition = definitions[figure.define]
  const select = figure.people
  return (
    <Popover placement="bottom start">
      {(close) => (
        <div className={styles.popover}>
          <div>
            <Heading slot="title" className={styles.popoverLabel}>
              {label}
            </Heading>
            <div className={styles.popoverValue}>
              {f.measure(figure.value, figure.unit)} <Delta figure={figure} />
            </div>
          </div>
          {definition && <p>{i18n._(definition)}</p>}
          {more}
          <dl className={styles.facts}>
            {figure.low != null && figure.high != null && (
              <>
                <dt>
                  <Trans>95% interval</Trans>
                </dt>
                <dd>
                  {f.measure(figure.low, figure.unit)} – {f.measure(figure.high, figure.unit)}
                </dd>
              </>
            )}
            <dt>n</dt>
            <dd>{f.whole(figure.n)}</dd>
            {figure.previous != null && (
              <>
                <dt>
                  <Trans>Compared with</Trans>
                </dt>
                <dd>{f.measure(figure.previous, figure.unit)}</dd>
              </>
            )}
            {figure.target != null && (
              <>
                <dt>
                  <Trans>Target</Trans>
                </dt>
                <dd>{f.measure(figure.target, figure.unit)}</dd>
              </>
            )}
          </dl>
          {figure.history && figure.history.length > 1 && (
            <Sparkline values={figure.history} width={260} height={48} label={t`History of ${label}`} />
          )}
          {select && (
            <Button
              onPress={() => {
                close()
                showPeople({
                  of: select,
                  scope: scope ?? {},
                  title: label,
                  count: figure.unit === 'people' ? (figure.value ?? undefined) : undefined,
                })
              }}
            >
              <Trans>Show the people</Trans>
            </Button>
          )}
        </div>
      )}
    </Popover>
  )
}
