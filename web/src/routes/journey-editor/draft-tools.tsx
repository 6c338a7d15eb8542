import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Icon, IconButton } from '~/lib/ui'
import styles from './form.module.css'
import type { DraftEditor } from './use-draft'

/** Which version this is, and whether all of it is stored. */
export function Standing<Body>({ editor, isDirty }: { editor: DraftEditor<Body, unknown>; isDirty: boolean }) {
  const { t } = useLingui()
  const { draft } = editor
  if (!draft) return null
  return (
    <span className={styles.standing}>
      {draft.version > 0 && <Trans>version {draft.version}</Trans>}
      <span role="status" data-dirty={isDirty || undefined} className={styles.state}>
        {editor.isSaving
          ? t`saving…`
          : isDirty
            ? draft.version > 0
              ? t`changes not saved`
              : t`not saved yet`
            : draft.version > 0 && t`saved`}
      </span>
    </span>
  )
}

/** Undo and redo of the draft. */
export function WayBack<Body>({ editor }: { editor: DraftEditor<Body, unknown> }) {
  const { t } = useLingui()
  const { draft } = editor
  return (
    <>
      <IconButton
        label={t`Undo`}
        isDisabled={!draft || draft.past.length === 0}
        onPress={editor.undo}
        aria-keyshortcuts="Control+Z Meta+Z"
      >
        <Icon name="undo" />
      </IconButton>
      <IconButton
        label={t`Redo`}
        isDisabled={!draft || draft.future.length === 0}
        onPress={editor.redo}
        aria-keyshortcuts="Control+Shift+Z Meta+Shift+Z"
      >
        <Icon name="redo" />
      </IconButton>
    </>
  )
}

/** Stores the draft. */
export function SaveButton<Body>({
  editor,
  canSave,
  save,
}: {
  editor: DraftEditor<Body, unknown>
  canSave: boolean
  save: () => void
}) {
  return (
    <Button
      variant="primary"
      isDisabled={!canSave}
      isPending={editor.isSaving}
      onPress={save}
      aria-keyshortcuts="Control+S Meta+S"
    >
      <Trans>Save</Trans>
    </Button>
  )
}
