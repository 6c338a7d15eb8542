import { useLingui } from '@lingui/react/macro'
import { type CSSProperties, type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from 'react'
import { goalOf } from '~/lib/map/arrange'
import type { LaneView, MapView, StageView } from '~/lib/map/types'
import { cx } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { CardCell } from './cards'
import { useMapActions } from './context'
import { EmotionCell, EmotionCurve, useCurve } from './emotion-row'
import styles from './grid.module.css'
import { LaneTitle, useLaneName } from './lane-title'
import { MetricCell, TouchpointCell, VolumeCell } from './measured-cells'
import { StageHead } from './stage-head'
import { type DragEnds, useDrag } from './use-drag'
import { useWalk } from './use-walk'

export interface MapGridProps {
  view: MapView
  lanes: LaneView[]
  name: string
  renaming: string | null
  onRenamed: () => void
  drag: RefObject<DragEnds>
  grid: RefObject<HTMLDivElement | null>
  isStale: boolean
  /** The last row: adding and showing lanes. */
  foot?: ReactNode
}

/** Narrowest a stage may become before the map scrolls sideways, and the width of the lane titles. */
const STAGE_PX = 196
const TITLE_PX = 148

/** The map: stages side by side, lanes one below the other. */
export function MapGrid({ view, lanes, name, renaming, onRenamed, drag, grid, isStale, foot }: MapGridProps) {
  const { t } = useLingui()
  const { canEdit } = useMapActions()
  const walk = useWalk(grid)
  useDrag(grid, drag, canEdit)
  const { frame, isWide } = useTooWide(view.stages.length)
  const last = view.stages.length - 1
  const columns = {
    '--n': Math.max(1, view.stages.length),
    '--columns': `${TITLE_PX}px repeat(${Math.max(1, view.stages.length)}, minmax(${STAGE_PX}px, 1fr))`,
  } as CSSProperties
  return (
    <div ref={frame} className={cx(styles.frame, isWide && styles.wide)} style={columns}>
      <div
        ref={grid}
        role="grid"
        aria-label={name}
        aria-rowcount={lanes.length + 1}
        aria-colcount={view.stages.length + 1}
        aria-busy={isStale}
        data-stale={isStale || undefined}
        className={styles.grid}
        onFocus={walk.onFocus}
        onKeyDown={walk.onKeyDown}
      >
        <div role="row" aria-rowindex={1} className={cx(styles.row, styles.head)}>
          <div role="columnheader" className={cx(styles.lane, styles.corner)} data-cell tabIndex={-1}>
            <span>{t`Stages`}</span>
            <small>{t`people · moving on`}</small>
          </div>
          {view.stages.map((stage, column) => (
            <div key={stage.key} role="columnheader" className={styles.cell} data-cell tabIndex={-1}>
              <StageHead
                inGrid
                stage={stage}
                isLast={column === last}
                change={view.changes.find((change) => change.stage === stage.key)}
              />
            </div>
          ))}
        </div>
        {lanes.map((lane, index) => (
          <LaneRow
            key={lane.key}
            lane={lane}
            stages={view.stages}
            index={index + 2}
            isRenaming={renaming === lane.key}
            onRenamed={onRenamed}
          />
        ))}
      </div>
      {foot && <div className={styles.foot}>{foot}</div>}
    </div>
  )
}

/** Whether the stages do not fit beside each other: the map then scrolls in its own frame, heads and titles staying. */
function useTooWide(n_stages: number) {
  const frame = useRef<HTMLDivElement>(null)
  const [isWide, setWide] = useState(false)
  useLayoutEffect(() => {
    const element = frame.current
    if (!element) return
    const measure = () => setWide(element.clientWidth + 1 < TITLE_PX + n_stages * STAGE_PX)
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [n_stages])
  return { frame, isWide }
}

interface LaneRowProps {
  lane: LaneView
  stages: StageView[]
  index: number
  isRenaming: boolean
  onRenamed: () => void
}

function LaneRow({ lane, stages, index, isRenaming, onRenamed }: LaneRowProps) {
  const { canEdit } = useMapActions()
  return (
    <div
      role="row"
      aria-rowindex={index}
      data-row={lane.key}
      className={cx(styles.row, lane.kind === 'emotion' && styles.emotion)}
    >
      <div role="rowheader" className={styles.lane} data-cell data-drag={canEdit ? 'lane' : undefined} tabIndex={-1}>
        <LaneTitle lane={lane} isRenaming={isRenaming} onRenamed={onRenamed} />
      </div>
      {lane.kind === 'emotion' ? (
        <EmotionCells lane={lane} stages={stages} />
      ) : (
        stages.map((stage, column) => (
          <LaneCell key={stage.key} lane={lane} stage={stage} column={column} stages={stages} />
        ))
      )}
    </div>
  )
}

function EmotionCells({ lane, stages }: { lane: LaneView; stages: StageView[] }) {
  const { canEdit } = useMapActions()
  const { sides } = useCurve(lane)
  return (
    <>
      <EmotionCurve lane={lane} className={styles.curve} />
      {stages.map((stage, column) => {
        const emotion = lane.cells[column]?.emotion
        return (
          <div
            key={stage.key}
            role="gridcell"
            className={styles.cell}
            style={{ gridColumn: column + 2 }}
            data-cell
            data-group
            tabIndex={-1}
          >
            {emotion && (
              <EmotionCell
                emotion={emotion}
                stage={stage}
                side={sides[column] ?? 'above'}
                isFirst={column === 0}
                canEdit={canEdit}
              />
            )}
          </div>
        )
      })}
    </>
  )
}

function LaneCell({
  lane,
  stage,
  column,
  stages,
}: {
  lane: LaneView
  stage: StageView
  column: number
  stages: StageView[]
}) {
  const isText = !['touchpoints', 'kpi', 'volumes', 'emotion'].includes(lane.kind)
  return (
    <div
      role="gridcell"
      className={styles.cell}
      data-cell
      tabIndex={-1}
      {...(isText ? { 'data-lane': lane.key, 'data-stage': stage.key } : {})}
    >
      <LaneContent lane={lane} stage={stage} column={column} isLast={column === stages.length - 1} inGrid />
    </div>
  )
}

/** What stands of a lane in one stage, whatever its kind but emotion. */
export function LaneContent({
  lane,
  stage,
  column,
  isLast,
  inGrid,
}: {
  lane: LaneView
  stage: StageView
  column: number
  isLast: boolean
  inGrid?: boolean
}) {
  const f = useFormat()
  const laneName = useLaneName()
  const cell = lane.cells[column] ?? {}
  switch (lane.kind) {
    case 'touchpoints':
      return <TouchpointCell cell={cell} stage={stage} inGrid={inGrid} />
    case 'kpi':
      return <MetricCell cell={cell} stage={stage} inGrid={inGrid} />
    case 'volumes':
      return <VolumeCell stage={stage} isLast={isLast} inGrid={inGrid} />
    case 'emotion':
      return null
    default:
      return (
        <CardCell
          lane={lane.key}
          kind={lane.kind}
          laneName={laneName(lane)}
          stage={stage.key}
          stageName={f.say(stage.name)}
          cards={cell.cards ?? []}
          goal={goalOf(stage, lane.kind)}
          inGrid={inGrid}
        />
      )
  }
}
