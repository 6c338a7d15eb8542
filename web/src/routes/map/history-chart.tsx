import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { Figure } from '~/lib/api/types'
import { isLikeItsBuckets, lineChart } from '~/lib/map/chart'
import { useFormat } from '~/lib/use-format'
import styles from './history-chart.module.css'

const WIDTH = 300
const HEIGHT = 72

/** A number over the buckets of the period. A slider over the line reads every value, by pointer, arrow keys or voice. */
export function HistoryChart({ figure, buckets, label }: { figure: Figure; buckets: number[]; label: string }) {
  const f = useFormat()
  const { t } = useLingui()
  const values = figure.history ?? []
  const [at, setAt] = useState(values.length - 1)
  const fromZero = figure.unit !== 'score' && figure.unit !== 'seconds' && figure.unit !== 'points'
  const target = isLikeItsBuckets(figure.value, values) ? (figure.target ?? null) : null
  const chart = lineChart(values, WIDTH, HEIGHT, { target, fromZero })
  const write = (value: number | null | undefined) => f.measure(value, figure.unit, true)
  const whenOf = (index: number) => f.day(buckets[index], false)
  const here = chart.points[at]
  const readout = `${whenOf(at)} ${write(values[at])}`
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <span>
          <Trans>History</Trans>
        </span>
        <span aria-hidden="true">
          {whenOf(at)} <b>{write(values[at])}</b>
        </span>
      </figcaption>
      <div className={styles.plot}>
        <svg viewBox={`-4 -6 ${WIDTH + 8} ${HEIGHT + 12}`} aria-hidden="true" className={styles.chart}>
          {chart.ticks.map((tick) => (
            <line key={tick.y} x1={0} x2={WIDTH} y1={tick.y} y2={tick.y} className={styles.grid} />
          ))}
          {chart.target !== null && (
            <line x1={0} x2={WIDTH} y1={chart.target} y2={chart.target} className={styles.target} />
          )}
          {chart.runs.map((run) => (
            <path key={run} d={run} className={styles.line} />
          ))}
          {chart.points.map(
            (point, index) =>
              point && <circle key={index} cx={point.x} cy={point.y} r={1.8} className={styles.point} />,
          )}
          {here && (
            <>
              <line x1={here.x} x2={here.x} y1={0} y2={HEIGHT} className={styles.cursor} />
              <circle cx={here.x} cy={here.y} r={4} className={styles.here} />
            </>
          )}
        </svg>
        <input
          type="range"
          min={0}
          max={values.length - 1}
          value={at}
          aria-label={t`History of ${label}`}
          aria-valuetext={readout}
          onChange={(event) => setAt(event.currentTarget.valueAsNumber)}
          onPointerMove={(event) => {
            const { left, width } = event.currentTarget.getBoundingClientRect()
            const share = Math.min(1, Math.max(0, (event.clientX - left) / width))
            setAt(Math.round(share * (values.length - 1)))
          }}
          className={styles.range}
        />
      </div>
      <div className={styles.axis} aria-hidden="true">
        <span>{whenOf(0)}</span>
        {chart.target !== null && (
          <span className={styles.targetText}>
            <Trans>target {write(figure.target)}</Trans>
          </span>
        )}
        <span>{whenOf(values.length - 1)}</span>
      </div>
      <details className={styles.details}>
        <summary>
          <Trans>As a table</Trans>
        </summary>
        <table>
          <thead>
            <tr>
              <th scope="col">
                <Trans>From</Trans>
              </th>
              <th scope="col">{label}</th>
            </tr>
          </thead>
          <tbody>
            {values.map((value, index) => (
              <tr key={index}>
                <td>{whenOf(index)}</td>
                <td>{f.measure(value, figure.unit)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}
