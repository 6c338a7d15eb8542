import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { documentList } from '~/lib/api/queries'
import { type CompareSearch, DEFAULT_WINDOW, type Measure, QUESTIONS, type Question } from '~/lib/explore/address'
import { compareAsk, sidesOf } from '~/lib/explore/compare'
import { isNamed } from '~/lib/explore/rules'
import { Empty, Select, useScope } from '~/lib/ui'
import { DurationField } from '../journey-editor/inputs'
import { CompareChannels } from './compare/channels'
import { CompareFunnels } from './compare/funnels'
import { CompareMetrics } from './compare/metrics'
import { OtherPicker } from './compare/other-picker'
import type { Sides } from './compare/sides'
import { CompareTrends } from './compare/trends'
import { FunnelStart } from './funnel-start'
import { useMeasures, useScopeName } from './parts/common'
import { Group, Tabs } from './parts/controls'
import { AnswerLoading, ExplorePage } from './parts/shell'
import { RuleChoice, StepList } from './parts/steps'

export function ComparePage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/explore/compare' })
  const navigate = useNavigate({ from: '/explore/compare' })
  const set = (next: CompareSearch) => navigate({ search: next, replace: true })
  const scope = useScope(search)
  const scopes = scope && sidesOf(search, scope.days, scope.before)
  const scopeName = useScopeName()
  const question = search.ask ?? 'metrics'
  const metrics = useQuery(documentList('metric'))
  const measures = useMeasures()
  const names: Record<Question, string> = {
    metrics: t`Metrics`,
    funnel: t`Funnel`,
    channels: t`Channels`,
    trend: t`Trend`,
  }
  const sides: Sides | null = scopes && {
    ...scopes,
    nameA: scopeName(scopes.a, scopes.b),
    nameB: scopeName(scopes.b, scopes.a),
  }
  return (
    <ExplorePage
      title={t`Compare`}
      view={search}
      onView={set}
      summary={names[question]}
      question={scopes && compareAsk(search, scopes, metrics.data?.[0]?.body.key)}
      tools={<OtherPicker value={search.with} onChange={(other) => set({ ...search, with: other })} />}
      controls={
        question === 'funnel' || question === 'trend' ? (
          <>
            {question === 'funnel' && (
              <Group title={t`Steps, in this order`}>
                <StepList
                  steps={search.steps ?? []}
                  onChange={(steps) => set({ ...search, steps: steps.length > 0 ? steps : undefined })}
                />
                <DurationField
                  label={t`Window`}
                  value={search.window ?? DEFAULT_WINDOW}
                  onChange={(window) => set({ ...search, window: window === DEFAULT_WINDOW ? undefined : window })}
                />
              </Group>
            )}
            {question === 'trend' && (
              <>
                <Group title={t`What is counted`}>
                  <Select
                    label={t`Measure`}
                    hideLabel
                    value={search.measure ?? 'people'}
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
                </Group>
              </>
            )}
          </>
        ) : undefined
      }
    >
      <Tabs
        label={t`What both are asked`}
        value={question}
        onChange={(ask) => set({ ...search, ask: ask === 'metrics' ? undefined : ask })}
        options={QUESTIONS.map((key) => ({ key, label: names[key] }))}
      />
      {!scope ? (
        <AnswerLoading />
      ) : !sides ? (
        <div className="card">
          <Empty icon="copy" title={<Trans>Both sides are the same</Trans>}>
            <Trans>Choose a period to compare with, or other people.</Trans>
          </Empty>
        </div>
      ) : question === 'metrics' ? (
        <CompareMetrics sides={sides} />
      ) : question === 'funnel' ? (
        (search.steps ?? []).filter(isNamed).length >= 2 ? (
          <CompareFunnels sides={sides} search={search} />
        ) : (
          <FunnelStart n_steps={search.steps?.length ?? 0} onStart={(steps) => set({ ...search, steps })} />
        )
      ) : question === 'channels' ? (
        <CompareChannels sides={sides} />
      ) : (
        <CompareTrends sides={sides} search={search} />
      )}
    </ExplorePage>
  )
}
