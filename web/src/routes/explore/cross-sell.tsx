import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type CrossSellSearch, DEFAULT_LEAST } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import { crossSellAsk } from '~/lib/explore/cross-sell'
import type { CellValue, TableData } from '~/lib/explore/export'
import { whoOfPair } from '~/lib/explore/people'
import { isNamed } from '~/lib/explore/rules'
import type { AskOf, CrossSellView, PairRow } from '~/lib/explore/types'
import { Button, Checkbox, Empty, Select, usePeopleDrawer, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useEvents } from '../journey-editor/context'
import { EventPicker } from '../journey-editor/event-picker'
import { DurationField } from '../journey-editor/inputs'
import { BarChart } from './charts/bar-chart'
import { Answer } from './parts/answer'
import { BreakdownPicker } from './parts/breakdown'
import { useCells } from './parts/cells'
import { ChartCard } from './parts/chart-card'
import { useSource } from './parts/common'
import { Group, More } from './parts/controls'
import styles from './parts/explore.module.css'
import { AnswerLoading, ExplorePage } from './parts/shell'
import { RuleChoice } from './parts/steps'

/** Pairs drawn; the table has all of them. */
const PAIRS_DRAWN = 15
const WITHIN = '30d'

interface Props {
  search: CrossSellSearch
  set: (search: CrossSellSearch) => void
}

export function CrossSellPage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/explore/cross-sell' })
  const navigate = useNavigate({ from: '/explore/cross-sell' })
  const set = (next: CrossSellSearch) => navigate({ search: next, replace: true })
  return (
    <ExplorePage
      title={t`Cross-sell`}
      view={search}
      onView={set}
      noCompare
      question={(scope) => crossSellAsk(search, scope)}
      controls={<Controls search={search} set={set} />}
    >
      <Body search={search} set={set} />
    </ExplorePage>
  )
}

function Controls({ search, set }: Props) {
  const { t } = useLingui()
  const f = useFormat()
  return (
    <>
      <Group title={t`What counts as an item`}>
        <RuleChoice
          label={t`What counts as an item`}
          rule={search.items}
          all={t`no event yet`}
          onChange={(items) => set({ ...search, items })}
        />
      </Group>
      <Group title={t`Items told apart by`}>
        <BreakdownPicker
          rule={search.items ?? { event: [] }}
          value={search.by ?? 'event'}
          withEvent
          onChange={(by) => set({ ...search, by: by === 'event' ? undefined : by })}
        />
        <Checkbox isSelected={search.ordered === true} onChange={(on) => set({ ...search, ordered: on || undefined })}>
          <Trans>The second has to come later</Trans>
        </Checkbox>
      </Group>
      <More n_set={(search.within ? 1 : 0) + (search.least ? 1 : 0)}>
        <Checkbox
          isSelected={search.within !== undefined}
          onChange={(on) => set({ ...search, within: on ? WITHIN : undefined })}
        >
          <Trans>Not far apart</Trans>
        </Checkbox>
        {search.within !== undefined && (
          <DurationField
            label={t`Within`}
            value={search.within}
            onChange={(within) => set({ ...search, within: within || WITHIN })}
          />
        )}
        <Select
          label={t`Fewest people of a pair`}
          value={String(search.least ?? DEFAULT_LEAST)}
          onChange={(key) => set({ ...search, least: Number(key) === DEFAULT_LEAST ? undefined : Number(key) })}
          options={[5, 10, 30, 100].map((n) => ({ key: String(n), label: f.whole(n) }))}
        />
      </More>
    </>
  )
}

function Body({ search, set }: Props) {
  const { t } = useLingui()
  const scope = useScope(search)
  const events = useEvents()
  const query = useQuery(asked<'cross_sell'>(scope && crossSellAsk(search, scope.scope)))
  if (!search.items || !isNamed(search.items))
    return (
      <div className="card">
        <Empty
          icon="copy"
          title={<Trans>Choose what people buy or do</Trans>}
          actions={
            <EventPicker
              primary
              label={t`Choose an event`}
              events={events}
              picked={[]}
              closes
              onPick={(event) => {
                // What is bought is told by a property where the event has one that says so.
                const keys = events?.get(event)?.properties.map((property) => property.key) ?? []
                const by = ['product', 'item', 'sku', 'category'].find((key) => keys.includes(key))
                set({ ...search, items: { event }, ...(by ? { by } : {}) })
              }}
            />
          }
        >
          <Trans>The answer says which two the same people have, and how much more often than by chance.</Trans>
        </Empty>
      </div>
    )
  if (!scope) return <AnswerLoading />
  return (
    <Answer
      query={query}
      n={(answer) => answer.n_people}
      isEmpty={(answer) => answer.rows.length === 0}
      empty={
        <Empty
          icon="copy"
          compact
          title={<Trans>No two items have enough people in common</Trans>}
          actions={
            <Button onPress={() => set({ ...search, least: undefined, within: undefined, ordered: undefined })}>
              <Trans>Loosen the rules</Trans>
            </Button>
          }
        >
          <Trans>Tell items apart more coarsely, such as by category, or take a longer period.</Trans>
        </Empty>
      }
      explain={
        <Trans>
          Support is the share of all people with any item who have both. Confidence is the share of those with the
          first who have the second. Lift is how many times that is what chance would bring; its interval is 95%. The
          pairs whose lift is surest above 1 come first.
        </Trans>
      }
    >
      {({ question, answer }) => <Pairs question={question} view={answer} />}
    </Answer>
  )
}

/** Without an order both ways round are the same pair: the surer confidence, which comes first, stands for it. */
function pairsOf(rows: PairRow[], ordered: boolean | undefined): PairRow[] {
  const seen = new Set<string>()
  return rows.filter((row) => {
    if (ordered) return true
    const key = [row.item, row.other].sort().join('\u0001')
    return seen.has(key) ? false : seen.add(key)
  })
}

/** Whether it is more than chance that a pair comes together. */
const isSure = (row: PairRow) => row.lift.low != null && row.lift.low > 1

function usePairs(question: AskOf<'cross_sell'>) {
  const f = useFormat()
  const showPeople = usePeopleDrawer()
  const nameOf = (row: PairRow) => `${row.item} ${question.ordered ? '→' : '+'} ${row.other}`
  const show = (row: PairRow | undefined) =>
    row &&
    (() =>
      showPeople({
        of: whoOfPair(question, row.item, row.other),
        scope: question.scope ?? {},
        title: nameOf(row),
        count: row.n_people,
      }))
  const times = (value: number | null | undefined) => (value == null ? '–' : `${f.whole(value, 2)}×`)
  return { nameOf, show, times }
}

function usePairsTable(rows: PairRow[]): TableData {
  const { t } = useLingui()
  const { whole, percent, tenths } = useCells()
  return {
    columns: [
      { key: 'item', head: t`First` },
      { key: 'other', head: t`Second` },
      { key: 'n', head: t`People with both`, end: true, format: whole },
      { key: 'support', head: t`Support`, end: true, format: percent },
      { key: 'confidence', head: t`Confidence`, end: true, format: percent },
      { key: 'lift', head: t`Lift`, end: true, format: tenths },
      { key: 'low', head: '95% −', end: true, format: tenths },
      { key: 'high', head: '95% +', end: true, format: tenths },
    ],
    rows: rows.map((row): CellValue[] => [
      row.item,
      row.other,
      row.n_people,
      row.support,
      row.confidence.value ?? null,
      row.lift.value ?? null,
      row.lift.low ?? null,
      row.lift.high ?? null,
    ]),
  }
}

function Pairs({ question, view }: { question: AskOf<'cross_sell'>; view: CrossSellView }) {
  const f = useFormat()
  const { t } = useLingui()
  const source = useSource(question.scope)
  const { show, times } = usePairs(question)
  const pairs = pairsOf(view.rows, question.ordered)
  const drawn = pairs.slice(0, PAIRS_DRAWN)
  const [top] = pairs
  return (
    <ChartCard
      title={t`Pairs by lift`}
      note={
        <>
          {t`${f.whole(view.n_people)} people with any item`}
          {drawn.length < pairs.length && ` · ${t`${drawn.length} of ${pairs.length}; the table has all`}`}
        </>
      }
      lead={
        top &&
        (isSure(top) ? (
          <Trans>
            Who has <b>{top.item}</b> has <b>{top.other}</b> {times(top.lift.value)} as often as by chance:{' '}
            {f.whole(top.n_people)} people.
          </Trans>
        ) : (
          <Trans>No pair comes together more often than by chance.</Trans>
        ))
      }
      source={source}
      table={usePairsTable(view.rows)}
      onRow={(row) => show(view.rows[row])}
      legend={
        <p className={styles.cardNote}>
          <Trans>1× is chance; an interval that holds 1 tells nothing.</Trans>
        </p>
      }
    >
      <PairsChart question={question} drawn={drawn} />
    </ChartCard>
  )
}

function PairsChart({ question, drawn }: { question: AskOf<'cross_sell'>; drawn: PairRow[] }) {
  const f = useFormat()
  const { t } = useLingui()
  const { nameOf, show, times } = usePairs(question)
  return (
    <BarChart
      label={t`Pairs by lift`}
      wideNames
      series={[{ name: t`Lift` }]}
      bars={drawn.map((row) => ({
        key: `${row.item}\u0001${row.other}`,
        name: nameOf(row),
        color: isSure(row) ? 'var(--real)' : 'var(--line-strong)',
        values: [{ value: row.lift.value ?? null, low: row.lift.low, high: row.lift.high }],
        tip: [
          [t`People with both`, f.whole(row.n_people)],
          [t`Support`, f.percent(row.support)],
          [t`Confidence`, f.percent(row.confidence.value)],
        ],
      }))}
      write={times}
      tight={(value) => `${f.whole(value, 1)}×`}
      onPress={(bar) => show(drawn[bar])?.()}
    />
  )
}
