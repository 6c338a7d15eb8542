import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useCanEdit, useDataRange } from '~/lib/api/queries'
import type { Scope } from '~/lib/api/types'
import { hiddenLanes, type MapSearch, mapQuery, withHidden } from '~/lib/map/address'
import { mapView } from '~/lib/map/api'
import { arrange, standing, strayCards } from '~/lib/map/arrange'
import { findCard, placeCard, stepCard, stepLane } from '~/lib/map/edit'
import type { MapView } from '~/lib/map/types'
import { rewrite } from '~/lib/text'
import { Failed, isComposing, Page, toast, useScope, useSlow, Working } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { CardDetails } from './card-details'
import { ConflictNotice } from './conflict'
import { type MapActions, MapContext } from './context'
import { Facts } from './facts'
import { FigurePanel, type Pressed } from './figure-panel'
import { MapGrid } from './grid'
import { MapHead } from './head'
import { MapSkeleton } from './map-skeleton'
import { CardMenu, LaneMenu, LaneTools, type OpenMenu } from './menus'
import { MapFoot, StandingNotice, StrayNotice, Warnings } from './notices'
import { PhoneMap, useNarrow } from './phone'
import { Pins } from './pins'
import type { DragEnds } from './use-drag'
import { type Editor, useEditor } from './use-editor'
import { Versions } from './versions'

export function MapPage() {
  const { key } = useParams({ from: '/frame/maps/$key' })
  // Another map is another page: nothing of the editor's state may cross over.
  return <OneMap key={key} mapKey={key} />
}

function OneMap({ mapKey }: { mapKey: string }) {
  const f = useFormat()
  const search = useSearch({ from: '/frame/maps/$key' })
  const scope = useScope(search)
  const query = scope && mapQuery(search, scope.days, scope.before)
  const { data: view, error, refetch, isFetching, isPlaceholderData } = useQuery(mapView(mapKey, query))
  const isSlow = useSlow(isFetching)
  const editor = useEditor(mapKey)
  const [versions, setVersions] = useState(false)
  const body = editor.log?.map
  const title = f.say(body?.name) || f.say(view?.name) || mapKey
  useUndoKeys(editor)
  return (
    <Page wide>
      <MapHead
        mapKey={mapKey}
        title={title}
        search={search}
        view={view}
        editor={editor}
        onVersions={() => setVersions(true)}
        onRename={(name) => editor.edit({ edit: 'rename', name: rewrite(body?.name ?? view?.name, f.lang, name) })}
      />
      <ConflictNotice editor={editor} />
      {error && !view && <Failed error={error} retry={() => void refetch()} />}
      {isSlow && <Working />}
      {!view && !error && <MapSkeleton />}
      {view && (
        <Pins map={mapKey}>
          <Measured
            view={view}
            editor={editor}
            search={search}
            scope={scope}
            title={title}
            isStale={isPlaceholderData}
            failed={error && <Failed error={error} retry={() => void refetch()} compact />}
          />
        </Pins>
      )}
      <Versions
        mapKey={mapKey}
        isOpen={versions}
        onOpenChange={setVersions}
        stages={view?.stages ?? []}
        onRestore={body && ((old) => editor.edit({ edit: 'replace', body: old }))}
      />
    </Page>
  )
}

interface MeasuredProps {
  view: MapView
  editor: Editor
  search: MapSearch
  scope: ReturnType<typeof useScope>
  title: string
  isStale: boolean
  failed: React.ReactNode
}

function Measured({ view, editor, search, scope, title, isStale, failed }: MeasuredProps) {
  const navigate = useNavigate({ from: '/maps/$key' })
  const isNarrow = useNarrow()
  const range = useDataRange()
  const { log } = editor
  const body = log?.map ?? null
  const lanes = useMemo(() => arrange(view, body), [view, body])
  const hidden = hiddenLanes(search)
  const shown = hidden.length > 0 ? lanes.filter((lane) => !hidden.includes(lane.key)) : lanes
  const [pressed, setPressed] = useState<Pressed | null>(null)
  const [cardMenu, setCardMenu] = useState<OpenMenu | null>(null)
  const [laneMenu, setLaneMenu] = useState<OpenMenu | null>(null)
  const [opened, setOpened] = useState<string | null>(null)
  const [renaming, setRenaming] = useState<string | null>(null)
  const grid = useRef<HTMLDivElement>(null)
  const { actions, said } = useActions({ editor, view, grid, setPressed, setCardMenu, setLaneMenu, setOpened })
  const stands = standing(view, range !== null)
  const isThere = stands === 'thin' || stands === 'fine'
  const mayEdit = useCanEdit()
  const canEdit = body !== null && mayEdit
  const context = useMemo(() => ({ actions, canEdit }), [actions, canEdit])
  const drag = useDragEnds(editor, actions)
  const set = (next: MapSearch) => void navigate({ search: next, replace: true, resetScroll: false })
  const card = opened && body ? findCard(body, opened)?.card : undefined
  const tools = (
    <LaneTools
      body={body}
      canEdit={canEdit}
      hidden={lanes.filter((lane) => hidden.includes(lane.key))}
      onShow={(key) => set(withHidden(search, key, false))}
    />
  )
  return (
    <MapContext value={context}>
      {failed}
      <Facts view={view} isComparable={isThere} />
      <StandingNotice standing={stands} view={view} onSearch={set} />
      {isThere && <Warnings view={view} />}
      {body && <StrayNotice stray={strayCards(view, body)} onRemove={actions.removeCard} />}
      {isNarrow ? (
        <PhoneMap view={view} lanes={shown} name={title} foot={tools} />
      ) : (
        <MapGrid
          view={view}
          lanes={shown}
          name={title}
          renaming={renaming}
          onRenamed={() => setRenaming(null)}
          drag={drag}
          grid={grid}
          isStale={isStale}
          foot={tools}
        />
      )}
      <MapFoot view={view} author={editor.stored?.author} changed_us={editor.stored?.created_us ?? view.changed_us} />
      <FigurePanel pressed={pressed} view={view} scope={peopleScope(view, scope)} close={() => setPressed(null)} />
      {body && (
        <CardMenu
          open={cardMenu}
          onClose={() => setCardMenu(null)}
          body={body}
          stages={view.stages.map((stage) => stage.key)}
        />
      )}
      <LaneMenu
        open={laneMenu}
        onClose={() => setLaneMenu(null)}
        body={body}
        canEdit={canEdit}
        onHide={(key) => set(withHidden(search, key, true))}
        onRename={setRenaming}
      />
      {card && (
        <CardDetails
          key={card.id}
          card={card}
          currency={view.currency}
          onSave={(fields) => editor.edit({ edit: 'change_card', id: card.id, fields })}
          onClose={() => setOpened(null)}
        />
      )}
      <div className="sr-only" aria-live="polite">
        {said}
      </div>
    </MapContext>
  )
}

/** The scope of the people behind the map's numbers: as it was chosen, where the numbers are of just these days. */
function peopleScope(view: MapView, chosen: ReturnType<typeof useScope>): Scope {
  const { period } = view.scope
  const isSame = period?.from === chosen?.days.from && period?.to === chosen?.days.to
  return chosen && isSame ? { ...chosen.scope, segment: view.scope.segment, persona: view.scope.persona } : view.scope
}

interface ActionsNeed {
  editor: Editor
  view: MapView
  grid: React.RefObject<HTMLDivElement | null>
  setPressed: (pressed: Pressed) => void
  setCardMenu: (open: OpenMenu) => void
  setLaneMenu: (open: OpenMenu) => void
  setOpened: (id: string) => void
}

/** What cells can do, in one object that never changes; it reads the newest map when called. */
function useActions(need: ActionsNeed): { actions: MapActions; said: string } {
  const f = useFormat()
  const { t } = useLingui()
  const [said, setSaid] = useState('')
  const words = {
    stuck: t`It cannot go further that way.`,
    moved: (stage: string) => t`Card moved to ${stage}.`,
    laneMoved: t`Lane moved.`,
    deleted: (text: string) => t`Deleted “${text}”.`,
    undo: t`Undo`,
  }
  const now = useRef({ ...need, f, words })
  now.current = { ...need, f, words }
  // Where focus goes once the change is drawn: a moved card is another element.
  const focusNext = useRef<string | null>(null)
  useLayoutEffect(() => {
    if (!focusNext.current) return
    const target = document.querySelector<HTMLElement>(focusNext.current)
    if (!target) return
    focusNext.current = null
    target.focus()
  })
  const actions = useMemo<MapActions>(() => {
    const body = () => now.current.editor.log?.map
    const stages = () => now.current.view.stages.map((stage) => stage.key)
    const stageName = (key: string) => now.current.f.say(now.current.view.stages.find((one) => one.key === key)?.name)
    const cardSelector = (id: string) => `[data-card="${CSS.escape(id)}"] button`
    return {
      edit: (edit, gesture) => now.current.editor.edit(edit, gesture),
      openFigure: (asked, anchor) => now.current.setPressed({ asked, anchor }),
      openCard: (id) => now.current.setOpened(id),
      openCardMenu: (key, anchor) => now.current.setCardMenu({ key, anchor }),
      openLaneMenu: (key, anchor) => now.current.setLaneMenu({ key, anchor }),
      announce: setSaid,
      moveCard: (id, way) => {
        const map = body()
        const edit = map && stepCard(map, stages(), id, way)
        const { words } = now.current
        if (edit?.edit !== 'move_card') return setSaid(words.stuck)
        focusNext.current = cardSelector(id)
        now.current.editor.edit(edit)
        setSaid(words.moved(stageName(edit.stage)))
      },
      moveLane: (key, way) => {
        const map = body()
        const edit = map && stepLane(map, key, way)
        const { words } = now.current
        if (!edit) return setSaid(words.stuck)
        focusNext.current = `[data-row="${CSS.escape(key)}"] [role=rowheader] button`
        now.current.editor.edit(edit)
        setSaid(words.laneMoved)
      },
      removeCard: (id) => {
        const map = body()
        const found = map && findCard(map, id)
        if (!found) return
        const { words, f } = now.current
        const element = document.querySelector(`[data-card="${CSS.escape(id)}"]`)
        const neighbour = element?.nextElementSibling ?? element?.previousElementSibling
        const cell = `[data-lane="${CSS.escape(found.lane.key)}"][data-stage="${CSS.escape(found.card.stage)}"]`
        const next = neighbour?.getAttribute('data-card')
        focusNext.current = next ? cardSelector(next) : `${cell} [data-item]`
        now.current.editor.edit({ edit: 'remove_card', id })
        toast({
          text: words.deleted(f.say(found.card.text)),
          action: { label: words.undo, run: () => now.current.editor.undo() },
        })
      },
    }
  }, [])
  return { actions, said }
}

/** Where dragged cards and lanes end. */
function useDragEnds(editor: Editor, actions: MapActions) {
  const { t } = useLingui()
  const ends = useRef<DragEnds>({ onCard: () => {}, onLane: () => {} })
  const map = editor.log?.map
  ends.current = {
    onCard: (id, lane, stage, index) => {
      actions.edit(map ? placeCard(map, id, lane, stage, index) : null)
      actions.announce(t`Card moved.`)
    },
    onLane: (key, index) => {
      const others = map?.lanes.filter((lane) => lane.key !== key) ?? []
      actions.edit({ edit: 'move_lane', key, before: others[index]?.key ?? null })
      actions.announce(t`Lane moved.`)
    },
  }
  return ends
}

/** Ctrl+Z and Ctrl+Shift+Z (⌘ on a Mac), unless a text is being written: there they are the text's own. */
function useUndoKeys(editor: Editor) {
  const now = useRef(editor)
  now.current = editor
  const onKey = useCallback((event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || isComposing(event)) return
    const target = event.target as HTMLElement
    if (target.closest('input:not([type=range]), textarea, [contenteditable], [role=dialog]')) return
    const key = event.key.toLowerCase()
    if (key === 'z') {
      event.preventDefault()
      if (event.shiftKey) now.current.redo()
      else now.current.undo()
    } else if (key === 'y' && event.ctrlKey) {
      event.preventDefault()
      now.current.redo()
    }
  }, [])
  useEffect(() => {
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [onKey])
}
