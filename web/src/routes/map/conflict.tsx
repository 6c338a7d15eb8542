import { Plural, Trans } from '@lingui/react/macro'
import { Button, Icon } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './notices.module.css'
import type { Editor } from './use-editor'

/** Somebody else stored the map while it was edited here: lay ours on theirs, or take theirs. */
export function ConflictNotice({ editor }: { editor: Editor }) {
  const f = useFormat()
  if (!editor.conflict) return null
  const { theirs, merged } = editor.conflict
  const n_mine = editor.log?.pending.length ?? 0
  const { lost, overwriting } = merged
  const version = theirs.version
  return (
    <div role="alert" className={styles.notice} data-tone="bad">
      <Icon name="warn" />
      <div className={styles.text}>
        <p>
          <b>
            <Trans>
              {theirs.author} saved version {version} of this map {f.ago(theirs.created_us)}.
            </Trans>
          </b>{' '}
          <Plural
            value={n_mine}
            one="Your # change is still here and not saved."
            other="Your # changes are still here and not saved."
          />
        </p>
        <p className="soft">
          {overwriting.length > 0 && (
            <Plural
              value={overwriting.length}
              one="# of them replaces what the other wrote in the same place. "
              other="# of them replace what the other wrote in the same places. "
            />
          )}
          {lost.length > 0 && (
            <Plural
              value={lost.length}
              one="# cannot be kept: its card or lane was deleted."
              other="# cannot be kept: their card or lane was deleted."
            />
          )}
          {overwriting.length === 0 && lost.length === 0 && (
            <Trans>They touch different places and can be put together.</Trans>
          )}
        </p>
      </div>
      <div className={styles.actions}>
        <Button variant="primary" size="s" onPress={() => editor.settle('merge')}>
          <Trans>Put together</Trans>
        </Button>
        <Button size="s" onPress={() => editor.settle('theirs')}>
          <Trans>Take theirs</Trans>
        </Button>
      </div>
    </div>
  )
}
