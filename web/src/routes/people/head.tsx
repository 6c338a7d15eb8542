import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { PageHead, RoomTab, RoomTabs } from '~/lib/ui'

/** The head of the people room, with the way between its pages. */
export function PeopleHead({ title, note, tools }: { title: string; note?: ReactNode; tools?: ReactNode }) {
  const { t } = useLingui()
  return (
    <>
      <PageHead title={title} note={note} tools={tools} />
      <RoomTabs label={t`People`}>
        <RoomTab to="/people">
          <Trans>Everybody</Trans>
        </RoomTab>
        <RoomTab to="/segments">
          <Trans>Segments</Trans>
        </RoomTab>
      </RoomTabs>
    </>
  )
}
