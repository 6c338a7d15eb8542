import { Trans, useLingui } from '@lingui/react/macro'
import type { KeyboardEvent } from 'react'
import type { LaneView } from '~/lib/map/types'
import { laneNames, laneNotes } from '~/lib/map/words'
import { rewrite } from '~/lib/text'
import { cx } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { CardEditor } from './card-editor'
import { useMapActions } from './context'
import styles from './lane-title.module.css'

/** The title of a lane, as its kind or its team says. */
export function useLaneName() {
  const f = useFormat()
  const { i18n } = useLingui()
  return (lane: Pick<LaneView, 'kind' | 'name'>) => f.say(lane.name) || i18n._(laneNames[lane.kind])
}

export interface LaneTitleProps {
  lane: LaneView
  isRenaming: boolean
  onRenamed: () => void
}

/** Names a lane; pressing it opens its menu, Alt and the arrows move it. */
export function LaneTitle({ lane, isRenaming, onRenamed }: LaneTitleProps) {
  const { i18n, t } = useLingui()
  const f = useFormat()
  const { actions, canEdit } = useMapActions()
  const name = useLaneName()(lane)
  const note = laneNotes[lane.kind]
  if (isRenaming)
    return (
      <CardEditor
        text={name}
        label={t`Title of the lane`}
        onSave={(words) => {
          actions.edit({ edit: 'rename_lane', key: lane.key, name: rewrite(lane.name, f.lang, words) })
          onRenamed()
        }}
        onCancel={onRenamed}
      />
    )
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    actions.moveLane(lane.key, event.key === 'ArrowUp' ? 'up' : 'down')
  }
  const text = (
    <>
      <span className={styles.name}>{name}</span>
      {note && <small className={styles.note}>{i18n._(note)}</small>}
      {lane.kind === 'emotion' && (
        <>
          <small className={styles.legend}>
            <i /> <Trans>measured (95%)</Trans>
          </small>
          <small className={cx(styles.legend, styles.assumed)}>
            <i /> <Trans>assumed by the team</Trans>
          </small>
        </>
      )}
    </>
  )
  return (
    <button
      type="button"
      className={styles.title}
      tabIndex={-1}
      data-item
      aria-haspopup="menu"
      aria-keyshortcuts={canEdit ? 'Alt+ArrowUp Alt+ArrowDown' : undefined}
      onKeyDown={canEdit ? onKeyDown : undefined}
      onClick={(event) => actions.openLaneMenu(lane.key, event.currentTarget)}
    >
      {text}
    </button>
  )
}
