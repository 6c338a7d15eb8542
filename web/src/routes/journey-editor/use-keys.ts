import { useEffect, useRef } from 'react'
import { isComposing } from '~/lib/ui'

interface Keys {
  undo: () => void
  redo: () => void
  save: () => void
}

/**
 * Ctrl+Z, Ctrl+Shift+Z, Ctrl+Y and Ctrl+S (⌘ on a Mac) for the whole draft, in its fields too: every keystroke there is
 * part of the draft. In dialogs and pickers, and while a syllable is being composed, the keys stay the browser's own.
 */
export function useEditorKeys(keys: Keys) {
  const now = useRef(keys)
  now.current = keys
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || isComposing(event)) return
      const key = event.key.toLowerCase()
      if (key === 's') {
        event.preventDefault()
        now.current.save()
        return
      }
      if (event.target instanceof HTMLElement && event.target.closest('[role=dialog], [role=combobox], textarea'))
        return
      const isRedo = (key === 'z' && event.shiftKey) || (key === 'y' && event.ctrlKey)
      if (!isRedo && key !== 'z') return
      event.preventDefault()
      if (isRedo) now.current.redo()
      else now.current.undo()
    }
    // On the way down: React Aria keeps keys of its fields and buttons from bubbling.
    window.addEventListener('keydown', onKey, true)
    return () => window.removeEventListener('keydown', onKey, true)
  }, [])
}
