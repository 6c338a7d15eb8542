import type { components } from '../api/schema'
import type { Scope, Select } from '../api/types'
import { freeKey, keyOf } from '../journey/draft'
import type { Text } from '../text'

export type SegmentBody = components['schemas']['Segment'] & { kind: 'segment' }

/** The segment of the people behind a number, worked out anew with the data. Its key is made of its name. */
export function segmentOf(name: Text, of: Select, scope: Scope, taken: Iterable<string>): SegmentBody {
  const key = freeKey(keyOf(typeof name === 'string' ? name : name.en || name.ko), taken)
  return { kind: 'segment', key, name, rule: { selected: { of, scope } } }
}

/** A name without spaces around it; `null` where a language has none. */
export function trimmed(name: Text): Text | null {
  if (typeof name === 'string') return name.trim() || null
  const both = { ko: name.ko.trim(), en: name.en.trim() }
  return both.ko && both.en ? both : null
}
