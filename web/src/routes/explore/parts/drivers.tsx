import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { asked } from '~/lib/explore/ask'
import type { CellValue } from '~/lib/explore/export'
import { whoOfDriver } from '~/lib/explore/people'
import type { AskOf, DriverRow, DriversView } from '~/lib/explore/types'
import { asList } from '~/lib/journey/rule'
import { Bar, Failed, Loading, NumberButton, Skeleton, usePeopleDrawer } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { ChartCard } from './chart-card'
import styles from './explore.module.css'

/** Below this share of false finds a difference is more than chance. */
const Q_MAX = 0.05
const ROWS_SHOWN = 5
/** Beyond this the odds say only that nearly all of them have it. */
const ODDS_MAX = 100

/** What people who finish a funnel do that others do not. Its own steps tell nothing: who finishes has done them. */
export function Drivers({ funnel }: { funnel: AskOf<'funnel'> }) {
  const [start, conversion] = [funnel.steps[0], funnel.steps.at(-1)]
  const query = useQuery(
    asked<'drivers'>(
      start && conversion
        ? {
            ask: 'drivers',
            start,
            conversion,
            within: funnel.window,
            // Room for the steps themselves, which are left out.
            limit: ROWS_SHOWN + funnel.steps.length,
            scope: funnel.scope ?? {},
          }
        : null,
    ),
  )
  if (query.error)
    return (
      <div className="card">
        <Failed error={query.error} retry={() => query.refetch()} compact />
      </div>
    )
  if (!query.data)
    return (
      <Loading>
        <div className={`card ${styles.card}`}>
          <Skeleton width="120px" height="18px" />
          {[0, 1, 2, 3].map((row) => (
            <p key={row} style={{ marginTop: 12 }}>
              <Skeleton height="16px" />
            </p>
          ))}
        </div>
      </Loading>
    )
  return <DriversAnswer {...query.data} own={new Set(funnel.steps.flatMap((step) => asList(step.event)))} />
}

interface Props {
  question: AskOf<'drivers'>
  answer: DriversView
}

/** Numbers that open the people of a driver who finished, or did not; of all of them without one. */
function usePeopleCells(question: AskOf<'drivers'>) {
  const f = useFormat()
  const { t } = useLingui()
  const showPeople = usePeopleDrawer()
  const whoIs = (succeeded: boolean) => (succeeded ? t`Finished` : t`Did not`)
  const show = (succeeded: boolean, count: number, event?: string) =>
    count > 0
      ? () =>
          showPeople({
            of: whoOfDriver(question, succeeded, event),
            scope: question.scope ?? {},
            title: [event, whoIs(succeeded)].filter(Boolean).join(' · '),
            count,
          })
      : undefined
  const cell = (succeeded: boolean, count: number, event?: string) => {
    const open = show(succeeded, count, event)
    const text = f.whole(count)
    const says = t`${event ?? t`Everybody`}, ${whoIs(succeeded)}: ${text} people`
    return open ? (
      <NumberButton underlined onClick={open} aria-label={says}>
        {text}
      </NumberButton>
    ) : (
      text
    )
  }
  return { whoIs, cell }
}

/** How many times the odds, as far as that says anything. */
function useOdds(): (value: number | null) => string {
  const f = useFormat()
  return (value) =>
    value === null ? '–' : value > ODDS_MAX ? `> ${ODDS_MAX}×` : `${f.whole(value, value < 10 ? 2 : 0)}×`
}

/** `own` are the events of the funnel's own steps. */
function DriversAnswer({ question, answer, own }: Props & { own: Set<string> }) {
  const f = useFormat()
  const { t } = useLingui()
  const odds = useOdds()
  const title = t`Why they part`
  const told = (rows: DriverRow[]) => rows.filter((row) => row.q < Q_MAX && !own.has(row.event)).slice(0, ROWS_SHOWN)
  const shown = [...told(answer.positive), ...told(answer.negative)]
  const number = (value: CellValue) => (typeof value === 'number' ? value : null)
  return (
    <ChartCard
      title={title}
      note={t`${f.whole(answer.n_succeeded + answer.n_failed)} people · only what is more than chance (FDR 5%)`}
      isTable
      table={{
        columns: [
          { key: 'event', head: t`Event` },
          { key: 'odds', head: t`Odds`, end: true, format: (value) => odds(number(value)) },
          { key: 'phi', head: 'φ', end: true, format: (value) => f.whole(number(value), 2) },
          { key: 'q', head: 'q', end: true },
          { key: 'yes', head: t`Finished`, end: true },
          { key: 'no', head: t`Did not`, end: true },
        ],
        rows: [...answer.positive, ...answer.negative].map((row) => [
          row.event,
          row.odds_ratio,
          row.phi,
          row.q,
          row.n_succeeded,
          row.n_failed,
        ]),
      }}
    >
      {shown.length === 0 ? (
        <p className="soft">
          <Trans>No event tells those who finish from those who do not.</Trans>
        </p>
      ) : (
        <DriversTable title={title} question={question} answer={answer} shown={shown} />
      )}
    </ChartCard>
  )
}

function DriversTable({ title, question, answer, shown }: Props & { title: string; shown: DriverRow[] }) {
  const { t } = useLingui()
  const odds = useOdds()
  const { whoIs, cell } = usePeopleCells(question)
  const most = Math.max(0.01, ...shown.map((row) => Math.abs(row.phi)))
  return (
    <div className={styles.compareScroll}>
      <table className={styles.compareTable}>
        <caption className="sr-only">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{t`What tells them apart`}</th>
            <th scope="col">{t`Odds`}</th>
            <th scope="col">{whoIs(true)}</th>
            <th scope="col">{whoIs(false)}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.event}>
              <th scope="row">
                <span className={styles.driver}>
                  <span className={styles.driverBar}>
                    <Bar share={Math.abs(row.phi) / most} color={row.phi < 0 ? 'var(--bad)' : 'var(--good)'} />
                  </span>
                  {row.event}
                </span>
              </th>
              <td>
                <b>{odds(row.odds_ratio)}</b>
              </td>
              <td>{cell(true, row.n_succeeded, row.event)}</td>
              <td>{cell(false, row.n_failed, row.event)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t`Everybody`}</th>
            <td />
            <td>{cell(true, answer.n_succeeded)}</td>
            <td>{cell(false, answer.n_failed)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  )
}
