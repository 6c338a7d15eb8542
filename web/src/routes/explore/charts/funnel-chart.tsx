import { useLingui } from '@lingui/react/macro'
import { fitText, round } from '~/lib/explore/scale'
import { useFormat } from '~/lib/use-format'
import styles from './charts.module.css'
import { gridWalk, mark, Plot, type TipText, useWidth } from './marks'

export interface FunnelSeries {
  /** What the people have in common; `null`: all of them. */
  label: string | null
  reached: number[]
  /** Who got no further than each step; by the difference when absent. */
  stopped?: number[]
  /** Of the comparison; dashed behind the bar. */
  before?: number[]
  /** Median seconds from the step before. */
  times?: (number | null)[]
  /** Steps that may be passed by, from 1. */
  optional?: number[]
  color?: string
}

const HEAD = 74
const HEAD_GROUPS = 44
const BAR = 196
const FOOT = 8
/** Columns narrower than this have no room for their words: the steps then stand under one another. */
const COLUMN_MIN = 150
const ROW = 58
/** A head at least this wide has room for the time from the step before. */
const TIMED_MIN = 196

/** Share of the people of the step before who went on; `null` at the first step and after nobody. */
const onward = (reached: number[], step: number): number | null => {
  const base = reached[step - 1]
  return step === 0 || !base ? null : (reached[step] ?? 0) / base
}
const ofFirst = (reached: number[], step: number): number | null =>
  reached[0] ? (reached[step] ?? 0) / reached[0] : null

/** People at each step as bars, with what is lost between them; several groups side by side. */
export function FunnelChart({
  steps,
  series,
  onPress,
}: {
  steps: string[]
  series: FunnelSeries[]
  onPress?: (series: number, step: number) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const isOne = series.length === 1
  const head = isOne ? HEAD : HEAD_GROUPS
  const total = Math.max(1, ...series.flatMap((one) => [...one.reached, ...(isOne ? (one.before ?? []) : [])]))
  const first = series.map((one) => Math.max(1, one.reached[0] ?? 0))
  // Groups of different size are compared by their shares, one group is drawn by its people.
  const heightOf = (one: FunnelSeries, at: number, step: number) =>
    (isOne ? (one.reached[step] ?? 0) / total : (one.reached[step] ?? 0) / (first[at] ?? 1)) * BAR
  const nameOf = (one: FunnelSeries) => one.label ?? t`All people`
  const lostAfter = (step: number) =>
    series[0]?.stopped?.[step] ?? (series[0]?.reached[step] ?? 0) - (series[0]?.reached[step + 1] ?? 0)
  const says = (at: number, step: number) => {
    if (isOne && at === 1) return t`${f.whole(lostAfter(step))} people got no further than ${steps[step]}`
    const one = series[at]
    if (!one) return ''
    const share = onward(one.reached, step)
    return [
      `${step + 1}. ${steps[step]}`,
      ...(isOne ? [] : [nameOf(one)]),
      t`${f.whole(one.reached[step])} people`,
      t`${f.percent(ofFirst(one.reached, step))} of the first step`,
      ...(share === null ? [] : [t`${f.percent(share)} of the step before`]),
    ].join(', ')
  }
  const tipOf = (name: string): TipText | null => {
    const [at = 0, step = 0] = name.split(':').map(Number)
    if (isOne && at === 1)
      return {
        title: `${steps[step]} → ${steps[step + 1]}`,
        lines: [
          [t`Dropped off`, f.whole(lostAfter(step))],
          [t`Of those here`, f.percent(lostAfter(step) / Math.max(1, series[0]?.reached[step] ?? 0))],
        ],
      }
    const one = series[at]
    if (!one) return null
    const share = onward(one.reached, step)
    const lost = step === 0 ? null : (one.reached[step - 1] ?? 0) - (one.reached[step] ?? 0)
    return {
      title: `${step + 1}. ${steps[step]}${isOne ? '' : ` · ${nameOf(one)}`}`,
      lines: [
        [t`People`, f.whole(one.reached[step])],
        [t`Of the first step`, f.percent(ofFirst(one.reached, step))],
        ...(share === null ? [] : [[t`Of the step before`, f.percent(share)] as [string, string]]),
        ...(lost === null ? [] : [[t`Dropped off`, f.whole(lost)] as [string, string]]),
        ...(one.times?.[step] == null
          ? []
          : [[t`Median time from the step before`, f.measure(one.times[step], 'seconds')] as [string, string]]),
        ...(one.before ? [[t`Compared with`, f.whole(one.before[step])] as [string, string]] : []),
      ],
    }
  }
  const [box, room] = useWidth<HTMLDivElement>()
  const isNarrow = isOne && room > 0 && room < steps.length * COLUMN_MIN
  const press =
    onPress &&
    ((name: string) => {
      const [at = 0, step = 0] = name.split(':').map(Number)
      onPress(at, step)
    })
  return (
    <div ref={box}>
      {isNarrow && series[0] ? (
        <Plot
          label={t`Funnel of ${steps.length} steps`}
          height={steps.length * ROW}
          walk={(at, arrow) =>
            gridWalk(steps.length, 1)(at.split(':').toReversed().join(':'), arrow)?.split(':').toReversed().join(':') ??
            null
          }
          tipOf={tipOf}
          onPress={press}
        >
          {(width) => (
            <Rows
              steps={steps}
              one={series[0]}
              total={total}
              width={width}
              says={says}
              pressable={onPress !== undefined}
            />
          )}
        </Plot>
      ) : (
        <Plot
          label={t`Funnel of ${steps.length} steps`}
          height={head + BAR + FOOT}
          minWidth={steps.length * (isOne ? 132 : Math.max(76, series.length * 30 + 14))}
          walk={gridWalk(
            isOne && onPress ? 2 : series.length,
            steps.length,
            (row, step) => !(isOne && row === 1 && step === steps.length - 1),
          )}
          tipOf={tipOf}
          onPress={press}
        >
          {(width) => {
            const column = width / steps.length
            const bar = isOne
              ? Math.min(118, column * 0.52)
              : Math.min(44, (column - Math.min(36, column * 0.22)) / series.length)
            const base = head + BAR
            return (
              <>
                <line x1={0} x2={width} y1={base} y2={base} className={styles.zero} />
                {series.map((one, at) =>
                  steps.map((step, index) => {
                    const x = index * column + (isOne ? 0 : at * bar)
                    const height = heightOf(one, at, index)
                    const before = isOne && one.before ? ((one.before[index] ?? 0) / total) * BAR : null
                    const next = index + 1 < steps.length ? heightOf(one, at, index + 1) : null
                    return (
                      <g key={`${at}${step}${index}`}>
                        {isOne && next !== null && (
                          <g {...(onPress ? mark(`1:${index}`, says(1, index), true) : { 'aria-hidden': true })}>
                            <path
                              className={styles.flow}
                              d={`M${round(x + bar)},${round(base - height)}C${round(x + bar + (column - bar) * 0.5)},${round(base - height)} ${round(x + bar + (column - bar) * 0.5)},${round(base - next)} ${round(x + column)},${round(base - next)}V${base}H${round(x + bar)}Z`}
                            />
                          </g>
                        )}
                        <g {...mark(`${at}:${index}`, says(at, index), onPress !== undefined)}>
                          <rect
                            x={round(x)}
                            y={round(base - height)}
                            width={round(isOne ? bar : bar - 3)}
                            height={round(Math.max(height, 1))}
                            rx={2}
                            className={one.color ? undefined : styles.real}
                            style={one.color ? { fill: one.color } : undefined}
                          />
                          <rect
                            x={round(x)}
                            y={head}
                            width={round(isOne ? bar : bar - 3)}
                            height={BAR}
                            className={styles.hit}
                          />
                        </g>
                        {!isOne && bar >= 27 && (
                          <text
                            x={round(x + (bar - 3) / 2)}
                            y={round(base - height - 5)}
                            textAnchor="middle"
                            className={`${styles.small} ${styles.soft}`}
                            aria-hidden="true"
                          >
                            {f.percent(ofFirst(one.reached, index), 0)}
                          </text>
                        )}
                        {before !== null && (
                          <rect
                            x={round(x)}
                            y={round(base - before)}
                            width={round(bar)}
                            height={round(before)}
                            className={styles.was}
                            pointerEvents="none"
                          />
                        )}
                      </g>
                    )
                  }),
                )}
                {steps.map((step, index) => (
                  <Head
                    key={index}
                    x={index * column}
                    width={column - (column < 100 ? 2 : 12)}
                    step={step}
                    index={index}
                    one={isOne ? series[0] : undefined}
                  />
                ))}
              </>
            )
          }}
        </Plot>
      )}
    </div>
  )
}

/** Over a bar: the step, its people, what went on, and what became of that. Of several groups, the step alone. */
function Head({
  x,
  width,
  step,
  index,
  one,
}: {
  x: number
  width: number
  step: string
  index: number
  one: FunnelSeries | undefined
}) {
  const f = useFormat()
  const { t } = useLingui()
  if (!one)
    return (
      <text x={x} y={11} className={styles.soft} aria-hidden="true">
        {fitText(`${index + 1}. ${step}`, width, 12)}
      </text>
    )
  const share = onward(one.reached, index)
  const was = one.before ? onward(one.before, index) : null
  const change = share !== null && was !== null ? f.change(share, was, 'share') : null
  const time = one.times?.[index]
  const isOptional = one.optional?.includes(index + 1)
  return (
    <g aria-hidden="true" className={styles.head}>
      <text x={x} y={11} className={styles.soft}>
        {fitText(`${index + 1}. ${step}${isOptional ? ` (${t`optional`})` : ''}`, width, 12)}
      </text>
      <text x={x} y={37}>
        <tspan className={styles.big}>{f.whole(one.reached[index])}</tspan>
        <tspan dx={6} className={styles.soft}>
          {f.percent(ofFirst(one.reached, index))}
        </tspan>
      </text>
      <text x={x} y={57}>
        {share === null ? (
          <tspan className={styles.soft}>{t`start`}</tspan>
        ) : (
          <>
            <tspan className={styles.strong}>{f.percent(share)}</tspan>
            <tspan dx={5} className={styles.soft}>{t`went on`}</tspan>
            {time != null && width > TIMED_MIN && (
              <tspan dx={5} className={styles.soft}>
                · {f.measure(time, 'seconds')}
              </tspan>
            )}
            {change && change.sign !== 0 && (
              <tspan dx={6} className={change.sign > 0 ? styles.good : styles.bad}>
                {change.sign > 0 ? '▲' : '▼'} {change.text}
              </tspan>
            )}
          </>
        )}
      </text>
    </g>
  )
}

/** The steps under one another, for phones. */
function Rows({
  steps,
  one,
  total,
  width,
  says,
  pressable,
}: {
  steps: string[]
  one: FunnelSeries | undefined
  total: number
  width: number
  says: (at: number, step: number) => string
  pressable: boolean
}) {
  const f = useFormat()
  if (!one) return null
  return steps.map((step, index) => {
    const y = index * ROW
    const people = one.reached[index] ?? 0
    const share = onward(one.reached, index)
    const was = one.before ? onward(one.before, index) : null
    const change = share !== null && was !== null ? f.change(share, was, 'share') : null
    const before = one.before ? ((one.before[index] ?? 0) / total) * width : null
    return (
      <g key={index}>
        <g {...mark(`0:${index}`, says(0, index), pressable)}>
          <rect
            x={0}
            y={y + 24}
            width={round(Math.max(1, (people / total) * width))}
            height={18}
            rx={2}
            className={one.color ? undefined : styles.real}
            style={one.color ? { fill: one.color } : undefined}
          />
          <rect x={0} y={y} width={width} height={ROW - 8} className={styles.hit} />
        </g>
        {before !== null && (
          <rect x={0} y={y + 24} width={round(before)} height={18} className={styles.was} pointerEvents="none" />
        )}
        <text x={0} y={y + 16} aria-hidden="true">
          {fitText(`${index + 1}. ${step}`, width * 0.5, 12)}
        </text>
        <text x={width} y={y + 16} textAnchor="end" aria-hidden="true">
          <tspan className={styles.strong}>{f.whole(people)}</tspan>
          {share !== null && (
            <tspan dx={6} className={styles.soft}>
              {f.percent(share)}
            </tspan>
          )}
          {change && change.sign !== 0 && (
            <tspan dx={6} className={change.sign > 0 ? styles.good : styles.bad}>
              {change.sign > 0 ? '▲' : '▼'} {change.text}
            </tspan>
          )}
        </text>
      </g>
    )
  })
}
