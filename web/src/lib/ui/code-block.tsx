import { Trans, useLingui } from '@lingui/react/macro'
import { useEffect, useRef, useState } from 'react'
import { Button } from './button'
import styles from './code-block.module.css'
import { Icon } from './icon'

/** How long “copied” stands, milliseconds. */
const COPIED_MS = 2_000

/** Copies a text and says so in its own place. */
export function CopyButton({ text, label, onCopied }: { text: string; label?: string; onCopied?: () => void }) {
  const { t } = useLingui()
  const [isCopied, setCopied] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    <Button
      size="s"
      aria-label={label}
      onPress={async () => {
        await navigator.clipboard.writeText(text)
        setCopied(true)
        onCopied?.()
        clearTimeout(timer.current)
        timer.current = setTimeout(() => setCopied(false), COPIED_MS)
      }}
    >
      <Icon name={isCopied ? 'check' : 'copy'} size={14} />
      <span role="status">{isCopied ? t`Copied` : <Trans>Copy</Trans>}</span>
    </Button>
  )
}

/** A program or key to be copied as it stands. */
export function CodeBlock({ code, label, onCopied }: { code: string; label: string; onCopied?: () => void }) {
  return (
    <div className={styles.block}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, by keyboard too. */}
      <section className={styles.code} tabIndex={0} aria-label={label}>
        <pre>
          <code>{code}</code>
        </pre>
      </section>
      <div className={styles.copy}>
        <CopyButton text={code} onCopied={onCopied} />
      </div>
    </div>
  )
}
