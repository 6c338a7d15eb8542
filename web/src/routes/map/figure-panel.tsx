import { Trans, useLingui } from '@lingui/react/macro'
import { useRef, useState } from 'react'
import { Heading } from 'react-aria-components'
import type { Figure, Scope } from '~/lib/api/types'
import { THIN } from '~/lib/map/arrange'
import type { MapView } from '~/lib/map/types'

import { Button, Delta, definitions, Icon, Popover, usePeopleDrawer } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import type { FigureAsked } from './context'
import styles from './figure-panel.module.css'
import { HistoryChart } from './history-chart'

export interface Pressed {
  asked: FigureAsked
  anchor: HTMLElement
}

/** What stands behind the number that was pressed: meaning, doubt, comparison, history, freshness, people. */
export function FigurePanel({
  pressed,
  view,
  scope,
  close,
}: {
  pressed: Pressed | null
  view: MapView
  /** Whose people are listed. */
  scope: Scope
  close: () => void
}) {
  const anchor = useRef<HTMLElement | null>(null)
  // The last one stays while the popover fades out.
  const [last, setLast] = useState(pressed)
  if (pressed && pressed !== last) setLast(pressed)
  anchor.current = (pressed ?? last)?.anchor ?? null
  if (!last) return null
  return (
    <Popover
      triggerRef={anchor}
      isOpen={pressed !== null}
      onOpenChange={(isOpen) => !isOpen && close()}
      placement="bottom start"
    >
      <Body
        key={`${last.asked.label}${last.asked.figure.define}`}
        asked={last.asked}
        view={view}
        scope={scope}
        close={close}
      />
    </Popover>
  )
}

function Body({ asked, view, scope, close }: { asked: FigureAsked; view: MapView; scope: Scope; close: () => void }) {
  const f = useFormat()
  const { i18n, t } = useLingui()
  const showPeople = usePeopleDrawer()
  const all = [{ label: asked.label, figure: asked.figure }, ...(asked.related ?? [])]
  const [at, setAt] = useState(0)
  const { figure, label } = all[at] ?? all[0] ?? asked
  const others = all.filter((_, index) => index !== at)
  const select = figure.people
  const about = at === 0 ? f.say(asked.about) : ''
  const definition = definitions[figure.define]
  const count = f.whole(figure.n)
  return (
    <div className={styles.panel}>
      <div>
        <Heading slot="title" className={styles.label}>
          {label}
        </Heading>
        <p className={styles.value}>
          {f.measure(figure.value, figure.unit)} <Delta figure={figure} />
        </p>
      </div>
      <p>{about || (definition && i18n._(definition))}</p>
      {isThin(figure) && (
        <p className={styles.thin}>
          <Trans>n {count}: too few to judge.</Trans>
        </p>
      )}
      <Facts figure={figure} view={view} />
      {figure.history?.some((value, index) => value !== null && index > 0) && (
        <HistoryChart key={label} figure={figure} buckets={view.buckets} label={label} />
      )}
      {others.length > 0 && (
        <ul className={styles.others} aria-label={t`Numbers that belong to it`}>
          {others.map((other) => (
            <li key={other.label}>
              <button type="button" className={styles.other} onClick={() => setAt(all.indexOf(other))}>
                <span>{other.label}</span>
                <b>{f.measure(other.figure.value, other.figure.unit, true)}</b>
              </button>
            </li>
          ))}
        </ul>
      )}
      <footer className={styles.foot}>
        {select && (
          <Button
            onPress={() => {
              close()
              showPeople({ of: select, scope, title: label, count: figure.value ?? undefined })
            }}
          >
            <Icon name="people" />
            <Trans>Show people</Trans>
          </Button>
        )}
        <span className={styles.fresh}>
          <Trans>events up to {f.moment(view.about.as_of_us)}</Trans>
        </span>
      </footer>
    </div>
  )
}

/** Whether an estimate rests on so few that it should not be read. */
export const isThin = (figure: Figure) =>
  figure.value != null &&
  figure.n < THIN &&
  (figure.unit === 'share' || figure.unit === 'score' || figure.unit === 'points')

/** With what the numbers are compared: the other people where they differ, the other days where those do. */
function useCompared(view: MapView): string {
  const f = useFormat()
  const { t } = useLingui()
  const { scope, compare } = view
  if (!compare) return ''
  const nameOf = (key: string) => f.say(view.segments.find((segment) => segment.key === key)?.name) || key
  const who =
    (compare.segment ?? null) === (scope.segment ?? null)
      ? ''
      : compare.segment
        ? nameOf(compare.segment)
        : t`Everybody`
  const days = compare.period
  const isOther = days && (days.from !== scope.period?.from || days.to !== scope.period?.to)
  const when = isOther ? `${f.calendarDay(days.from, false)} – ${f.calendarDay(days.to, false)}` : ''
  return [who, when].filter(Boolean).join(' · ')
}

function Facts({ figure, view }: { figure: Figure; view: MapView }) {
  const f = useFormat()
  const compared = useCompared(view)
  const write = (value: number | null | undefined) => f.measure(value, figure.unit)
  const isCount = figure.unit === 'people' || figure.unit === 'events'
  const rows = [
    figure.low != null &&
      figure.high != null && {
        key: 'interval',
        name: <Trans>95% interval</Trans>,
        value: `${write(figure.low)} – ${write(figure.high)}`,
      },
    !isCount && { key: 'n', name: <Trans>Rests on (n)</Trans>, value: f.whole(figure.n) },
    figure.previous != null && {
      key: 'previous',
      name: (
        <>
          <Trans>Compared with</Trans> {compared && <small>{compared}</small>}
        </>
      ),
      value: write(figure.previous),
    },
    figure.target != null && { key: 'target', name: <Trans>Target</Trans>, value: write(figure.target) },
  ].filter((row) => row !== false)
  if (rows.length === 0) return null
  return (
    <dl className={styles.facts}>
      {rows.map((row) => (
        <div key={row.key}>
          <dt>{row.name}</dt>
          <dd>{row.value}</dd>
        </div>
      ))}
    </dl>
  )
}
