import type { components } from '../api/schema'
import type { Scope, Select } from '../api/types'
import { freeKey, keyOf } from '../journey/draft'
import type { Lang, Text } from '../text'
import type { PersonRule } from './words'

export type SegmentBody = components['schemas']['Segment'] & { kind: 'segment' }

/** A key for a segment of this name that none has yet. */
export const segmentKey = (name: Text, taken: Iterable<string>): string =>
  freeKey(keyOf(typeof name === 'string' ? name : name.en || name.ko), taken)

/** The segment of the people behind a number, worked out anew with the data. Its key is made of its name. */
export const segmentOf = (name: Text, of: Select, scope: Scope, taken: Iterable<string>): SegmentBody => ({
  kind: 'segment',
  key: segmentKey(name, taken),
  name,
  rule: { selected: { of, scope } },
})

/** A segment nobody has described yet. Its key comes with its name. */
export const blankSegment: SegmentBody = {
  kind: 'segment',
  key: '',
  name: '',
  rule: { all: [] satisfies PersonRule[] },
}

/** Another segment of the same rule, called a copy in each language of its name. */
export function copyOf(segment: SegmentBody, called: Record<Lang, (name: string) => string>, lang: Lang): SegmentBody {
  const { name } = segment
  const copied = typeof name === 'string' ? called[lang](name) : { ko: called.ko(name.ko), en: called.en(name.en) }
  return { ...segment, key: '', name: copied }
}

/** A name without spaces around it; `null` where a language has none. */
export function trimmed(name: Text): Text | null {
  if (typeof name === 'string') return name.trim() || null
  const both = { ko: name.ko.trim(), en: name.en.trim() }
  return both.ko && both.en ? both : null
}
