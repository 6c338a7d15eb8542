import { readFileSync } from 'node:fs'

export type Lang = 'ko' | 'en'

/** Finds the words on the screen by their English source, so that one test reads the same in both languages. */
export type Words = (source: string, values?: Record<string, string | number>) => string

const read = (name: string) => readFileSync(new URL(`../src/locales/${name}/ko.po`, import.meta.url), 'utf8')
const unquote = (text: string) =>
  [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => JSON.parse(`"${match[1]}"`)).join('')

/** Source → Korean, as the app looks them up: the app's catalogue wins where both have the same words. */
function catalogue(): Map<string, string> {
  const words = new Map<string, string>()
  for (const name of ['map', 'app'])
    for (const entry of read(name).split('\n\n')) {
      if (entry.includes('\n#~') || entry.startsWith('#~') || /^msgctxt/m.test(entry)) continue
      const source = /^msgid ((?:".*"\n?)+)/m.exec(entry)?.[1]
      const korean = /^msgstr ((?:".*"\n?)+)/m.exec(entry)?.[1]
      if (source && korean) words.set(unquote(source), unquote(korean))
    }
  return words
}

/** The words of a language. Throws on a source that the catalogue does not have: the test would wait for nothing. */
export function wordsOf(lang: Lang): Words {
  const korean = catalogue()
  return (source, values = {}) => {
    const known = korean.get(source)
    if (!known) throw new Error(`no such message: ${source}`)
    const text = lang === 'ko' ? known : source
    return text.replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? `{${key}}`)).replace(/<\/?\d+\/?>/g, '')
  }
}

/** A pattern that matches the words literally, anywhere. */
export const like = (text: string) => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
