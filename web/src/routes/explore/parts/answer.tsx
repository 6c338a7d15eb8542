import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { type UseQueryResult, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Heading } from 'react-aria-components'
import type { About } from '~/lib/api/types'
import { type Answered, isUnknownQuestion } from '~/lib/explore/ask'
import type { AnyAnswer, AnyAsk } from '~/lib/explore/types'
import { Button, Empty, Failed, OverlayTrigger, Popover, Problems, THIN_N, useSlow, Working } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './explore.module.css'
import { AnswerLoading } from './shell'

export interface AnswerProps<Question extends AnyAsk, Answer extends AnyAnswer> {
  query: UseQueryResult<Answered<Question, Answer>>
  /** What the numbers mean and how they are counted. */
  explain: ReactNode
  /** People the answer rests on, where fewer than usual say little. */
  n?: (answer: Answer) => number
  isEmpty?: (answer: Answer) => boolean
  /** In place of an answer without anything in it. */
  empty?: ReactNode
  children: (answered: Answered<Question, Answer>) => ReactNode
}

/** An answer in whatever state it is: on its way, refused, without anybody, thin, or there, with what it was read from. */
export function Answer<Question extends AnyAsk, Answer extends AnyAnswer>({
  query,
  explain,
  n,
  isEmpty,
  empty,
  children,
}: AnswerProps<Question, Answer>) {
  const { data, error, isEnabled, isFetching, isPending, isPlaceholderData } = query
  const isSlow = useSlow(isFetching)
  const queries = useQueryClient()
  const stop = () => void queries.cancelQueries({ queryKey: ['ask'] })
  // A refused question must not stand beside the numbers of another.
  if (error) return <Refused error={error} retry={() => query.refetch()} />
  // A question that waits for the data's days to be known is on its way too.
  if (isPending && !isFetching && isEnabled)
    return (
      <div className="card">
        <Empty
          compact
          title={<Trans>Stopped</Trans>}
          actions={
            <Button onPress={() => query.refetch()}>
              <Trans>Ask again</Trans>
            </Button>
          }
        />
      </div>
    )
  if (!data)
    return (
      <div>
        <AnswerLoading />
        {isSlow && <Working stop={stop} />}
      </div>
    )
  const { answer } = data
  const people = n?.(answer)
  return (
    <div className={styles.main} aria-busy={isFetching}>
      <div className={isPlaceholderData ? `${styles.main} ${styles.stale}` : styles.main}>
        {answer.about.warnings.length > 0 && <Problems problems={answer.about.warnings} />}
        {isEmpty?.(answer) ? (
          <div className="card">
            {empty ?? (
              <Empty icon="search" compact title={<Trans>Nobody is in this selection</Trans>}>
                <Trans>Take a longer period or another segment.</Trans>
              </Empty>
            )}
          </div>
        ) : (
          <>
            {people !== undefined && people > 0 && people < THIN_N && (
              <p className={styles.thin}>
                <Trans>n {people}: too few to judge</Trans>
              </p>
            )}
            {children(data)}
          </>
        )}
      </div>
      {isSlow && <Working stop={stop} />}
      <Foot about={answer.about} took_ms={data.took_ms} explain={explain} />
    </div>
  )
}

function Refused({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <div className="card">
      {isUnknownQuestion(error) ? (
        <Empty icon="info" title={<Trans>This server does not answer this question yet</Trans>}>
          <Trans>
            It is an older version than this page. Update Gilmok, then ask again: the question stays in the link.
          </Trans>
        </Empty>
      ) : (
        <Failed error={error} retry={retry} />
      )}
    </div>
  )
}

/** What an answer was read from, and the way to its definition. */
function Foot({ about, took_ms, explain }: { about: About; took_ms: number; explain: ReactNode }) {
  const f = useFormat()
  const { t } = useLingui()
  const seconds = f.whole(took_ms / 1000, 3)
  return (
    <footer className={styles.foot}>
      <span>
        <Plural value={about.n_events} one="# event read" other="# events read" />
        {' · '}
        <Plural value={about.n_people} one="# person" other="# people" />
        {' · '}
        <Trans>{seconds} s</Trans>
        {' · '}
        <Trans>not a sample</Trans>
        {' · '}
        <Trans>data until {f.moment(about.as_of_us)}</Trans>
      </span>
      <OverlayTrigger>
        <Button size="s" variant="quiet">
          <Trans>Explain these numbers</Trans>
        </Button>
        <Popover placement="top end">
          <div className={styles.explain}>
            <Heading slot="title">{t`How this is counted`}</Heading>
            <div>{explain}</div>
            <dl className={styles.explainFacts}>
              <dt>{t`Period`}</dt>
              <dd>
                {f.day(about.from_us)} – {f.day(about.to_us - 1)}
              </dd>
              <dt>{t`Data until`}</dt>
              <dd>{f.moment(about.as_of_us)}</dd>
              <dt>{t`Version of the data`}</dt>
              <dd>{f.whole(about.data_version)}</dd>
              <dt>{t`Events read`}</dt>
              <dd>{f.whole(about.n_events)}</dd>
              <dt>{t`People`}</dt>
              <dd>{f.whole(about.n_people)}</dd>
            </dl>
            {about.warnings.length > 0 && <Problems problems={about.warnings} />}
          </div>
        </Popover>
      </OverlayTrigger>
    </footer>
  )
}
