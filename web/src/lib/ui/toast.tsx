import { useLingui } from '@lingui/react/macro'
import {
  UNSTABLE_Toast as AriaToast,
  Text,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components'
import { problemsIn } from '../api/client'
import { currentPrefs } from '../prefs'
import { say } from '../text'
import { Button, IconButton } from './button'
import { cx } from './class-names'
import { Icon } from './icon'
import styles from './toast.module.css'

interface ToastBody {
  text: string
  remedy?: string
  tone?: 'plain' | 'bad'
  /** A way back or on, such as “Undo”. */
  action?: { label: string; run: () => void }
}

const queue = new ToastQueue<ToastBody>({ maxVisibleToasts: 3 })

/**
 * Says what was done, with a way to undo it. Stays 6 s; with an action 12 s (React Aria pauses while it is hovered or
 * focused, and gives it a landmark reached with F6).
 */
export function toast(body: ToastBody) {
  queue.add(body, { timeout: body.tone === 'bad' ? undefined : body.action ? 12_000 : 6_000 })
}

/** Says why something did not work and what to do; stays until closed. */
export function toastProblem(error: unknown) {
  const { lang } = currentPrefs()
  const [problem] = problemsIn(error)
  if (problem) toast({ text: say(problem.message, lang), remedy: say(problem.remedy, lang), tone: 'bad' })
}

/** Where toasts appear; mounted once by the frame. */
export function Toasts() {
  const { t } = useLingui()
  return (
    <ToastRegion queue={queue} className={styles.region} aria-label={t`Notices`}>
      {({ toast: one }) => (
        <AriaToast toast={one} className={cx(styles.toast, one.content.tone === 'bad' && styles.bad)}>
          <ToastContent className={styles.content}>
            <Text slot="title">{one.content.text}</Text>
            {one.content.remedy && (
              <Text slot="description" className={styles.remedy}>
                {one.content.remedy}
              </Text>
            )}
          </ToastContent>
          {one.content.action && (
            <Button
              size="s"
              onPress={() => {
                one.content.action?.run()
                queue.close(one.key)
              }}
            >
              {one.content.action.label}
            </Button>
          )}
          <IconButton label={t`Close`} size="s" onPress={() => queue.close(one.key)}>
            <Icon name="close" size={12} />
          </IconButton>
        </AriaToast>
      )}
    </ToastRegion>
  )
}
