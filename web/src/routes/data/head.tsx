import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { deadLetterCounts } from '~/lib/api/ingest'
import { PageHead, RoomTab, RoomTabs, TabCount } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'

/** The head of the data room, with the way between its pages. */
export function DataHead({ title, tools }: { title: string; tools?: ReactNode }) {
  const { t } = useLingui()
  const f = useFormat()
  const n_waiting = (useQuery(deadLetterCounts).data ?? []).reduce((sum, one) => sum + one.n_waiting, 0)
  return (
    <>
      <PageHead crumb={t`Data`} title={title} tools={tools} />
      <RoomTabs label={t`Data`}>
        <RoomTab to="/data/sources">
          <Trans>Sources</Trans>
        </RoomTab>
        <RoomTab to="/data/dead-letters">
          <Trans>Dead letters</Trans>
          {n_waiting > 0 && (
            <TabCount>
              {f.short(n_waiting)} <span className="sr-only">{t`waiting`}</span>
            </TabCount>
          )}
        </RoomTab>
        <RoomTab to="/data/events">
          <Trans>Events</Trans>
        </RoomTab>
      </RoomTabs>
    </>
  )
}
