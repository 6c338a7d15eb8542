import { Trans, useLingui } from '@lingui/react/macro'
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import { flushSync } from 'react-dom'
import { gapOf } from '~/lib/map/emotion'
import type { LaneView, MapView, StageView } from '~/lib/map/types'
import { cx, Icon, IconButton } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { EmotionCurve, HEIGHT, PLANE } from './emotion-row'
import { FigureButton } from './figure-button'
import { LaneContent } from './grid'
import { useLaneName } from './lane-title'
import styles from './phone.module.css'
import { StageHead } from './stage-head'

const narrow = '(max-width: 720px)'

/** Whether the page is too narrow for a grid. Paper never is. */
export function useNarrow(): boolean {
  const isNarrow = useSyncExternalStore(
    (changed) => {
      const query = window.matchMedia(narrow)
      query.addEventListener('change', changed)
      return () => query.removeEventListener('change', changed)
    },
    () => window.matchMedia(narrow).matches,
  )
  const [isPrinting, setPrinting] = useState(false)
  useEffect(() => {
    const before = () => flushSync(() => setPrinting(true))
    const after = () => setPrinting(false)
    window.addEventListener('beforeprint', before)
    window.addEventListener('afterprint', after)
    return () => {
      window.removeEventListener('beforeprint', before)
      window.removeEventListener('afterprint', after)
    }
  }, [])
  return isNarrow && !isPrinting
}

/** The map on a phone: one stage at a time, by tab, swipe or the arrows. */
export function PhoneMap({
  view,
  lanes,
  name,
  foot,
}: {
  view: MapView
  lanes: LaneView[]
  name: string
  foot?: ReactNode
}) {
  const f = useFormat()
  const { t } = useLingui()
  const [at, setAt] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const swipe = useRef<{ x: number; y: number } | null>(null)
  const stage = view.stages[at]
  const go = (to: number) => {
    if (to < 0 || to >= view.stages.length) return
    setAt(to)
  }
  useEffect(() => {
    const tab = list.current?.querySelectorAll('[role=tab]')[at]
    tab?.scrollIntoView({ inline: 'center', block: 'nearest' })
  }, [at])
  if (!stage) return null
  return (
    <Tabs selectedKey={stage.key} onSelectionChange={(key) => go(view.stages.findIndex((one) => one.key === key))}>
      <div className={styles.bar}>
        <IconButton label={t`Stage before`} isDisabled={at === 0} onPress={() => go(at - 1)}>
          <Icon name="left" />
        </IconButton>
        <TabList aria-label={t`Stages of ${name}`} className={styles.tabs} ref={list}>
          {view.stages.map((one) => (
            <Tab key={one.key} id={one.key} className={styles.tab}>
              {f.say(one.name)}
              <small>{f.short(one.entered.value)}</small>
            </Tab>
          ))}
        </TabList>
        <IconButton label={t`Next stage`} isDisabled={at === view.stages.length - 1} onPress={() => go(at + 1)}>
          <Icon name="right" />
        </IconButton>
      </div>
      <TabPanel
        id={stage.key}
        className={styles.panel}
        onPointerDown={(event) => {
          swipe.current = event.pointerType === 'touch' ? { x: event.clientX, y: event.clientY } : null
        }}
        onPointerUp={(event) => {
          const from = swipe.current
          swipe.current = null
          if (!from) return
          const [dx, dy] = [event.clientX - from.x, event.clientY - from.y]
          if (Math.abs(dx) > 56 && Math.abs(dx) > 2 * Math.abs(dy)) go(at + (dx < 0 ? 1 : -1))
        }}
      >
        <StageHead
          stage={stage}
          isLast={at === view.stages.length - 1}
          change={view.changes.find((change) => change.stage === stage.key)}
        />
        {lanes.map((lane) => (
          <PhoneLane key={lane.key} lane={lane} stage={stage} column={at} n_stages={view.stages.length} />
        ))}
      </TabPanel>
      {foot && <div className={styles.foot}>{foot}</div>}
    </Tabs>
  )
}

function PhoneLane({
  lane,
  stage,
  column,
  n_stages,
}: {
  lane: LaneView
  stage: StageView
  column: number
  n_stages: number
}) {
  const name = useLaneName()(lane)
  return (
    <section className={styles.lane} aria-label={name}>
      <h3>{name}</h3>
      {lane.kind === 'emotion' ? (
        <PhoneEmotion lane={lane} stage={stage} column={column} n_stages={n_stages} />
      ) : (
        <LaneContent lane={lane} stage={stage} column={column} isLast={column === n_stages - 1} />
      )}
    </section>
  )
}

/** The whole curve, with this stage marked, and its numbers in words. */
function PhoneEmotion({
  lane,
  stage,
  column,
  n_stages,
}: {
  lane: LaneView
  stage: StageView
  column: number
  n_stages: number
}) {
  const f = useFormat()
  const { t } = useLingui()
  const emotion = lane.cells[column]?.emotion
  const measured = emotion?.measured
  const assumed = emotion?.assumed ?? null
  const gap = gapOf({
    assumed,
    measured: measured?.value ?? null,
    low: measured?.low ?? null,
    high: measured?.high ?? null,
  })
  const name = f.say(stage.name)
  const size = f.measure(Math.abs(gap ?? 0), 'score')
  const count = f.whole(measured?.n)
  return (
    <>
      <div className={styles.curve} style={{ aspectRatio: `${n_stages * PLANE.column} / ${HEIGHT}` }}>
        <span
          className={styles.here}
          style={{ left: `${(column / n_stages) * 100}%`, width: `${100 / n_stages}%` }}
          aria-hidden="true"
        />
        <EmotionCurve lane={lane} dots />
      </div>
      <p className={styles.feelings}>
        {measured?.value != null ? (
          <FigureButton figure={measured} label={t`${name}: measured emotion`} className={styles.measured}>
            <Trans>
              measured <b>{f.signed(measured.value, 1)}</b> n {count}
            </Trans>
          </FigureButton>
        ) : (
          <span className="soft">
            <Trans>nobody answered</Trans>
          </span>
        )}
        {assumed !== null && (
          <span className={styles.assumed}>
            <Trans>
              assumed <b>{f.signed(assumed, 1)}</b>
            </Trans>
          </span>
        )}
        {gap !== null && (
          <span className={cx(gap < 0 && styles.bad)}>
            <Trans>{size} off the assumption</Trans>
          </span>
        )}
      </p>
    </>
  )
}
