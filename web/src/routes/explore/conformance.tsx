import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { documentList } from '~/lib/api/queries'
import type { ConformanceSearch } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import { conformanceAsk, designOfJourney } from '~/lib/explore/conformance'
import type { JourneyBody } from '~/lib/journey/types'
import { Button, Checkbox, Empty, Icon, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useEvents } from '../journey-editor/context'
import { ConformanceAnswer } from './conformance-answer'
import { Answer } from './parts/answer'
import { CaseChoice, Hidden } from './parts/cases'
import { Group } from './parts/controls'
import { Design } from './parts/design'
import { AnswerLoading, ExplorePage } from './parts/shell'

export function ConformancePage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/explore/conformance' })
  const navigate = useNavigate({ from: '/explore/conformance' })
  const set = (next: ConformanceSearch) => navigate({ search: next, replace: true })
  const design = search.design ?? []
  return (
    <ExplorePage
      title={t`Designed vs actual`}
      view={search}
      onView={set}
      noCompare
      question={(scope, events) => events && conformanceAsk(search, scope, events.keys())}
      summary={t`${design.length} places`}
      controls={
        <>
          <Group title={t`The design, in this order`}>
            <Design
              places={design}
              onChange={(next) => set({ ...search, design: next.length > 0 ? next : undefined })}
            />
          </Group>
          <CaseChoice of={search.of} gap={search.gap} onChange={(next) => set({ ...search, ...next })} />
          <Checkbox
            isSelected={search.lenient === true}
            onChange={(on) => set({ ...search, lenient: on || undefined })}
            hint={t`Otherwise every event outside the design is an extra one.`}
          >
            <Trans>Other events say nothing</Trans>
          </Checkbox>
          {!search.lenient && <Hidden hide={search.hide} onChange={(hide) => set({ ...search, hide })} />}
        </>
      }
    >
      <Body search={search} set={set} />
    </ExplorePage>
  )
}

function Body({ search, set }: { search: ConformanceSearch; set: (search: ConformanceSearch) => void }) {
  const scope = useScope(search)
  const events = useEvents()
  const ask = scope && events && conformanceAsk(search, scope.scope, events.keys())
  const query = useQuery(asked<'conformance'>(ask))
  if (!search.design) return <Start set={(next) => set({ ...search, ...next })} />
  if (!ask) return <AnswerLoading />
  return (
    <Answer
      query={query}
      n={(answer) => answer.fit.n}
      isEmpty={(answer) => answer.fit.n === 0}
      explain={
        <Trans>
          Each case is replayed against the design. It fits when every event of it has its place and comes in order;
          then it may still be under way. A place is skipped when a later one is done without it, out of order when it
          is first done after a later one, looped when it is done again. One case may deviate in several ways.
        </Trans>
      }
    >
      {({ question, answer }) => <ConformanceAnswer question={question} view={answer} />}
    </Answer>
  )
}

/** Before there is a design: the journeys of the workspace to start from. */
function Start({ set }: { set: (next: Partial<ConformanceSearch>) => void }) {
  const f = useFormat()
  const journeys = useQuery(documentList('journey')).data ?? []
  const offers = journeys
    .map(({ body }) => body as JourneyBody)
    .map((journey) => ({ key: journey.key, name: f.say(journey.name), design: designOfJourney(journey, f.say) }))
    .filter((offer) => offer.design.length >= 2)
  return (
    <div className="card">
      <Empty
        icon="template"
        title={<Trans>Choose the design to hold against what people do</Trans>}
        actions={offers.slice(0, 4).map((offer) => (
          <Button key={offer.key} onPress={() => set({ design: offer.design, of: `j:${offer.key}`, lenient: true })}>
            <Icon name="journey" />
            <Trans>Stages of “{offer.name}”</Trans>
          </Button>
        ))}
      >
        <Trans>
          A design is the order in which things should happen. The answer says who keeps it, who skips, goes back, or
          does something else.
        </Trans>
      </Empty>
    </div>
  )
}
