import { Trans, useLingui } from '@lingui/react/macro'
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { Menu as AriaMenu, Popover as AriaPopover } from 'react-aria-components'
import { findCard, newLaneKey, stepCard, stepLane } from '~/lib/map/edit'
import { isMeasured, LANE_KINDS, type LaneKind, type LaneView, type MapBody } from '~/lib/map/types'
import { laneNames } from '~/lib/map/words'
import { Button, Icon, Menu, MenuItem, MenuLine, MenuTrigger } from '~/lib/ui'
import menu from '~/lib/ui/menu.module.css'
import { useMapActions } from './context'
import { useLaneName } from './lane-title'

export interface OpenMenu {
  key: string
  anchor: HTMLElement
}

/** A menu under whatever was pressed: one for all cards and lanes, however many there are. */
function AnchoredMenu({
  open,
  onClose,
  onAction,
  label,
  children,
}: {
  open: OpenMenu | null
  onClose: () => void
  onAction: (action: string) => void
  label: string
  children: ReactNode
}) {
  const anchor: RefObject<HTMLElement | null> = useRef(null)
  const [last, setLast] = useState(open)
  if (open && open !== last) setLast(open)
  anchor.current = (open ?? last)?.anchor ?? null
  useEffect(() => {
    const element = open?.anchor
    element?.setAttribute('aria-expanded', 'true')
    return () => element?.setAttribute('aria-expanded', 'false')
  }, [open])
  if (!last) return null
  return (
    <AriaPopover
      triggerRef={anchor}
      isOpen={open !== null}
      onOpenChange={(isOpen) => !isOpen && onClose()}
      placement="bottom start"
      offset={4}
      className={menu.popover}
    >
      <AriaMenu
        autoFocus="first"
        aria-label={label}
        className={menu.menu}
        onClose={onClose}
        onAction={(action) => {
          onClose()
          onAction(String(action))
        }}
      >
        {children}
      </AriaMenu>
    </AriaPopover>
  )
}

/** Everything that can be done with a card, for those who do not drag. */
export function CardMenu({
  open,
  onClose,
  body,
  stages,
}: {
  open: OpenMenu | null
  onClose: () => void
  body: MapBody
  stages: string[]
}) {
  const { t } = useLingui()
  const { actions } = useMapActions()
  const key = open?.key ?? ''
  const isThere = findCard(body, key) !== null
  const blocked = (['left', 'right', 'up', 'down'] as const).filter(
    (way) => !isThere || !stepCard(body, stages, key, way),
  )
  const run = (action: string) => {
    if (action === 'edit') document.querySelector<HTMLElement>(`[data-card="${CSS.escape(key)}"] button`)?.click()
    else if (action === 'details') actions.openCard(key)
    else if (action === 'delete') actions.removeCard(key)
    else actions.moveCard(key, action as 'left' | 'right' | 'up' | 'down')
  }
  return (
    <AnchoredMenu open={open} onClose={onClose} onAction={run} label={t`Card`}>
      <MenuItem id="edit" icon="edit" note="Enter">{t`Edit the text`}</MenuItem>
      <MenuItem id="details" icon="settings">{t`Colour, tags, evidence…`}</MenuItem>
      <MenuLine />
      <MenuItem
        id="left"
        icon="left"
        note="Alt ←"
        isDisabled={blocked.includes('left')}
      >{t`To the stage before`}</MenuItem>
      <MenuItem
        id="right"
        icon="right"
        note="Alt →"
        isDisabled={blocked.includes('right')}
      >{t`To the next stage`}</MenuItem>
      <MenuItem id="up" icon="up" note="Alt ↑" isDisabled={blocked.includes('up')}>{t`Up`}</MenuItem>
      <MenuItem id="down" icon="down" note="Alt ↓" isDisabled={blocked.includes('down')}>{t`Down`}</MenuItem>
      <MenuLine />
      <MenuItem id="delete" icon="trash" note="Delete" danger>{t`Delete`}</MenuItem>
    </AnchoredMenu>
  )
}

/** What can be done with a lane. */
export function LaneMenu({
  open,
  onClose,
  body,
  canEdit,
  onHide,
  onRename,
}: {
  open: OpenMenu | null
  onClose: () => void
  body: MapBody | null
  canEdit: boolean
  onHide: (key: string) => void
  onRename: (key: string) => void
}) {
  const { t } = useLingui()
  const { actions } = useMapActions()
  const key = open?.key ?? ''
  const run = (action: string) => {
    if (action === 'rename') onRename(key)
    else if (action === 'hide') onHide(key)
    else if (action === 'remove') actions.edit({ edit: 'remove_lane', key })
    else actions.moveLane(key, action as 'up' | 'down')
  }
  return (
    <AnchoredMenu open={open} onClose={onClose} onAction={run} label={t`Lane`}>
      {canEdit && body && (
        <>
          <MenuItem id="rename" icon="edit">{t`Rename`}</MenuItem>
          <MenuItem id="up" icon="up" note="Alt ↑" isDisabled={!stepLane(body, key, 'up')}>{t`Up`}</MenuItem>
          <MenuItem id="down" icon="down" note="Alt ↓" isDisabled={!stepLane(body, key, 'down')}>{t`Down`}</MenuItem>
          <MenuLine />
        </>
      )}
      <MenuItem id="hide" icon="minus" note={t`for you`}>{t`Hide`}</MenuItem>
      {canEdit && <MenuItem id="remove" icon="trash" danger note={t`for everybody`}>{t`Remove`}</MenuItem>}
    </AnchoredMenu>
  )
}

/** Adds a lane, or shows one that was hidden. */
export function LaneTools({
  body,
  hidden,
  onShow,
  canEdit,
}: {
  body: MapBody | null
  hidden: LaneView[]
  onShow: (key: string) => void
  canEdit: boolean
}) {
  const { i18n, t } = useLingui()
  const { actions } = useMapActions()
  const laneName = useLaneName()
  const add = (kind: LaneKind) => {
    if (!body) return
    actions.edit({ edit: 'add_lane', lane: { key: newLaneKey(body, kind), kind }, before: null })
    actions.announce(t`Lane added: ${i18n._(laneNames[kind])}`)
  }
  const isTaken = (kind: LaneKind) => isMeasured(kind) && Boolean(body?.lanes.some((lane) => lane.kind === kind))
  return (
    <>
      {canEdit && (
        <MenuTrigger>
          <Button size="s" variant="quiet">
            <Icon name="plus" size={12} />
            <Trans>Add a lane</Trans>
          </Button>
          <Menu placement="top end" aria-label={t`Kinds of lanes`} onAction={(kind) => add(kind as LaneKind)}>
            {LANE_KINDS.map((kind) => (
              <MenuItem
                key={kind}
                id={kind}
                isDisabled={isTaken(kind)}
                note={isMeasured(kind) ? t`fills itself` : undefined}
              >
                {i18n._(laneNames[kind])}
              </MenuItem>
            ))}
          </Menu>
        </MenuTrigger>
      )}
      {hidden.length > 0 && (
        <MenuTrigger>
          <Button size="s" variant="quiet">
            <Trans>{hidden.length} hidden</Trans>
          </Button>
          <Menu placement="top end" aria-label={t`Hidden lanes`} onAction={(key) => onShow(String(key))}>
            {hidden.map((lane) => (
              <MenuItem key={lane.key} id={lane.key} note={t`show`}>
                {laneName(lane)}
              </MenuItem>
            ))}
          </Menu>
        </MenuTrigger>
      )}
    </>
  )
}
