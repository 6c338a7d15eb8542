import { useLingui } from '@lingui/react/macro'
import { useQueries } from '@tanstack/react-query'
import type { LinkProps } from '@tanstack/react-router'
import { documentList } from '~/lib/api/queries'
import type { Document, Kind } from '~/lib/api/types'
import { type InsightBody, insightAddress } from '~/lib/explore/insight'
import { USERS, usersOf } from '~/lib/segment/uses'
import type { Text } from '~/lib/text'
import { useFormat } from '~/lib/use-format'

/** A document that needs a segment. */
export interface Use {
  kind: string
  key: string
  name: string
  /** Where it is seen; absent where no page shows it alone. */
  link?: Pick<LinkProps, 'to' | 'params' | 'search'>
}

/** Where a segment is used; `undefined` until all documents are known that may. */
export function useUses(): (segment: string) => Use[] | undefined {
  const f = useFormat()
  const { t } = useLingui()
  const kinds: Partial<Record<Kind, string>> = {
    journey: t`Journey`,
    map: t`Map`,
    persona: t`Persona`,
    segment: t`Segment`,
    insight: t`Insight`,
  }
  const lists = useQueries({ queries: USERS.map((kind) => documentList(kind)) })
  const isKnown = lists.every((list) => list.data)
  return (segment) =>
    isKnown
      ? usersOf(
          lists.flatMap((list) => list.data ?? []),
          segment,
        ).map(({ body }) => ({
          kind: kinds[body.kind] ?? body.kind,
          key: body.key,
          name: f.say((body as { name?: Text }).name) || body.key,
          link: linkTo(body),
        }))
      : undefined
}

function linkTo(body: Document['body']): Use['link'] {
  switch (body.kind) {
    case 'journey':
      return { to: '/journeys/$key/edit', params: { key: body.key } }
    case 'map':
      return { to: '/maps/$key', params: { key: body.key } }
    case 'segment':
      return { to: '/segments/$key/edit', params: { key: body.key } }
    case 'insight':
      return insightAddress(body as InsightBody) ?? undefined
    default:
      return undefined
  }
}
