import { Trans, useLingui } from '@lingui/react/macro'
import { useQueries, useQuery } from '@tanstack/react-query'
import { documentList } from '~/lib/api/queries'
import { asked } from '~/lib/explore/ask'
import type { CellValue, TableData } from '~/lib/explore/export'
import { Delta, Doubt, Empty, Failed, FigureText, Skeleton } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { ChartCard } from '../parts/chart-card'
import styles from '../parts/explore.module.css'
import type { Sides } from './sides'

/** Every metric of the workspace on both sides. */
export function CompareMetrics({ sides }: { sides: Sides }) {
  const f = useFormat()
  const { t } = useLingui()
  const metrics = useQuery(documentList('metric'))
  const answers = useQueries({
    queries: (metrics.data ?? []).map(({ body }) =>
      asked<'metric'>({ ask: 'metric', metric: body.key, scope: sides.a, compare: { scope: sides.b } }),
    ),
  })
  if (metrics.error) return <Failed error={metrics.error} retry={() => metrics.refetch()} />
  if (metrics.data?.length === 0)
    return (
      <div className="card">
        <Empty icon="info" title={<Trans>There are no metrics in this workspace</Trans>}>
          <Trans>
            Metrics are written in a definition file and used on the map. Compare a funnel, channels or a trend instead.
          </Trans>
        </Empty>
      </div>
    )
  const failed = answers.find((answer) => answer.error)
  const rows = (metrics.data ?? []).map(({ body }, index) => {
    const answer = answers[index]?.data?.answer.metric
    return {
      key: body.key,
      name: 'name' in body ? f.say(body.name) : body.key,
      figure: answer?.figure,
      isPending: answers[index]?.isPending ?? true,
    }
  })
  const table: TableData = {
    columns: [
      { key: 'metric', head: t`Metric` },
      { key: 'a', head: sides.nameA, end: true },
      { key: 'b', head: sides.nameB, end: true },
      { key: 'low', head: '95% −', end: true },
      { key: 'high', head: '95% +', end: true },
      { key: 'n', head: 'n', end: true },
    ],
    rows: rows.map(({ name, figure }): CellValue[] => [
      name,
      figure?.value ?? null,
      figure?.previous ?? null,
      figure?.low ?? null,
      figure?.high ?? null,
      figure?.n ?? null,
    ]),
  }
  return (
    <ChartCard title={t`Metrics`} table={table} isTable>
      {failed && <Failed error={failed.error} retry={() => failed.refetch()} compact />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section className={styles.compareScroll} tabIndex={0} aria-label={t`Metrics of both sides`}>
        <table className={styles.compareTable}>
          <caption className="sr-only">{t`Metrics of both sides`}</caption>
          <thead>
            <tr>
              <th scope="col">{t`Metric`}</th>
              <th scope="col">{sides.nameA}</th>
              <th scope="col">{sides.nameB}</th>
              <th scope="col">{t`Change`}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row">{row.name}</th>
                {row.figure ? (
                  <>
                    <td>
                      <b>
                        <FigureText figure={row.figure} />
                      </b>{' '}
                      <Doubt figure={row.figure} />
                    </td>
                    <td>
                      <FigureText figure={{ ...row.figure, value: row.figure.previous ?? null }} />
                    </td>
                    <td>
                      <Delta figure={row.figure} />
                    </td>
                  </>
                ) : (
                  <td colSpan={3}>{row.isPending && <Skeleton width="60%" />}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </ChartCard>
  )
}
