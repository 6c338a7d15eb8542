import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { asked } from '~/lib/explore/ask'
import { caseOf, PATHS_ASKED } from '~/lib/explore/paths'
import { whoOfVariant } from '~/lib/explore/people'
import type { AskOf, VariantsView } from '~/lib/explore/types'
import { usePeopleDrawer, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { Answer } from './parts/answer'
import { CaseChoice, Hidden } from './parts/cases'
import { useCells } from './parts/cells'
import { ChartCard } from './parts/chart-card'
import { SequenceList } from './parts/sequences'
import { ExplorePage } from './parts/shell'
import type { PathTabProps } from './path-flow'

/** Whole sequences of events and how many follow each. */
export function VariantsTab({ search, set, tabs }: PathTabProps) {
  const { t } = useLingui()
  const scope = useScope(search)
  const ask: AskOf<'variants'> | null = scope && {
    ask: 'variants',
    of: caseOf(search.of, search.gap),
    scope: scope.scope,
    limit: PATHS_ASKED,
    ...(search.hide ? { nodes: { hide: search.hide } } : {}),
  }
  const query = useQuery(asked<'variants'>(ask))
  return (
    <ExplorePage
      title={t`Paths`}
      view={search}
      onView={set}
      noCompare
      question={ask}
      controls={
        <>
          <CaseChoice of={search.of} gap={search.gap} onChange={(next) => set({ ...search, ...next })} />
          <Hidden hide={search.hide} onChange={(hide) => set({ ...search, hide })} />
        </>
      }
    >
      {tabs}
      <Answer
        query={query}
        n={(answer) => answer.n_people}
        isEmpty={(answer) => answer.n_cases === 0}
        explain={
          <Trans>
            A variant is a whole sequence of events; cases with exactly the same one follow the same variant. The same
            event right after itself counts once. Times are from the first event of a case to its last.
          </Trans>
        }
      >
        {({ question, answer }) => <VariantsAnswer question={question} view={answer} />}
      </Answer>
    </ExplorePage>
  )
}

function VariantsAnswer({ question, view }: { question: AskOf<'variants'>; view: VariantsView }) {
  const f = useFormat()
  const { t } = useLingui()
  const { seconds } = useCells()
  const showPeople = usePeopleDrawer()
  const shown = view.rows.reduce((sum, row) => sum + row.n_cases, 0)
  const [top] = view.rows
  return (
    <ChartCard
      title={t`Variants`}
      note={
        <>
          <Plural value={view.n_variants} one="# variant" other="# variants" />
          {' · '}
          {t`${f.percent(shown / Math.max(1, view.n_cases), 0)} of the cases are listed`}
        </>
      }
      lead={
        top && (
          <Trans>
            {f.percent(top.n_cases / Math.max(1, view.n_cases))} of all cases follow the most frequent variant:{' '}
            <b>{top.nodes.join(' → ')}</b>.
          </Trans>
        )
      }
      isTable
      table={{
        columns: [
          { key: 'variant', head: t`Variant` },
          { key: 'cases', head: t`Cases`, end: true },
          { key: 'people', head: t`People`, end: true },
          { key: 'median', head: t`Median time`, end: true, format: seconds },
          { key: 'p90', head: 'P90', end: true, format: seconds },
        ],
        rows: view.rows.map((row) => [
          row.nodes.join(' → '),
          row.n_cases,
          row.n_people,
          row.median_time.value ?? null,
          row.p90_time.value ?? null,
        ]),
      }}
    >
      <SequenceList
        total={view.n_cases}
        rows={view.rows.map((row) => ({
          nodes: row.nodes,
          n: row.n_cases,
          facts: [
            t`${f.whole(row.n_cases)} cases`,
            row.median_time.value == null || row.nodes.length < 2
              ? ''
              : t`median ${f.measure(row.median_time.value, 'seconds')}`,
          ],
          show: () =>
            showPeople({
              of: whoOfVariant(question, row.nodes),
              scope: question.scope,
              title: row.nodes.join(' → '),
              count: row.n_people,
            }),
        }))}
      />
    </ChartCard>
  )
}
