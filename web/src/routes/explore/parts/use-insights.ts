import { useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { documentList, putDocument, removeDocument, document as stored } from '~/lib/api/queries'
import { bodyOf, type InsightBody, insightOf } from '~/lib/explore/insight'
import { freeKey, keyOf } from '~/lib/journey/draft'
import { toast, toastProblem } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'

/** The insights of the workspace, newest first; `undefined` until they are known. */
export function useInsights(): InsightBody[] | undefined {
  const { data } = useQuery(documentList('insight'))
  return data?.toSorted((a, b) => b.created_us - a.created_us).map(insightOf)
}

/** Writes insights: a new one takes a key from its name, a changed one keeps its own. */
export function useKeepInsight() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ insight, isNew }: { insight: InsightBody; isNew: boolean }) => {
      if (isNew) {
        const all = await queries.fetchQuery({ ...documentList('insight'), staleTime: 0 })
        const name = typeof insight.name === 'string' ? insight.name : insight.name.en
        const key = freeKey(
          keyOf(name),
          all.map(({ body }) => body.key),
        )
        return insightOf(await putDocument(bodyOf({ ...insight, key }), null))
      }
      const now = await queries.fetchQuery({ ...stored('insight', insight.key), staleTime: 0 })
      return insightOf(await putDocument(bodyOf(insight), now.version))
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ['documents'] }),
  })
}

/** Deletes an insight, with a way back. */
export function useDropInsight() {
  const { t } = useLingui()
  const f = useFormat()
  const queries = useQueryClient()
  const again = () => void queries.invalidateQueries({ queryKey: ['documents'] })
  return useMutation({
    mutationFn: async (insight: InsightBody) => {
      await removeDocument('insight', insight.key)
      return insight
    },
    onSuccess: (insight) => {
      again()
      toast({
        text: t`Deleted “${f.say(insight.name)}”.`,
        action: {
          label: t`Undo`,
          run: () => void putDocument(bodyOf(insight), null).then(again, toastProblem),
        },
      })
    },
    onError: toastProblem,
  })
}
