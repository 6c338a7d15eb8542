import { Trans, useLingui } from '@lingui/react/macro'
import { type CSSProperties, type KeyboardEvent, type PointerEvent, useMemo, useRef } from 'react'
import { feelings } from '~/lib/map/arrange'
import { BEST, type Curve, drawCurve, feelingAt, gapOf, type Plane, STEP, snap, WORST, yOf } from '~/lib/map/emotion'
import type { EmotionView, LaneView, StageView } from '~/lib/map/types'
import { cx } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useMapActions } from './context'
import styles from './emotion-row.module.css'
import { FigureButton } from './figure-button'
import { isThin } from './figure-panel'

/** The curve is drawn in columns of 100 units and stretched to the real ones; heights are pixels. */
export const PLANE: Plane = { column: 100, top: 22, bottom: 124 }
export const HEIGHT = 146

/** The lines of the emotion lane: what was measured with its interval, what the team assumed, and where they part. */
export function EmotionCurve({ lane, className, dots }: { lane: LaneView; className?: string; dots?: boolean }) {
  const stages = useMemo(() => feelings(lane), [lane])
  const curve = useMemo(() => drawCurve(stages, PLANE), [stages])
  const width = stages.length * PLANE.column
  return (
    <svg
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={cx(styles.curve, className)}
      aria-hidden="true"
    >
      {[-2, -1, 0, 1, 2].map((feeling) => (
        <line
          key={feeling}
          x1={0}
          x2={width}
          y1={yOf(feeling, PLANE)}
          y2={yOf(feeling, PLANE)}
          className={feeling === 0 ? styles.zero : styles.line}
        />
      ))}
      {curve.band.map((path) => (
        <path key={path} d={path} className={styles.band} />
      ))}
      {curve.assumed.map((path) => (
        <path key={path} d={path} className={styles.assumed} />
      ))}
      {curve.measured.map((path) => (
        <path key={path} d={path} className={styles.measured} />
      ))}
      {curve.gaps.map((gap) => {
        const x = (gap.stage + 0.5) * PLANE.column
        return (
          <line
            key={gap.stage}
            x1={x}
            x2={x}
            y1={gap.from}
            y2={gap.to}
            className={gap.size < 0 ? styles.gap : styles.gapGood}
          />
        )
      })}
      {dots &&
        stages.map(
          (stage, index) =>
            stage.measured !== null && (
              <circle
                key={index}
                cx={(index + 0.5) * PLANE.column}
                cy={yOf(stage.measured, PLANE)}
                r={6}
                className={cx(styles.spot, (gapOf(stage) ?? 0) < 0 && styles.bad)}
              />
            ),
        )}
    </svg>
  )
}

export function useCurve(lane: LaneView): Curve {
  return useMemo(() => drawCurve(feelings(lane), PLANE), [lane])
}

export interface EmotionCellProps {
  emotion: EmotionView
  stage: StageView
  side: 'above' | 'below'
  isFirst: boolean
  canEdit: boolean
}

/** One stage of the curve: the measured dot to press, the assumption to move, the note where they part. */
export function EmotionCell({ emotion, stage, side, isFirst, canEdit }: EmotionCellProps) {
  const f = useFormat()
  const { t } = useLingui()
  const { measured } = emotion
  const assumed = emotion.assumed ?? null
  const value = measured.value ?? null
  const name = f.say(stage.name)
  const gap = gapOf({ assumed, measured: value, low: measured.low ?? null, high: measured.high ?? null })
  const isBad = gap !== null && gap < 0
  const y = value === null ? null : yOf(value, PLANE)
  const yAssumed = assumed === null ? null : yOf(assumed, PLANE)
  const isNear = y !== null && yAssumed !== null && Math.abs(y - yAssumed) < 24
  const size = f.measure(Math.abs(gap ?? 0), 'score')
  const count = f.whole(measured.n)
  return (
    <div className={styles.cell} data-group>
      {isFirst &&
        [BEST, 0, WORST].map((feeling) => (
          <span key={feeling} className={styles.scale} style={{ top: yOf(feeling, PLANE) }} aria-hidden="true">
            {f.signed(feeling)}
          </span>
        ))}
      {gap !== null && y !== null && yAssumed !== null && Math.abs(y - yAssumed) > 30 && (
        <span className={cx(styles.gapNote, isBad && styles.bad)} style={{ top: (y + yAssumed) / 2 }}>
          <Trans>{size} off the assumption</Trans>
        </span>
      )}
      {y === null ? (
        <span className={styles.nobody}>
          <Trans>nobody answered</Trans>
        </span>
      ) : (
        <span className={styles.at} style={{ top: y }}>
          <FigureButton
            inGrid
            figure={measured}
            label={t`${name}: measured emotion`}
            className={cx(styles.dot, isBad && styles.bad, side === 'above' ? styles.above : styles.below)}
          >
            <span className={styles.label}>
              <b>{f.signed(value, 1)}</b>{' '}
              <small className={cx(isThin(measured) && styles.thin)}>
                {isThin(measured) ? <Trans>n {count}: too early to judge</Trans> : `n ${count}`}
              </small>
            </span>
          </FigureButton>
        </span>
      )}
      {canEdit && <Assumption stage={stage} value={assumed} aside={isNear} />}
    </div>
  )
}

/** The assumed feeling as a vertical slider: drag it, or use the arrow keys in steps of 0.1. */
function Assumption({ stage, value, aside }: { stage: StageView; value: number | null; aside: boolean }) {
  const f = useFormat()
  const { t } = useLingui()
  const { actions } = useMapActions()
  const gesture = useRef<string | null>(null)
  const name = f.say(stage.name)

  const set = (feeling: number | null) =>
    actions.edit({ edit: 'assume', stage: stage.key, value: feeling }, gesture.current ?? undefined)
  const begin = () => {
    gesture.current ??= `assume ${stage.key} ${Date.now()}`
  }
  const end = () => {
    gesture.current = null
  }

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const now = value ?? 0
    const to: Record<string, number | null> = {
      ArrowUp: snap(now + STEP),
      ArrowDown: snap(now - STEP),
      PageUp: snap(now + 0.5),
      PageDown: snap(now - 0.5),
      Home: WORST,
      End: BEST,
      Delete: null,
      Backspace: null,
    }
    if (!(event.key in to) || event.altKey || event.metaKey || event.ctrlKey) return
    event.preventDefault()
    begin()
    set(to[event.key] ?? null)
  }

  const move = (event: PointerEvent<HTMLElement>) => {
    const plane = event.currentTarget.closest('[data-group]')?.getBoundingClientRect()
    if (plane) set(feelingAt(((event.clientY - plane.top) / plane.height) * HEIGHT, PLANE))
  }

  return (
    <div
      role="slider"
      tabIndex={-1}
      data-inner
      aria-label={t`${name}: what the team assumes`}
      aria-orientation="vertical"
      aria-valuemin={WORST}
      aria-valuemax={BEST}
      aria-valuenow={value ?? 0}
      aria-valuetext={value === null ? t`no assumption` : f.signed(value, 1)}
      className={cx(styles.handle, value === null && styles.unset, aside && styles.aside)}
      style={{ top: yOf(value ?? 0, PLANE) } as CSSProperties}
      title={value === null ? t`Set what the team assumes` : t`The team assumes ${f.signed(value, 1)}: drag to change`}
      onKeyDown={onKeyDown}
      onBlur={end}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
        event.currentTarget.focus({ preventScroll: true })
        end()
        begin()
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) move(event)
      }}
      onPointerUp={end}
      onPointerCancel={end}
    >
      <span className={styles.tip} aria-hidden="true">
        {value === null ? '+' : f.signed(value, 1)}
      </span>
    </div>
  )
}
