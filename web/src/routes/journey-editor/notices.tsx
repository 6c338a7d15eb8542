import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useBlocker } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { Problem } from '~/lib/api/types'
import type { Stored } from '~/lib/draft'
import { Button, Dialog, Icon } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './notices.module.css'
import type { DraftEditor } from './use-draft'

/** Brings a notice into view when it appears: saving by keyboard may happen far below it. */
function useInView(of: unknown) {
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (of) ref.current?.scrollIntoView({ block: 'nearest' })
  }, [of])
  return ref
}

/** Somebody else saved meanwhile: load theirs, or write ours over it. */
export function ConflictNotice<Body>({
  editor,
  conflict,
}: {
  editor: DraftEditor<Body, unknown>
  conflict: Stored<Body>
}) {
  const f = useFormat()
  const { author, version, created_us } = conflict
  const notice = useInView(conflict)
  return (
    <div ref={notice} role="alert" className={styles.notice}>
      <Icon name="warn" />
      <div className={styles.noticeText}>
        <p>
          <b>
            <Trans>
              {author} saved version {version} {f.ago(created_us)}.
            </Trans>
          </b>
        </p>
        <p className="soft">
          <Trans>
            Your changes are still here and not saved. Loading the newer version drops them; saving yours over it keeps
            theirs in the history only.
          </Trans>
        </p>
      </div>
      <div className={styles.noticeActions}>
        <Button size="s" variant="primary" onPress={editor.takeTheirs}>
          <Trans>Load the newer version</Trans>
        </Button>
        <Button size="s" isPending={editor.isSaving} onPress={() => void editor.save(conflict)}>
          <Trans>Save mine over it</Trans>
        </Button>
      </div>
    </div>
  )
}

/** A problem with the name of its place in the form and the way there. */
export interface Found {
  problem: Problem
  name: string
  go: () => void
}

/** Why it was not saved: each problem with the way to its place, where it stands too. */
export function NotSaved({ found }: { found: Found[] }) {
  const f = useFormat()
  const notice = useInView(found.length > 0 ? found[0]?.problem : null)
  if (found.length === 0) return null
  return (
    <div ref={notice} role="alert" className={styles.notice}>
      <Icon name="warn" />
      <div className={styles.noticeText}>
        <p>
          <b>
            <Plural
              value={found.length}
              one="Not saved: # thing to mend. Your changes are kept."
              other="Not saved: # things to mend. Your changes are kept."
            />
          </b>
        </p>
        <ul className={styles.noticeList}>
          {found.map(({ problem, name, go }, index) => (
            <li key={index}>
              <button type="button" className={styles.noticeLink} onClick={go}>
                {name}
              </button>
              : {f.say(problem.message)} <span className="soft">{f.say(problem.remedy)}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

/** Asks before changes are lost by leaving the page. */
export function LeaveDialog({ isDirty, save }: { isDirty: boolean; save: () => Promise<boolean> }) {
  const { t } = useLingui()
  const [isSaving, setSaving] = useState(false)
  const blocker = useBlocker({
    // Within the page, as between form and YAML, nothing is lost.
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  })
  if (blocker.status !== 'blocked') return null
  const { proceed, reset } = blocker
  return (
    <Dialog
      isOpen
      onOpenChange={(open) => !open && reset()}
      title={t`Changes are not saved`}
      actions={
        <>
          <Button variant="quiet" onPress={reset}>
            <Trans>Stay here</Trans>
          </Button>
          <Button variant="danger" onPress={proceed}>
            <Trans>Leave without saving</Trans>
          </Button>
          <Button
            variant="primary"
            isPending={isSaving}
            onPress={async () => {
              setSaving(true)
              const isStored = await save()
              setSaving(false)
              if (isStored) proceed()
              else reset()
            }}
          >
            <Trans>Save and leave</Trans>
          </Button>
        </>
      }
    >
      <p className="soft">
        <Trans>What you wrote is lost when you leave without saving.</Trans>
      </p>
    </Dialog>
  )
}
