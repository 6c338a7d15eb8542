import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { eventCatalogue } from '~/lib/api/queries'
import { asked } from '~/lib/explore/ask'
import { usualGrain } from '~/lib/explore/trend'
import { Empty, Failed, Icon, LinkButton, Page, PageHead, Sparkline, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './parts/explore.module.css'
import { Kept } from './parts/kept'
import { useQuestions } from './parts/rooms'

/** The questions of the room, each with what it answers. */
export function ExploreHome() {
  const { t } = useLingui()
  const questions = useQuestions()
  const events = useQuery(eventCatalogue)
  return (
    <Page>
      <PageHead title={t`Explore`} note={<Trans>One question, one answer, on all events</Trans>} />
      {events.error && !events.data ? (
        <Failed error={events.error} retry={() => events.refetch()} />
      ) : events.data?.length === 0 ? (
        <Empty
          icon="explore"
          title={<Trans>There is nothing to ask about yet</Trans>}
          actions={
            <LinkButton to="/data/sources" variant="primary">
              <Icon name="upload" />
              <Trans>Import a file</Trans>
            </LinkButton>
          }
        >
          <Trans>Once events are in, every question of this room is answered on all of them, not on a sample.</Trans>
        </Empty>
      ) : (
        <>
          <Kept />
          <ul className={styles.cards}>
            {questions.map((question) => (
              <li key={question.to}>
                <Link to={question.to} className={`card ${styles.question}`}>
                  <span className={styles.questionTitle}>
                    <Icon name={question.icon} />
                    {question.name}
                  </span>
                  <span>{question.answers}</span>
                  <span className={styles.examples}>
                    {question.examples.map((example) => (
                      <span key={example}>“{example}”</span>
                    ))}
                  </span>
                  {question.to === '/explore/trends' && <Peek />}
                </Link>
              </li>
            ))}
            <li>
              <Link to="/sql" className={`card ${styles.question}`}>
                <span className={styles.questionTitle}>
                  <Icon name="table" />
                  SQL
                </span>
                <span>
                  <Trans>Anything else, in SQL over events, people, sessions and journeys.</Trans>
                </span>
                <span className={styles.examples}>
                  <span>“SELECT … FROM events”</span>
                </span>
              </Link>
            </li>
          </ul>
        </>
      )}
    </Page>
  )
}

/** The people of the last 90 days as they are, on the card that leads to them. */
function Peek() {
  const f = useFormat()
  const { t } = useLingui()
  const scope = useScope({})
  const { data } = useQuery(
    asked<'trend'>(scope && { ask: 'trend', scope: scope.scope, grain: usualGrain(scope.days) }),
  )
  const people = data?.answer.lines[0]?.n_people
  if (!people || people.length < 2) return null
  return (
    <span className={styles.questionPeek}>
      <Sparkline values={people} width={220} height={36} label={t`People, last 90 days`} />
      <span className="sr-only">{f.whole(people.at(-1))}</span>
    </span>
  )
}
