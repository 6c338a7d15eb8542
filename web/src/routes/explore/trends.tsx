import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { Grain, Measure, TrendSearch } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import { addsUp, seriesAsk, seriesOfMeasure, trendAsk, usualGrain } from '~/lib/explore/trend'
import { within } from '~/lib/period'
import { Button, Checkbox, Icon, Select, useScope } from '~/lib/ui'
import { Answer } from './parts/answer'
import { useMeasures } from './parts/common'
import { GrainChoice, Group } from './parts/controls'
import { ExplorePage } from './parts/shell'
import { RuleChoice } from './parts/steps'
import { TrendAnswer } from './trend-answer'
import { SeriesPage } from './trend-series'

export interface TrendProps {
  search: TrendSearch
  set: (search: TrendSearch) => void
}

export function TrendsPage() {
  const search = useSearch({ from: '/frame/explore/trends' })
  const navigate = useNavigate({ from: '/explore/trends' })
  const set = (next: TrendSearch) => navigate({ search: next, replace: true })
  return search.series ? <SeriesPage search={search} set={set} /> : <OnePage search={search} set={set} />
}

/** One kind of events. */
function OnePage({ search, set }: TrendProps) {
  const { t } = useLingui()
  const scope = useScope(search)
  const grain = scope ? usualGrain(scope.days) : 'week'
  const query = useQuery(asked<'trend'>(scope && trendAsk(search, scope.scope, grain)))
  // Broken down, lines of two periods would be too many to read: the comparison is of the whole.
  const before = useQuery(
    asked<'trend'>(
      scope?.before && !search.by
        ? trendAsk({ ...search, grain: search.grain ?? grain }, within(scope.scope, scope.before), grain)
        : null,
    ),
  )
  const measure = search.measure ?? 'people'
  const measures = useMeasures()
  const series = seriesOfMeasure(search.when, measure)
  return (
    <ExplorePage
      title={t`Trends`}
      view={search}
      onView={set}
      question={scope && seriesAsk({ ...search, ...series }, scope.scope, scope.compare, grain)}
      summary={measures[measure].name}
      controls={
        <>
          <Group title={t`What is counted`}>
            <Select
              label={t`Measure`}
              hideLabel
              value={measure}
              onChange={(key) => set({ ...search, measure: key === 'people' ? undefined : (key as Measure) })}
              options={(Object.keys(measures) as Measure[]).map((key) => ({ key, label: measures[key].name }))}
            />
          </Group>
          <Group title={t`Which events`}>
            <RuleChoice
              label={t`Which events`}
              rule={search.when}
              all={t`All events`}
              onChange={(when) => set({ ...search, when })}
            />
            <Button
              size="s"
              variant="quiet"
              onPress={() =>
                set({
                  ...search,
                  when: undefined,
                  measure: undefined,
                  stacked: undefined,
                  ...series,
                  series: [...(series.series ?? []), { measure: 'people' }],
                })
              }
            >
              <Icon name="plus" size={12} />
              <Trans>Another series, or a formula</Trans>
            </Button>
          </Group>
          <TrendBreakdown search={search} set={set} />
          {search.by && addsUp(measure) && (
            <Checkbox
              isSelected={search.stacked === true}
              onChange={(stacked) => set({ ...search, stacked: stacked || undefined })}
            >
              <Trans>On top of each other</Trans>
            </Checkbox>
          )}
          <TrendGrain search={search} set={set} grain={grain} />
        </>
      }
    >
      <Answer
        query={query}
        explain={<TrendExplained />}
        isEmpty={(answer) => !answer.lines.some((line) => line.n_events.some((n) => n > 0))}
      >
        {({ question, answer }) => (
          <TrendAnswer
            question={question}
            answer={answer}
            measure={measure}
            stacked={search.stacked === true && addsUp(measure)}
            before={before.data && !before.isPlaceholderData && !question.breakdown ? before.data.answer : undefined}
          />
        )}
      </Answer>
    </ExplorePage>
  )
}

export function TrendBreakdown({ search, set }: TrendProps) {
  const { t } = useLingui()
  return (
    <Group title={t`Break down by`}>
      <Select
        label={t`Break down by`}
        hideLabel
        value={search.by ?? '*'}
        onChange={(key) => set({ ...search, by: key === '*' ? undefined : (key as 'channel' | 'event') })}
        options={[
          { key: '*', label: t`Nothing` },
          { key: 'channel', label: t`Channel` },
          { key: 'event', label: t`Event` },
        ]}
      />
    </Group>
  )
}

export const TrendGrain = ({ search, set, grain }: TrendProps & { grain: Grain }) => (
  <GrainChoice
    value={search.grain ?? grain}
    onChange={(key) => set({ ...search, grain: key === grain ? undefined : key })}
  />
)

/** What a trend counts. */
export function TrendExplained() {
  return (
    <Trans>
      Events are counted in the day, week or month of the workspace's zone in which they happened. People are distinct
      within each bucket, so buckets do not add up to the people of the period. A bucket that is not over yet is dotted.
    </Trans>
  )
}
