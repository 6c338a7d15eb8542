import { Trans, useLingui } from '@lingui/react/macro'
import { memo, type ReactNode, useState } from 'react'
import type { Figure } from '~/lib/api/types'
import type { CellView, ChannelView, MetricView, StageView, TouchpointView } from '~/lib/map/types'
import { ChannelMark, channelColor, cx, Delta, Sparkline } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { FigureButton } from './figure-button'
import { isThin } from './figure-panel'
import styles from './measured-cells.module.css'

interface CellProps {
  cell: CellView
  stage: StageView
  inGrid?: boolean
}

/** Touchpoints that a cell shows before it folds. */
const MOST_TOUCHPOINTS = 6

/** Touchpoints with their people, in the colours of their channels, and the mix of channels below. */
export const TouchpointCell = memo(function TouchpointCell({ cell, stage, inGrid }: CellProps) {
  const f = useFormat()
  const [isOpen, setOpen] = useState(false)
  const all = cell.touchpoints ?? []
  const most = Math.max(1, ...all.map((one) => one.people.value ?? 0))
  const n_folded = all.length > MOST_TOUCHPOINTS + 1 && !isOpen ? all.length - MOST_TOUCHPOINTS : 0
  return (
    <>
      <ul>
        {all.slice(0, all.length - n_folded).map((touchpoint) => (
          <TouchpointRow
            key={touchpoint.key}
            touchpoint={touchpoint}
            most={most}
            stage={f.say(stage.name)}
            inGrid={inGrid}
          />
        ))}
      </ul>
      {n_folded > 0 && (
        <button
          type="button"
          className={styles.more}
          onClick={() => setOpen(true)}
          {...(inGrid ? { tabIndex: -1, 'data-item': true } : {})}
        >
          <Trans>{n_folded} more</Trans>
        </button>
      )}
      <ChannelMix channels={cell.channels ?? []} />
    </>
  )
})

function TouchpointRow({
  touchpoint,
  most,
  stage,
  inGrid,
}: {
  touchpoint: TouchpointView
  most: number
  stage: string
  inGrid?: boolean
}) {
  const f = useFormat()
  const color = channelColor(touchpoint.channel)
  const name = f.say(touchpoint.name)
  const share = (touchpoint.people.value ?? 0) / most
  return (
    <li>
      <FigureButton
        inGrid={inGrid}
        figure={touchpoint.people}
        label={`${stage}: ${[name, touchpoint.channel].filter(Boolean).join(' · ')}`}
        className={styles.touchpoint}
      >
        <ChannelMark color={color} />
        <span>{name}</span>
        <span className={styles.count}>{f.measure(touchpoint.people.value, 'people')}</span>
        {share > 0 && <span className={styles.bar} style={{ width: `${share * 100}%`, background: color }} />}
      </FigureButton>
    </li>
  )
}

/** By which channels the events of the stage came: the first three by name. */
function ChannelMix({ channels }: { channels: ChannelView[] }) {
  const f = useFormat()
  const total = channels.reduce((sum, one) => sum + one.n_events, 0)
  if (channels.length < 2 || total === 0) return null
  const rest = channels.slice(3).reduce((sum, one) => sum + one.n_events, 0)
  return (
    <p className={styles.mix}>
      {channels.slice(0, 3).map((one) => (
        <span key={one.channel}>
          <ChannelMark color={channelColor(one.channel)} /> {one.channel} {f.percent(one.n_events / total, 0)}
        </span>
      ))}
      {rest > 0 && (
        <span>
          <Trans>other {f.percent(rest / total, 0)}</Trans>
        </span>
      )}
    </p>
  )
}

/** Metrics with change, target and history. */
export const MetricCell = memo(function MetricCell({ cell, stage, inGrid }: CellProps) {
  const f = useFormat()
  return (
    <ul>
      {(cell.metrics ?? []).map((metric) => (
        <MetricRow key={metric.key} metric={metric} stage={f.say(stage.name)} inGrid={inGrid} />
      ))}
    </ul>
  )
})

function MetricRow({ metric, stage, inGrid }: { metric: MetricView; stage: string; inGrid?: boolean }) {
  const f = useFormat()
  const { figure } = metric
  const name = f.say(metric.name)
  return (
    <li>
      <FigureButton
        inGrid={inGrid}
        figure={figure}
        label={`${stage}: ${name}`}
        about={metric.description}
        className={styles.metric}
      >
        <span className={styles.metricName}>{name}</span>
        <span className={styles.metricValue}>
          <b>{f.measure(figure.value, figure.unit, true)}</b> <Delta figure={figure} />
          {isThin(figure) && <Thin n={figure.n} />}
        </span>
        {figure.history && figure.history.length > 1 ? (
          <Sparkline values={figure.history} width={46} height={18} />
        ) : (
          <span />
        )}
        <Target figure={figure} />
      </FigureButton>
    </li>
  )
}

/** The target of a metric, and whether it is reached. */
function Target({ figure }: { figure: Figure }) {
  const f = useFormat()
  if (figure.target == null) return null
  const isReached =
    figure.value != null && (figure.good === 'down' ? figure.value <= figure.target : figure.value >= figure.target)
  return (
    <small className={cx(styles.target, isReached && styles.reached)}>
      {isReached ? '✓ ' : ''}
      <Trans>target {f.measure(figure.target, figure.unit, true)}</Trans>
    </small>
  )
}

function Thin({ n }: { n: number }) {
  const f = useFormat()
  return (
    <small className={styles.thin}>
      <Trans>n {f.whole(n)}: too early to judge</Trans>
    </small>
  )
}

/** Where the people of a stage went. */
export const VolumeCell = memo(function VolumeCell({
  stage,
  isLast,
  inGrid,
}: {
  stage: StageView
  isLast: boolean
  inGrid?: boolean
}) {
  const f = useFormat()
  const { t } = useLingui()
  const name = f.say(stage.name)
  const lost = stage.lost.value == null ? [] : [{ label: t`${name}: money lost`, figure: stage.lost }]
  const rows: { name: ReactNode; label: string; figure: Figure; related?: { label: string; figure: Figure }[] }[] = [
    ...(isLast
      ? []
      : [{ name: <Trans>moved on</Trans>, label: t`${name}: people who moved on`, figure: stage.moved_on }]),
    { name: <Trans>skipped it</Trans>, label: t`${name}: people who skipped it`, figure: stage.skipped },
    { name: <Trans>went back</Trans>, label: t`${name}: people who went back`, figure: stage.went_back },
    isLast
      ? { name: <Trans>finished</Trans>, label: t`${name}: people who finished`, figure: stage.dropped }
      : {
          name: <Trans>dropped off</Trans>,
          label: t`${name}: people who dropped off`,
          figure: stage.dropped,
          related: lost,
        },
  ]
  return (
    <ul>
      {rows.map((row) => (
        <li key={row.label}>
          <FigureButton
            inGrid={inGrid}
            figure={row.figure}
            label={row.label}
            related={row.related}
            className={styles.volume}
          >
            <span className={styles.metricName}>{row.name}</span>
            <span className={styles.metricValue}>
              <b>{f.measure(row.figure.value, 'people')}</b> <Delta figure={row.figure} />
            </span>
          </FigureButton>
        </li>
      ))}
    </ul>
  )
})
