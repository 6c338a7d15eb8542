import { useCallback, useLayoutEffect, useRef } from 'react'

/** Moves focus to a selector once a change is drawn. */
export function useFocusNext(): (selector: string) => void {
  const next = useRef<string | null>(null)
  useLayoutEffect(() => {
    if (!next.current) return
    const target = document.querySelector<HTMLElement>(next.current)
    if (!target) return
    next.current = null
    target.focus()
  })
  return useCallback((selector: string) => {
    next.current = selector
  }, [])
}
