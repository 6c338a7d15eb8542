import { useLingui } from '@lingui/react/macro'
import { useEffect, useRef } from 'react'
import { isComposing } from '~/lib/ui'
import styles from './cards.module.css'

export interface CardEditorProps {
  text: string
  label: string
  /** Receives the trimmed text, never empty. `by` tells whether Enter asked for it or focus went elsewhere. */
  onSave: (text: string, by: 'enter' | 'blur') => void
  onCancel: () => void
}

/** A text edited where it stands. Enter saves, Shift+Enter breaks the line, Escape leaves it as it was. */
export function CardEditor({ text, label, onSave, onCancel }: CardEditorProps) {
  const { t } = useLingui()
  const area = useRef<HTMLTextAreaElement>(null)
  const isDone = useRef(false)
  useEffect(() => {
    area.current?.focus()
    area.current?.select()
  }, [])
  const finish = (by: 'enter' | 'blur' | 'escape') => {
    if (isDone.current) return
    isDone.current = true
    // The element's own value: a syllable that an input method has just finished may not have reached React yet.
    const words = area.current?.value.trim() ?? ''
    if (by === 'escape' || words === '' || words === text) onCancel()
    else onSave(words, by)
  }
  return (
    <textarea
      ref={area}
      rows={1}
      maxLength={2000}
      defaultValue={text}
      aria-label={label}
      placeholder={t`Write, then Enter`}
      className={styles.editor}
      onBlur={() => finish('blur')}
      onKeyDown={(event) => {
        event.stopPropagation()
        // The Enter that ends a Korean syllable belongs to the input method.
        if (isComposing(event)) return
        if (event.key === 'Enter' && !event.shiftKey) {
          event.preventDefault()
          finish('enter')
        } else if (event.key === 'Escape') {
          event.preventDefault()
          finish('escape')
        }
      }}
    />
  )
}
