import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { LIFECYCLE_TABS, type LifecycleSearch } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import type { CellValue } from '~/lib/explore/export'
import { whoOfLifecycle, whoOfStickiness } from '~/lib/explore/people'
import { dayOfBucket } from '~/lib/explore/retention'
import { askedRule, isNamed } from '~/lib/explore/rules'
import { usualGrain } from '~/lib/explore/trend'
import type { AskOf, LifecycleView, StickinessView } from '~/lib/explore/types'
import { usePeopleDrawer, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { HeatMatrix } from './charts/heat-matrix'
import { LifecycleBars, PHASE_COLORS, PHASES, usePhaseNames } from './charts/lifecycle-bars'
import { Answer } from './parts/answer'
import { useCells } from './parts/cells'
import { ChartCard, Legend } from './parts/chart-card'
import { useSource } from './parts/common'
import { GrainChoice, Group, Tabs } from './parts/controls'
import styles from './parts/explore.module.css'
import { ExplorePage } from './parts/shell'
import { RuleChoice } from './parts/steps'

export function LifecyclePage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/explore/lifecycle' })
  const navigate = useNavigate({ from: '/explore/lifecycle' })
  const set = (next: LifecycleSearch) => navigate({ search: next, replace: true })
  const tab = search.tab ?? 'lifecycle'
  const names = { lifecycle: t`New, returning, gone`, stickiness: t`How often` }
  const tabs = (
    <Tabs
      value={tab}
      onChange={(next) => set({ ...search, tab: next === 'lifecycle' ? undefined : next })}
      options={LIFECYCLE_TABS.map((key) => ({ key, label: names[key] }))}
    />
  )
  return tab === 'stickiness' ? (
    <StickinessTab search={search} set={set} tabs={tabs} />
  ) : (
    <LifecycleTab search={search} set={set} tabs={tabs} />
  )
}

interface TabProps {
  search: LifecycleSearch
  set: (search: LifecycleSearch) => void
  tabs: ReactNode
}

const activeOf = (search: LifecycleSearch) =>
  search.active && isNamed(search.active) ? { active: askedRule(search.active) } : {}

function Active({ search, set }: Omit<TabProps, 'tabs'>) {
  const { t } = useLingui()
  return (
    <Group title={t`Active is who has`}>
      <RuleChoice
        label={t`Active is who has`}
        rule={search.active}
        all={t`any event`}
        onChange={(active) => set({ ...search, active })}
      />
    </Group>
  )
}

function LifecycleTab({ search, set, tabs }: TabProps) {
  const { t } = useLingui()
  const scope = useScope(search)
  const grain = scope ? usualGrain(scope.days) : 'week'
  const ask: AskOf<'lifecycle'> | null = scope && {
    ask: 'lifecycle',
    scope: scope.scope,
    grain: search.grain ?? grain,
    ...activeOf(search),
  }
  const query = useQuery(asked<'lifecycle'>(ask))
  return (
    <ExplorePage
      title={t`Lifecycle`}
      view={search}
      onView={set}
      noCompare
      question={ask}
      controls={
        <>
          <Active search={search} set={set} />
          <GrainChoice
            value={search.grain ?? grain}
            onChange={(key) => set({ ...search, grain: key === grain ? undefined : key })}
          />
        </>
      }
    >
      {tabs}
      <Answer
        query={query}
        isEmpty={(answer) => answer.points.every((point) => point.new + point.returning + point.resurrecting === 0)}
        explain={
          <Trans>
            In each interval an active person is new when their first event ever lies in it, returning when they were
            active in the interval before, and back after a pause otherwise. Gone quiet are those who were active in the
            interval before and are not in this one: they stand below the line. Pale intervals are not over yet.
          </Trans>
        }
      >
        {({ question, answer }) => <LifecycleAnswer question={question} view={answer} />}
      </Answer>
    </ExplorePage>
  )
}

function LifecycleAnswer({ question, view }: { question: AskOf<'lifecycle'>; view: LifecycleView }) {
  const f = useFormat()
  const { t } = useLingui()
  const phases = usePhaseNames()
  const showPeople = usePeopleDrawer()
  const source = useSource(question.scope)
  const grain = question.grain ?? 'week'
  const names = view.buckets.map((bucket) => dayOfBucket(bucket, grain, f))
  const { whole, tenths } = useCells()
  const over = view.points.filter((point) => point.is_complete)
  const sum = (of: (point: (typeof over)[number]) => number) => over.reduce((total, point) => total + of(point), 0)
  const gained = sum((point) => point.new + point.resurrecting)
  const gone = sum((point) => point.dormant)
  const title = t`Lifecycle`
  return (
    <ChartCard
      title={title}
      lead={
        over.length > 0 &&
        (gained >= gone ? (
          <Trans>
            The base grows: {f.whole(gained)} came new or back, <b>{f.whole(gone)}</b> went quiet.
          </Trans>
        ) : (
          <Trans>
            <span className={styles.bad}>The base shrinks</span>: {f.whole(gained)} came new or back,{' '}
            <b>{f.whole(gone)}</b> went quiet.
          </Trans>
        ))
      }
      source={source}
      table={{
        columns: [
          { key: 'from', head: t`From` },
          ...PHASES.map((phase) => ({ key: phase, head: phases[phase], end: true, format: whole })),
          {
            key: 'ratio',
            head: t`New and back by gone`,
            end: true,
            format: tenths,
          },
        ],
        rows: view.points.map((point, bucket): CellValue[] => [
          names[bucket] ?? '',
          ...PHASES.map((phase) => point[phase]),
          point.quick_ratio ?? null,
        ]),
      }}
      legend={
        <Legend items={PHASES.map((phase) => ({ key: phase, name: phases[phase], color: PHASE_COLORS[phase] }))} />
      }
    >
      <LifecycleBars
        label={title}
        names={names}
        points={view.points}
        onPress={(phase, bucket) =>
          showPeople({
            of: whoOfLifecycle(question, bucket, phase),
            scope: question.scope,
            title: `${names[bucket]} · ${phases[phase]}`,
            count: view.points[bucket]?.[phase],
          })
        }
      />
    </ChartCard>
  )
}

/** In how many days of a month people are active. */
function StickinessTab({ search, set, tabs }: TabProps) {
  const { t } = useLingui()
  const scope = useScope(search)
  const ask: AskOf<'stickiness'> | null = scope && {
    ask: 'stickiness',
    scope: scope.scope,
    grain: 'day',
    span: 'month',
    ...activeOf(search),
  }
  const query = useQuery(asked<'stickiness'>(ask))
  return (
    <ExplorePage
      title={t`Lifecycle`}
      view={search}
      onView={set}
      noCompare
      question={ask}
      controls={<Active search={search} set={set} />}
    >
      {tabs}
      <Answer
        query={query}
        isEmpty={(answer) => answer.spans.every((span) => span.n_people === 0)}
        explain={
          <Trans>
            Of the people active in a month, how many are so on exactly one day of it, on two, and so on. Daily by
            monthly is the mean number of people per day by the people of the month. A month that is not over is
            measured up to now.
          </Trans>
        }
      >
        {({ question, answer }) => <StickinessAnswer question={question} view={answer} />}
      </Answer>
    </ExplorePage>
  )
}

function StickinessAnswer({ question, view }: { question: AskOf<'stickiness'>; view: StickinessView }) {
  const f = useFormat()
  const { t } = useLingui()
  const showPeople = usePeopleDrawer()
  const n_days = Math.max(0, ...view.spans.map((span) => span.by_intervals.findLastIndex((n) => n > 0) + 1))
  const heads = Array.from({ length: n_days }, (_, day) => String(day + 1))
  const nameOf = (start_us: number) => dayOfBucket(start_us, 'month', f)
  const last = view.spans.findLast((span) => span.is_complete) ?? view.spans.at(-1)
  return (
    <ChartCard
      title={t`Days of activity in a month`}
      lead={
        last?.ratio != null && (
          <Trans>
            In {nameOf(last.start_us)} a person was active on <b>{f.percent(last.ratio)}</b> of the days.
          </Trans>
        )
      }
      isTable
      table={{
        columns: [
          { key: 'month', head: t`Month` },
          { key: 'people', head: t`People`, end: true },
          { key: 'ratio', head: t`Daily by monthly`, end: true },
          ...heads.map((head) => ({ key: `d${head}`, head, end: true })),
        ],
        rows: view.spans.map((span): CellValue[] => [
          nameOf(span.start_us),
          span.n_people,
          span.ratio ?? null,
          ...heads.map((_, day): CellValue => span.by_intervals[day] ?? 0),
        ]),
      }}
    >
      <HeatMatrix
        caption={t`Share of the people of each month (row) by days of activity (column)`}
        corner={t`Month`}
        leadHeads={[t`People`, t`Daily by monthly`]}
        heads={heads}
        rows={view.spans.map((span, at) => ({
          key: String(span.start_us),
          head: span.is_complete ? nameOf(span.start_us) : `${nameOf(span.start_us)} *`,
          lead: [f.whole(span.n_people), f.percent(span.ratio)],
          cells: heads.map((head, day) => {
            const n = span.by_intervals[day] ?? 0
            const share = span.n_people === 0 ? 0 : n / span.n_people
            return n === 0
              ? null
              : {
                  text: f.percent(share, share < 0.1 ? 1 : 0),
                  heat: Math.sqrt(share),
                  isIncomplete: !span.is_complete,
                  says: t`${nameOf(span.start_us)}, ${head} days: ${f.whole(n)} people, ${f.percent(share)}`,
                  onPress: () =>
                    showPeople({
                      of: whoOfStickiness(question, at, day + 1),
                      scope: question.scope,
                      title: t`${nameOf(span.start_us)}, ${head} days`,
                      count: n,
                    }),
                }
          }),
        }))}
      />
      {view.spans.some((span) => !span.is_complete) && (
        <p className={styles.cardNote}>
          <Trans>* Dashed: the month is not over yet.</Trans>
        </p>
      )}
    </ChartCard>
  )
}
