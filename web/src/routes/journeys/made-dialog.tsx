import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { document, eventCatalogue } from '~/lib/api/queries'
import { countTouchpoints, unseenTouchpoints } from '~/lib/journey/draft'
import type { JourneyBody } from '~/lib/journey/types'
import { Button, Dialog, Skeleton } from '~/lib/ui'

/** After a template: which of its touchpoints no event of this workspace reaches, and the way to mend that. */
export function MadeDialog({ made, onClose }: { made: { journey: string; map: string }; onClose: () => void }) {
  const { t } = useLingui()
  const navigate = useNavigate()
  const stored = useQuery(document('journey', made.journey))
  const events = useQuery(eventCatalogue)
  const body = stored.data?.body as JourneyBody | undefined
  const total = body && countTouchpoints(body)
  const unseen = body && events.data && unseenTouchpoints(body, new Set(events.data.map((event) => event.name))).length
  const openMap = () => void navigate({ to: '/maps/$key', params: { key: made.map } })
  return (
    <Dialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title={t`The journey is made`}
      actions={
        <>
          <Button variant={unseen === 0 ? 'primary' : 'plain'} onPress={openMap}>
            <Trans>Open the map</Trans>
          </Button>
          <Button
            variant={unseen === 0 ? 'plain' : 'primary'}
            onPress={() => void navigate({ to: '/journeys/$key/edit', params: { key: made.journey } })}
          >
            <Trans>Connect your events</Trans>
          </Button>
        </>
      }
    >
      {stored.error || events.error ? (
        <p className="soft">
          <Trans>Its touchpoints listen to common event names. Choose your own where they differ.</Trans>
        </p>
      ) : total === undefined || unseen === undefined ? (
        <Skeleton height="40px" />
      ) : unseen === 0 ? (
        <p className="soft">
          <Trans>All of its {total} touchpoints find events in your data.</Trans>
        </p>
      ) : (
        <p className="soft">
          <Plural
            value={unseen}
            one={`# of its ${total} touchpoints listens to an event that has never come in. Choose yours, so that people are counted there.`}
            other={`# of its ${total} touchpoints listen to events that have never come in. Choose yours, so that people are counted there.`}
          />
        </p>
      )}
    </Dialog>
  )
}
