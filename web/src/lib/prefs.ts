import { useSyncExternalStore } from 'react'
import type { Lang } from './text'

/** Light, dark, or as the system says. */
export type Theme = 'light' | 'dark' | 'system'

interface Prefs {
  theme: Theme
  lang: Lang
}

const listeners = new Set<() => void>()

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function store(key: string, value: string) {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Private windows may refuse storage; the choice then lasts as long as the page.
  }
}

function initial(): Prefs {
  const theme = stored('gilmok.theme')
  const lang = stored('gilmok.locale')
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    lang: lang === 'ko' || lang === 'en' ? lang : globalThis.navigator?.language.startsWith('ko') ? 'ko' : 'en',
  }
}

let prefs = initial()

function set(next: Prefs) {
  prefs = next
  for (const listener of listeners) listener()
}

/** The choices as they stand. */
export const currentPrefs = () => prefs

/** Calls `listener` after each change. */
export function watchPrefs(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Remembers the theme on this device and shows it at once. */
export function setTheme(theme: Theme) {
  store('gilmok.theme', theme)
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  set({ ...prefs, theme })
}

/** Remembers the language on this device; the catalogue follows through `watchPrefs`. */
export function setLang(lang: Lang) {
  store('gilmok.locale', lang)
  document.documentElement.lang = lang
  set({ ...prefs, lang })
}

/** The choices, for components. */
export function usePrefs(): Prefs {
  return useSyncExternalStore(watchPrefs, currentPrefs, currentPrefs)
}
