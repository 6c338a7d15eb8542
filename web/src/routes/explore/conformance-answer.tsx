import { Trans, useLingui } from '@lingui/react/macro'
import { casesAt } from '~/lib/explore/conformance'
import type { CellValue } from '~/lib/explore/export'
import { whoOfStanding } from '~/lib/explore/people'
import type { AskOf, ConformanceView, Standing } from '~/lib/explore/types'
import { Figure, usePeopleDrawer } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { BarChart } from './charts/bar-chart'
import { HeatMatrix } from './charts/heat-matrix'
import { useCells } from './parts/cells'
import { ChartCard } from './parts/chart-card'
import { useSource } from './parts/common'
import styles from './parts/explore.module.css'

/** Extra events drawn; the table has all of them. */
const EXTRA_DRAWN = 12

type Kind = 'skipped' | 'out_of_order' | 'looped'
const KINDS: readonly Kind[] = ['skipped', 'out_of_order', 'looped']

interface Props {
  question: AskOf<'conformance'>
  view: ConformanceView
}

export function ConformanceAnswer({ question, view }: Props) {
  const f = useFormat()
  const { t } = useLingui()
  const { whole, percent } = useCells()
  const source = useSource(question.scope)
  const show = useShow(question)
  const n = casesAt(view, { standing: 'all' }).n_cases
  const ways: { at: Standing; name: string; isGood?: boolean }[] = [
    { at: { standing: 'fits_finished' }, name: t`Fits and is finished`, isGood: true },
    { at: { standing: 'fits' }, name: t`Fits so far`, isGood: true },
    { at: { standing: 'skipped' }, name: t`Skips a place` },
    { at: { standing: 'extra' }, name: t`Does something else` },
    { at: { standing: 'out_of_order' }, name: t`Is out of order` },
    { at: { standing: 'looped' }, name: t`Loops` },
  ]
  const rows = ways.map((way) => ({ ...way, ...casesAt(view, way.at) }))
  const [worst] = rows.filter((row) => !row.isGood).toSorted((a, b) => b.n_cases - a.n_cases)
  const fits = f.percent(view.fit.value)
  const title = t`How cases stand towards the design`
  return (
    <>
      <ChartCard
        title={title}
        note={t`one case may stand in several rows`}
        lead={
          <>
            <Trans>
              Of {f.whole(n)} cases, <b>{fits}</b> keep to the design.
            </Trans>{' '}
            {worst && worst.n_cases > 0 && (
              <Trans>
                Most often a case deviates so: <b>{worst.name}</b> ({f.percent(worst.n_cases / Math.max(1, n))}).
              </Trans>
            )}
          </>
        }
        source={source}
        table={{
          columns: [
            { key: 'way', head: t`Standing` },
            { key: 'cases', head: t`Cases`, end: true, format: whole },
            { key: 'share', head: t`Of all cases`, end: true, format: percent },
            { key: 'people', head: t`People`, end: true, format: whole },
          ],
          rows: rows.map((row): CellValue[] => [row.name, row.n_cases, row.n_cases / Math.max(1, n), row.n_people]),
        }}
        onRow={(row) => show(rows[row])}
      >
        <BarChart
          label={title}
          wideNames
          series={[{ name: t`Cases` }]}
          bars={rows.map((row) => ({
            key: row.at.standing,
            name: row.name,
            color: row.isGood ? 'var(--real)' : 'var(--bad)',
            values: [{ value: row.n_cases / Math.max(1, n) }],
            tip: [[t`Cases`, f.whole(row.n_cases)]] as [string, string][],
          }))}
          write={(value) => f.percent(value)}
          tight={(value) => f.percent(value, 0)}
          onPress={(row) => show(rows[row])?.()}
        />
      </ChartCard>
      <section className={`card ${styles.card} ${styles.facts}`} aria-label={t`Fit`}>
        <Figure label={t`Fits`} figure={view.fit} doubt scope={question.scope} />
        <Figure label={t`Fits and is finished`} figure={view.fit_finished} doubt scope={question.scope} />
      </section>
      <Places question={question} view={view} n={n} />
      <Extra question={question} view={view} n={n} />
    </>
  )
}

function useShow(question: AskOf<'conformance'>) {
  const showPeople = usePeopleDrawer()
  return (row: { at: Standing; name: string; n_people: number } | undefined) =>
    row && row.n_people > 0
      ? () =>
          showPeople({
            of: whoOfStanding(question, row.at),
            scope: question.scope,
            title: row.name,
            count: row.n_people,
          })
      : undefined
}

/** Where cases deviate: places down, ways across. */
function Places({ question, view, n }: Props & { n: number }) {
  const f = useFormat()
  const { t } = useLingui()
  const { whole } = useCells()
  const show = useShow(question)
  const names: Record<Kind, string> = { skipped: t`Skipped`, out_of_order: t`Out of order`, looped: t`Looped` }
  const rows = question.design.map((place, index) => ({
    name: `${index + 1}. ${place.name}`,
    ways: KINDS.map((standing) => {
      const at: Standing = { standing, place: index }
      return { at, name: `${place.name} · ${names[standing]}`, ...casesAt(view, at) }
    }),
  }))
  const most = Math.max(1, ...rows.flatMap((row) => row.ways.map((way) => way.n_cases)))
  return (
    <ChartCard
      title={t`Where they deviate`}
      isTable
      table={{
        columns: [
          { key: 'place', head: t`Place` },
          ...KINDS.map((kind) => ({ key: kind, head: names[kind], end: true, format: whole })),
        ],
        rows: rows.map((row): CellValue[] => [row.name, ...row.ways.map((way) => way.n_cases)]),
      }}
    >
      <HeatMatrix
        caption={t`Cases that deviate at each place (row) in each way (column)`}
        corner={t`Place`}
        heads={KINDS.map((kind) => names[kind])}
        tone="--bad"
        rows={rows.map((row, index) => ({
          key: String(index),
          head: row.name,
          cells: row.ways.map((way) =>
            way.n_cases === 0
              ? null
              : {
                  text: `${f.short(way.n_cases)} · ${f.percent(way.n_cases / Math.max(1, n), 0)}`,
                  heat: Math.sqrt(way.n_cases / most),
                  says: t`${way.name}: ${f.whole(way.n_cases)} cases, ${f.percent(way.n_cases / Math.max(1, n))} of all`,
                  onPress: show(way),
                },
          ),
        }))}
      />
    </ChartCard>
  )
}

/** Events that the design does not have. */
function Extra({ question, view, n }: Props & { n: number }) {
  const f = useFormat()
  const { t } = useLingui()
  const { whole, percent } = useCells()
  const source = useSource(question.scope)
  const show = useShow(question)
  const rows = view.standings
    .flatMap(({ at, n_cases, n_people }) =>
      at.standing === 'extra' && at.event != null ? [{ at, name: at.event, n_cases, n_people }] : [],
    )
    .toSorted((a, b) => b.n_cases - a.n_cases)
  if (rows.length === 0) return null
  const drawn = rows.slice(0, EXTRA_DRAWN)
  return (
    <ChartCard
      title={t`Events outside the design`}
      note={drawn.length < rows.length ? t`${drawn.length} of ${rows.length}; the table has all` : undefined}
      source={source}
      table={{
        columns: [
          { key: 'event', head: t`Event` },
          { key: 'cases', head: t`Cases`, end: true, format: whole },
          { key: 'share', head: t`Of all cases`, end: true, format: percent },
          { key: 'people', head: t`People`, end: true, format: whole },
        ],
        rows: rows.map((row): CellValue[] => [row.name, row.n_cases, row.n_cases / Math.max(1, n), row.n_people]),
      }}
      onRow={(row) => show(rows[row])}
    >
      <BarChart
        label={t`Events outside the design`}
        series={[{ name: t`Cases` }]}
        bars={drawn.map((row) => ({
          key: row.name,
          name: row.name,
          color: 'var(--bad)',
          values: [{ value: row.n_cases }],
        }))}
        write={(value) => f.whole(value)}
        tight={(value) => f.short(value)}
        onPress={(row) => show(drawn[row])?.()}
      />
    </ChartCard>
  )
}
