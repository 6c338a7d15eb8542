import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { documentList } from '~/lib/api/queries'
import type { EventRule } from '~/lib/api/types'
import { stepsOfJourney } from '~/lib/explore/rules'
import type { JourneyBody } from '~/lib/journey/types'
import { Button, Empty, Icon } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'

/** Before there is a question: what to do, and journeys to start from. */
export function FunnelStart({ n_steps, onStart }: { n_steps: number; onStart: (steps: EventRule[]) => void }) {
  const f = useFormat()
  const journeys = useQuery(documentList('journey')).data ?? []
  const offers = journeys
    .map(({ body }) => body as JourneyBody)
    .map((journey) => ({ key: journey.key, name: f.say(journey.name), steps: stepsOfJourney(journey) }))
    .filter((offer) => offer.steps.length >= 2)
  return (
    <div className="card">
      <Empty
        icon="explore"
        title={n_steps === 0 ? <Trans>Choose the steps of the funnel</Trans> : <Trans>One more step</Trans>}
        actions={
          n_steps === 0 &&
          offers.slice(0, 4).map((offer) => (
            <Button key={offer.key} onPress={() => onStart(offer.steps)}>
              <Icon name="journey" />
              <Trans>Stages of “{offer.name}”</Trans>
            </Button>
          ))
        }
      >
        {offers.length > 0 && n_steps === 0 ? (
          <Trans>Take at least two events in the order in which people should do them, or start from a journey.</Trans>
        ) : (
          <Trans>Take at least two events in the order in which people should do them.</Trans>
        )}
      </Empty>
    </div>
  )
}
