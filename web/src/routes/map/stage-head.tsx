import { Trans, useLingui } from '@lingui/react/macro'
import { memo } from 'react'
import type { Change, StageView } from '~/lib/map/types'
import { Bar, cx } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { FigureButton } from './figure-button'
import { isThin } from './figure-panel'
import { StagePins } from './pins'
import styles from './stage-head.module.css'

export interface StageHeadProps {
  stage: StageView
  change: Change | undefined
  isLast: boolean
  /** Inside the grid, or at the head of a stage on a phone. */
  inGrid?: boolean
}

/** How many came, how many are here, how many went on and how long they took. */
export const StageHead = memo(function StageHead({ stage, change, isLast, inGrid }: StageHeadProps) {
  const f = useFormat()
  const { t } = useLingui()
  const name = f.say(stage.name)
  const hereCount = f.whole(stage.here.value)
  const rate = stage.moved_on_rate
  const fell = change !== undefined && change.now < change.before
  const rose = change !== undefined && change.now > change.before
  return (
    <div className={styles.head}>
      <h2 className={styles.name}>
        {name}
        {stage.is_conversion && (
          <span className={styles.conversion}>
            <Trans>conversion</Trans>
          </span>
        )}
      </h2>
      <div className={styles.people}>
        <FigureButton
          inGrid={inGrid}
          figure={stage.entered}
          label={t`${name}: people who entered`}
          related={[
            { label: t`${name}: share of all who began`, figure: stage.share },
            { label: t`${name}: events`, figure: stage.touches },
            { label: t`${name}: amount`, figure: stage.amount },
          ]}
          className={styles.entered}
        />
        <FigureButton
          inGrid={inGrid}
          figure={stage.here}
          label={t`${name}: people here now`}
          related={[
            { label: t`${name}: went on and are elsewhere`, figure: stage.passed },
            { label: t`${name}: back in an earlier stage`, figure: stage.back },
          ]}
          className={styles.here}
        >
          <Trans>now {hereCount}</Trans>
        </FigureButton>
      </div>
      {!isLast && (
        <div className={cx(styles.hop, fell && styles.fell, rose && styles.rose)}>
          <FigureButton
            inGrid={inGrid}
            figure={rate}
            label={t`${name}: share that moved on`}
            related={[{ label: t`${name}: people who moved on`, figure: stage.moved_on }]}
            className={cx(styles.rate, isThin(rate) && styles.thin)}
          >
            {fell && <span aria-hidden="true">▼ </span>}
            {rose && <span aria-hidden="true">▲ </span>}
            {f.measure(rate.value, 'share')}
          </FigureButton>
          <span className={styles.arrow} aria-hidden="true">
            →
          </span>
        </div>
      )}
      {!isLast && (
        <FigureButton
          inGrid={inGrid}
          figure={stage.median_time}
          label={t`${name}: median time until moving on`}
          related={[{ label: t`${name}: nine in ten within`, figure: stage.p90_time }]}
          className={styles.median}
        />
      )}
      <div className={styles.bar}>
        <Bar share={stage.share.value ?? 0} />
      </div>
      <StagePins stage={stage.key} stageName={name} inGrid={inGrid} />
    </div>
  )
})
