import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { eventCatalogue } from '~/lib/api/queries'
import type { Ask, EventView, Scope } from '~/lib/api/types'
import type { ViewSearch } from '~/lib/period'
import {
  Button,
  Empty,
  Failed,
  Icon,
  LinkButton,
  Loading,
  Page,
  PageHead,
  PeriodPicker,
  PersonaPicker,
  SegmentPicker,
  Skeleton,
  toast,
  toastProblem,
  useScope,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { EventsContext } from '../../journey-editor/context'
import styles from './explore.module.css'
import { useQuestions } from './rooms'
import { Save } from './save'
import { useInsights } from './use-insights'

export interface ExplorePageProps<View extends ViewSearch> {
  title: string
  view: View
  onView: (view: View) => void
  /** The question has no comparison. */
  noCompare?: boolean
  /** More chips of the head. */
  tools?: ReactNode
  /** What is asked: beside the answer, on phones folded above it. */
  controls?: ReactNode
  /** What is asked, in a few words, while it is folded. */
  summary?: ReactNode
  /** What is asked, to be kept under a name; `null` while there is nothing to ask. Absent: no one question says it. */
  question?: Ask | null | ((scope: Scope, events: ReadonlyMap<string, EventView> | null) => Ask | null)
  children: ReactNode
}

/** The frame of a question: who and when in the head, the question beside the answer. */
export function ExplorePage<View extends ViewSearch>({
  title,
  view,
  onView,
  noCompare,
  tools,
  controls,
  summary,
  question,
  children,
}: ExplorePageProps<View>) {
  const { t } = useLingui()
  const scope = useScope(view)
  const events = useQuery(eventCatalogue)
  const byName = useMemo(
    () => (events.data ? new Map(events.data.map((event): [string, EventView] => [event.name, event])) : null),
    [events.data],
  )
  const change = (next: ViewSearch) => onView({ ...view, ...next })
  const isBare = events.data?.length === 0
  const asked = typeof question === 'function' ? scope && question(scope.scope, byName) : (question ?? null)
  return (
    <EventsContext value={byName}>
      <Page wide>
        <PageHead
          crumb={
            <Link to="/explore">
              <Trans>Explore</Trans>
            </Link>
          }
          title={title}
          note={view.insight && <KeptAs insight={view.insight} />}
          tools={
            <>
              <PersonaPicker value={view.persona} onChange={(persona) => change({ persona })} />
              <SegmentPicker value={view.segment} onChange={(segment) => change({ segment })} />
              <PeriodPicker view={view} onChange={change} noCompare={noCompare} />
              {tools}
              <Button
                onPress={async () => {
                  try {
                    await navigator.clipboard.writeText(location.href)
                    toast({ text: t`The link to this view is copied` })
                  } catch (error) {
                    toastProblem(error)
                  }
                }}
                aria-label={t`Share: copy a link to this view`}
              >
                <Icon name="share" />
                <Trans>Share</Trans>
              </Button>
              {question !== undefined && (
                <Save
                  question={asked}
                  title={title}
                  insight={view.insight}
                  onInsight={(insight) => change({ insight })}
                />
              )}
            </>
          }
        />
        <Rooms />
        {events.error && !events.data ? (
          <Failed error={events.error} retry={() => events.refetch()} />
        ) : isBare ? (
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
        ) : controls ? (
          <div className={styles.columns}>
            <Side summary={summary}>{controls}</Side>
            <div className={styles.main}>{children}</div>
          </div>
        ) : (
          <div className={styles.main}>{children}</div>
        )}
      </Page>
    </EventsContext>
  )
}

/** The name under which the question is kept, and where it stands. */
function KeptAs({ insight }: { insight: string }) {
  const f = useFormat()
  const kept = useInsights()?.find((one) => one.key === insight)
  if (!kept) return null
  return (
    <>
      <b>{f.say(kept.name)}</b>
      {kept.note && <span className="soft"> · {f.say(kept.note)}</span>}
      {kept.pins && kept.pins.length > 0 && (
        <span className="soft">
          {' · '}
          <Plural value={kept.pins.length} one="on # map" other="on # maps" />
        </span>
      )}
    </>
  )
}

/** The question: open beside the answer, folded above it where there is no room. */
function Side({ summary, children }: { summary?: ReactNode; children: ReactNode }) {
  const fold = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    const narrow = window.matchMedia('(max-width: 960px)')
    const follow = () => {
      if (fold.current) fold.current.open = !narrow.matches
    }
    follow()
    narrow.addEventListener('change', follow)
    return () => narrow.removeEventListener('change', follow)
  }, [])
  return (
    <details ref={fold} open className={`card ${styles.side}`}>
      <summary>
        <Icon name="settings" />
        {summary ?? <Trans>What is asked</Trans>}
      </summary>
      <div className={styles.controls}>{children}</div>
    </details>
  )
}

/** The questions of the room, to go from one to the next. */
function Rooms() {
  const { t } = useLingui()
  const questions = useQuestions()
  const bar = useRef<HTMLElement>(null)
  // On a phone the bar scrolls: where one is must be in sight.
  useEffect(() => {
    const here = bar.current?.querySelector<HTMLElement>('[aria-current="page"]')
    if (bar.current && here)
      bar.current.scrollLeft = here.offsetLeft - bar.current.clientWidth / 2 + here.offsetWidth / 2
  }, [])
  return (
    <nav ref={bar} className={styles.rooms} aria-label={t`Questions`} data-print="hide">
      {questions.map((question) => (
        <Link key={question.to} to={question.to} className={styles.tab} activeProps={{ 'aria-current': 'page' }}>
          {question.name}
        </Link>
      ))}
      <Link to="/sql" className={styles.tab}>
        SQL
      </Link>
    </nav>
  )
}

/** An answer in its final layout, without numbers. */
export function AnswerLoading() {
  return (
    <Loading>
      <div className={`card ${styles.card} ${styles.loading}`}>
        <Skeleton width="62%" height="24px" />
        <div className={styles.bars}>
          <Skeleton height="100%" radius="4px" />
          <Skeleton height="62%" radius="4px" />
          <Skeleton height="44%" radius="4px" />
          <Skeleton height="30%" radius="4px" />
        </div>
      </div>
    </Loading>
  )
}
