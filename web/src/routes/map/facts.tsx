import { Trans, useLingui } from '@lingui/react/macro'
import type { Change, MapView } from '~/lib/map/types'
import { factNames } from '~/lib/map/words'
import { cx, Delta } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useMapActions } from './context'
import styles from './facts.module.css'
import { FigureButton } from './figure-button'
import { isThin } from './figure-panel'

/** The four numbers of the whole journey, and what changed most. */
export function Facts({ view, isComparable }: { view: MapView; isComparable: boolean }) {
  const f = useFormat()
  const { i18n } = useLingui()
  return (
    <div className={styles.facts}>
      {view.facts.map(({ key, figure }) => {
        const words = factNames[key]
        const name = words ? i18n._(words) : key
        const count = f.whole(figure.n)
        return (
          <div key={key} className={styles.fact}>
            <span className={styles.label}>{name}</span>
            <span className={styles.number}>
              <FigureButton figure={figure} label={name} tight={figure.unit === 'money'} className={styles.value} />
              <Delta figure={figure} />
            </span>
            {figure.low != null && figure.high != null && !isThin(figure) && (
              <span className={styles.doubt}>
                {f.measure(figure.low, figure.unit)} – {f.measure(figure.high, figure.unit)} <Trans>(95%)</Trans>
              </span>
            )}
            {isThin(figure) && (
              <span className={styles.thin}>
                <Trans>n {count}: too early to judge</Trans>
              </span>
            )}
          </div>
        )
      })}
      {isComparable && <WhatChanged view={view} />}
    </div>
  )
}

/** The largest change that is more than chance, in a sentence, and the way to its evidence. */
function WhatChanged({ view }: { view: MapView }) {
  const f = useFormat()
  const { t } = useLingui()
  const { actions } = useMapActions()
  const [first, ...others] = view.changes
  if (!view.compare) return null
  const stageOf = (key: string) => view.stages.find((stage) => stage.key === key)
  if (!first)
    return (
      <div className={styles.quiet}>
        <span className={styles.label}>
          <Trans>Against the comparison</Trans>
        </span>
        <p>
          <Trans>No stage changed by more than chance.</Trans>
        </p>
      </div>
    )
  const open = (change: Change, anchor: HTMLElement) => {
    const stage = stageOf(change.stage)
    if (!stage) return
    actions.openFigure(
      {
        figure: stage.moved_on_rate,
        label: t`${f.say(stage.name)}: share that moved on`,
        related: [
          { label: t`${f.say(stage.name)}: people who dropped off`, figure: stage.dropped },
          { label: t`${f.say(stage.name)}: median time until moving on`, figure: stage.median_time },
        ],
      },
      anchor,
    )
  }
  const isBad = first.now < first.before
  return (
    <div className={cx(styles.alert, !isBad && styles.good)}>
      <span className={styles.label}>
        <Trans>What changed against the comparison</Trans>
      </span>
      <p>
        <Sentence change={first} from={f.say(stageOf(first.stage)?.name)} to={f.say(stageOf(first.next)?.name)} />{' '}
        <button
          type="button"
          className={styles.evidence}
          data-print="hide"
          onClick={(event) => open(first, event.currentTarget)}
        >
          <Trans>See the evidence →</Trans>
        </button>
      </p>
      {others.length > 0 && (
        <p className={styles.others}>
          {others.slice(0, 3).map((change) => (
            <button
              key={change.stage}
              type="button"
              className={styles.other}
              onClick={(event) => open(change, event.currentTarget)}
            >
              {f.say(stageOf(change.stage)?.name)} → {f.say(stageOf(change.next)?.name)}{' '}
              <span className={change.now < change.before ? styles.fell : styles.rose}>
                {change.now < change.before ? '▼' : '▲'}{' '}
                {f.points(Math.abs(change.now - change.before)).replace('+', '')}
              </span>
            </button>
          ))}
        </p>
      )}
    </div>
  )
}

function Sentence({ change, from, to }: { change: Change; from: string; to: string }) {
  const f = useFormat()
  const before = f.percent(change.before)
  const now = f.percent(change.now)
  return change.now < change.before ? (
    <Trans>
      {from} → {to} fell from{' '}
      <b>
        {before} to {now}
      </b>
      .
    </Trans>
  ) : (
    <Trans>
      {from} → {to} rose from{' '}
      <b>
        {before} to {now}
      </b>
      .
    </Trans>
  )
}
