import type { KeyboardEvent as ReactKeyboardEvent } from 'react'

/**
 * Whether a key press belongs to an input method that is still composing a syllable. Korean IMEs send Enter to finish
 * one: it must not submit. Some browsers tell by `isComposing`, some only by key code 229.
 */
export function isComposing(event: ReactKeyboardEvent | KeyboardEvent): boolean {
  const native = 'nativeEvent' in event ? event.nativeEvent : event
  return native.isComposing || native.keyCode === 229
}
