import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { MinuteView } from '~/lib/api/ingest'
import { barsOf } from '~/lib/ingest/letters'
import { useFormat } from '~/lib/use-format'
import styles from './intake.module.css'

const WIDTH = 600
const HEIGHT = 84

/** Events of the last hour, a bar a minute. One tab stop: arrows go through the minutes, whose numbers stand above. */
export function MinuteChart({ minutes }: { minutes: MinuteView[] }) {
  const { t } = useLingui()
  const f = useFormat()
  const [at, setAt] = useState<number>()
  const bars = barsOf(minutes)
  const step = WIDTH / Math.max(1, bars.length)
  const chosen = at === undefined ? undefined : bars[at]
  const most = bars.reduce((max, bar) => Math.max(max, bar.n_accepted + bar.n_rejected), 0)
  const words = (bar: MinuteView) =>
    bar.n_rejected > 0
      ? t`${f.clock(bar.minute_us)}: ${f.whole(bar.n_accepted)} accepted, ${f.whole(bar.n_rejected)} rejected`
      : t`${f.clock(bar.minute_us)}: ${f.whole(bar.n_accepted)} accepted`
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.caption}>
        <span className="soft small">
          <Trans>Events per minute, the last hour</Trans>
        </span>
        <span className={styles.readout} aria-live="polite">
          {chosen ? words(chosen) : most > 0 ? t`at most ${f.whole(most)}` : t`none came`}
        </span>
      </figcaption>
      <div
        role="slider"
        tabIndex={0}
        aria-label={t`Minute`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, bars.length - 1)}
        aria-valuenow={at ?? Math.max(0, bars.length - 1)}
        aria-valuetext={(chosen ?? bars.at(-1)) ? words(chosen ?? (bars.at(-1) as MinuteView)) : undefined}
        className={styles.bars}
        onKeyDown={(event) => {
          const last = bars.length - 1
          const from = at ?? last
          const to = {
            ArrowLeft: from - 1,
            ArrowDown: from - 1,
            ArrowRight: from + 1,
            ArrowUp: from + 1,
            Home: 0,
            End: last,
          }[event.key]
          if (to === undefined) return
          event.preventDefault()
          setAt(Math.max(0, Math.min(last, to)))
        }}
        onBlur={() => setAt(undefined)}
        onPointerLeave={() => setAt(undefined)}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect()
          const index = Math.floor(((event.clientX - box.left) / box.width) * bars.length)
          setAt(Math.max(0, Math.min(bars.length - 1, index)))
        }}
      >
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {bars.map((bar, index) => {
            const up = bar.accepted * (HEIGHT - 2)
            const bad = bar.rejected * (HEIGHT - 2)
            const x = index * step + step * 0.12
            return (
              <g key={bar.minute_us} className={index === at ? styles.chosen : undefined}>
                <rect x={index * step} y={0} width={step} height={HEIGHT} className={styles.slot} />
                {up > 0 && <rect x={x} y={HEIGHT - up} width={step * 0.76} height={up} className={styles.accepted} />}
                {bad > 0 && (
                  <rect x={x} y={HEIGHT - up - bad} width={step * 0.76} height={bad} className={styles.rejected} />
                )}
              </g>
            )
          })}
          <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className={styles.zero} />
        </svg>
      </div>
      <div className={styles.axis} aria-hidden="true">
        <span>{f.clock(bars[0]?.minute_us)}</span>
        <span>{f.clock(bars.at(-1)?.minute_us)}</span>
      </div>
    </figure>
  )
}
