import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { FunnelSearch } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import { funnelAsk } from '~/lib/explore/funnel'
import { isNamed } from '~/lib/explore/rules'
import { usualGrain } from '~/lib/explore/trend'
import type { AskOf } from '~/lib/explore/types'
import { useScope } from '~/lib/ui'
import { FunnelAnswer } from './funnel-answer'
import { FunnelControls } from './funnel-controls'
import { FunnelStart } from './funnel-start'
import { Answer } from './parts/answer'
import { ExplorePage } from './parts/shell'

export function FunnelPage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/explore/funnel' })
  const navigate = useNavigate({ from: '/explore/funnel' })
  const set = (next: FunnelSearch) => navigate({ search: next, replace: true })
  const scope = useScope(search)
  const ask = scope && funnelAsk(search, scope.scope)
  const query = useQuery(asked<'funnel'>(ask))
  // What takes longer comes after the bars: how long it takes, how it went over time, and the comparison.
  const more = useQuery(
    asked<'funnel'>(
      scope &&
        ask && {
          ...ask,
          breakdown: undefined,
          breakdown_at: undefined,
          convert: { from: 1, to: ask.steps.length },
          trend: search.grain ?? usualGrain(scope.days),
          compare: scope.compare,
        },
    ),
  )
  const steps = search.steps ?? []
  return (
    <ExplorePage
      title={t`Funnel`}
      view={search}
      onView={set}
      question={scope && ask && { ...ask, compare: scope.compare, ...(search.grain ? { trend: search.grain } : {}) }}
      summary={
        steps.length > 0 ? <Plural value={steps.length} one="# step" other="# steps" /> : <Trans>Choose steps</Trans>
      }
      controls={<FunnelControls search={search} set={set} grain={scope ? usualGrain(scope.days) : 'week'} />}
    >
      {ask || steps.filter(isNamed).length >= 2 ? (
        <Answer
          query={query}
          explain={<FunnelExplained question={ask ?? undefined} />}
          n={(answer) => answer.lines[0]?.reached[0] ?? 0}
          isEmpty={(answer) => !answer.lines[0]?.reached[0]}
        >
          {({ question, answer }) => (
            <FunnelAnswer
              question={question}
              answer={answer}
              more={more.data && !more.isPlaceholderData ? more.data : undefined}
              isMorePending={more.isFetching}
            />
          )}
        </Answer>
      ) : (
        <FunnelStart n_steps={steps.length} onStart={(next) => set({ ...search, steps: next })} />
      )}
    </ExplorePage>
  )
}

/** What a funnel counts, by the rules it is asked with. */
export function FunnelExplained({ question }: { question?: AskOf<'funnel'> }) {
  const order = question?.order
  return (
    <>
      {order === 'strict' ? (
        <Trans>
          A person enters with the first step in the period and goes on when each later step follows directly after the
          one before, with no other event of theirs between, all within the window from the first one.
        </Trans>
      ) : order === 'any' ? (
        <Trans>
          The steps count in whatever order they come; the window runs from the oldest to the newest of them. A bar
          shows who did so many of the steps.
        </Trans>
      ) : (
        <Trans>
          A person enters with the first step in the period and goes on when the later steps follow in this order, each
          by another event, all within the window from the first one. Other events may lie between.
        </Trans>
      )}{' '}
      {question?.entry === 'first' ? (
        <Trans>Only a person's first start is tried.</Trans>
      ) : (
        <Trans>When somebody starts more than once, the attempt that came furthest counts.</Trans>
      )}{' '}
      {question?.count === 'session' ? (
        <Trans>Bars count sessions; shares are of sessions.</Trans>
      ) : question?.count === 'total' ? (
        <Trans>Bars count attempts: the next may start when one has converted, timed out or been ruled out.</Trans>
      ) : (
        <Trans>Every person counts once.</Trans>
      )}{' '}
      <Trans>What it is compared with is given no more time to convert than this period has had.</Trans>
    </>
  )
}
