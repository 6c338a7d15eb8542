import { useLingui } from '@lingui/react/macro'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { putDocument, removeDocument } from '~/lib/api/queries'
import type { SegmentBody } from '~/lib/segment/save'
import { toast, toastProblem } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { FOLLOWS } from './follows'

/** Deletes a segment, with a way back. One that is used stays, and the server says where. */
export function useDropSegment() {
  const { t } = useLingui()
  const f = useFormat()
  const queries = useQueryClient()
  const again = () => {
    for (const first of FOLLOWS) void queries.invalidateQueries({ queryKey: [first] })
  }
  return useMutation({
    mutationFn: async (segment: SegmentBody) => {
      await removeDocument('segment', segment.key)
      return segment
    },
    onSuccess: (segment) => {
      again()
      toast({
        text: t`Deleted “${f.say(segment.name)}”.`,
        action: { label: t`Undo`, run: () => void putDocument(segment, null).then(again, toastProblem) },
      })
    },
    onError: toastProblem,
  })
}
