import { Trans, useLingui } from '@lingui/react/macro'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { DialogTrigger } from 'react-aria-components'
import type { MapSearch } from '~/lib/map/address'
import { nextRedo, nextUndo } from '~/lib/map/log'
import type { MapView } from '~/lib/map/types'
import { editNames } from '~/lib/map/words'
import {
  Button,
  Chip,
  Icon,
  IconButton,
  LinkButton,
  PageHead,
  PeriodPicker,
  PersonaPicker,
  Popover,
  Select,
  toast,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { CardEditor } from './card-editor'
import { ExportMenu } from './export-menu'
import styles from './head.module.css'
import type { Editor } from './use-editor'

export interface MapHeadProps {
  mapKey: string
  title: string
  search: MapSearch
  view: MapView | undefined
  editor: Editor
  onVersions: () => void
  onRename: (name: string) => void
}

/** Which map this is, how it stands, and what rules its numbers. */
export function MapHead({ mapKey, title, search, view, editor, onVersions, onRename }: MapHeadProps) {
  const { t } = useLingui()
  const navigate = useNavigate({ from: '/maps/$key' })
  const [isRenaming, setRenaming] = useState(false)
  const set = (next: MapSearch) => void navigate({ search: next, replace: true, resetScroll: false })
  const share = async () => {
    try {
      await navigator.clipboard.writeText(location.href)
      toast({ text: t`Link copied. It opens this view with the same period and people.` })
    } catch {
      toast({ text: t`The link could not be copied. Copy it from the address bar.`, tone: 'bad' })
    }
  }
  return (
    <PageHead
      crumb={
        <Link to="/journeys">
          <Trans>Journeys</Trans>
        </Link>
      }
      tabTitle={title}
      title={
        isRenaming ? (
          <span className={styles.rename}>
            <CardEditor
              text={title}
              label={t`Name of the map`}
              onSave={(words) => {
                onRename(words)
                setRenaming(false)
              }}
              onCancel={() => setRenaming(false)}
            />
          </span>
        ) : (
          title
        )
      }
      note={<Standing view={view} editor={editor} onVersions={onVersions} onRename={() => setRenaming(true)} />}
      tools={
        <>
          {(view === undefined || view.personas.length > 0 || search.persona) && (
            <PersonaPicker
              value={search.persona}
              choices={view?.personas ?? []}
              onChange={(persona) => set({ ...search, persona })}
            />
          )}
          <PeriodPicker view={search} onChange={(next) => set({ ...search, ...next })} />
          <SegmentChip search={search} view={view} onChange={set} />
          <Button onPress={share} aria-label={t`Share: copy a link to this view`}>
            <Icon name="share" />
            <Trans>Share</Trans>
          </Button>
          {view && (
            <LinkButton to="/journeys/$key/edit" params={{ key: view.journey }}>
              <Icon name="edit" />
              <Trans>Edit journey</Trans>
            </LinkButton>
          )}
          <ExportMenu mapKey={mapKey} search={search} />
        </>
      }
    />
  )
}

/** `Current state · version 14 · Saved`, undo and redo. */
function Standing({
  view,
  editor,
  onVersions,
  onRename,
}: {
  view: MapView | undefined
  editor: Editor
  onVersions: () => void
  onRename: () => void
}) {
  const { i18n, t } = useLingui()
  const { log } = editor
  const version = log?.version ?? view?.version
  const state = log?.map.state ?? view?.state ?? 'current'
  const [back, again] = [log && nextUndo(log), log && nextRedo(log)]
  const undoText = back ? t`Undo: ${i18n._(editNames[back.edit])}` : t`Nothing to undo`
  const redoText = again ? t`Redo: ${i18n._(editNames[again.edit])}` : t`Nothing to redo`
  return (
    <span className={styles.standing}>
      <span>{state === 'future' ? t`planned` : t`as it is now`}</span>
      {version !== undefined && (
        <button type="button" className={styles.version} onClick={onVersions} aria-haspopup="dialog">
          <Trans>version {version}</Trans>
        </button>
      )}
      {log && (
        <>
          <SaveMark editor={editor} />
          <span className={styles.undo} data-print="hide">
            <IconButton
              size="s"
              label={undoText}
              isDisabled={!back}
              onPress={editor.undo}
              aria-keyshortcuts="Control+Z Meta+Z"
            >
              <Icon name="undo" size={14} />
            </IconButton>
            <IconButton
              size="s"
              label={redoText}
              isDisabled={!again}
              onPress={editor.redo}
              aria-keyshortcuts="Control+Shift+Z Meta+Shift+Z"
            >
              <Icon name="redo" size={14} />
            </IconButton>
            <IconButton size="s" label={t`Rename the map`} onPress={onRename}>
              <Icon name="edit" size={14} />
            </IconButton>
          </span>
        </>
      )}
    </span>
  )
}

/** Whether everything is stored. */
function SaveMark({ editor }: { editor: Editor }) {
  const { t } = useLingui()
  const words = {
    saved: t`saved`,
    waiting: t`saving…`,
    saving: t`saving…`,
    failed: t`not saved`,
    conflict: t`changed by somebody else`,
  }[editor.state]
  return (
    <span role="status" className={styles.save} data-state={editor.state}>
      {editor.state === 'failed' ? (
        <button type="button" className={styles.version} onClick={editor.save}>
          {words} · <Trans>try again</Trans>
        </button>
      ) : (
        words
      )}
    </span>
  )
}

const EVERYBODY = '*'
const NOBODY = '-'

/** Whose numbers these are, and with whose they are compared. */
function SegmentChip({
  search,
  view,
  onChange,
}: {
  search: MapSearch
  view: MapView | undefined
  onChange: (search: MapSearch) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const choices = view?.segments ?? []
  const { segment, compare_segment } = search
  if (view && choices.length === 0 && !segment && !compare_segment) return null
  const nameOf = (key: string | undefined) => {
    const found = choices.find((choice) => choice.key === key)
    return found ? f.say(found.name) : (key ?? t`Everybody`)
  }
  const options = choices.map((choice) => ({
    key: choice.key,
    label: f.say(choice.name),
    note: t`${f.whole(choice.n_people)} people`,
  }))
  const isSet = Boolean(segment || compare_segment)
  return (
    <DialogTrigger>
      <Chip
        data-print={isSet ? undefined : 'hide'}
        label={isSet ? <Trans>Segment</Trans> : undefined}
        note={compare_segment ? `↔ ${nameOf(compare_segment)}` : undefined}
      >
        {isSet ? nameOf(segment) : t`+ Compare segments`}
      </Chip>
      <Popover label={t`Segments`} className={styles.segments}>
        <Select
          label={t`Whose numbers`}
          value={segment ?? EVERYBODY}
          onChange={(key) => onChange({ ...search, segment: key === EVERYBODY ? undefined : key })}
          options={[{ key: EVERYBODY, label: t`Everybody` }, ...options]}
        />
        <Select
          label={t`Compared with`}
          value={compare_segment ?? NOBODY}
          onChange={(key) => onChange({ ...search, compare_segment: key === NOBODY ? undefined : key })}
          options={[{ key: NOBODY, label: t`the period of comparison` }, ...options]}
        />
        <p className="small soft">
          <Trans>Two segments are compared over the same days, so that only the people differ.</Trans>
        </p>
      </Popover>
    </DialogTrigger>
  )
}
