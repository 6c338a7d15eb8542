import { useSegmentWords } from '../segment/use-rule-words'

/** Who belongs to a segment, in one line; nothing while that is not known. */
export function SegmentRule({ segment }: { segment: string }) {
  return useSegmentWords()(segment)
}
