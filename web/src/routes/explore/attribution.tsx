import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { EventView, Figure as FigureValue, Scope } from '~/lib/api/types'
import {
  type AttributionSearch,
  CREDITS,
  type Credit,
  DEFAULT_LOOKBACK,
  MODELS,
  MODELS_USUAL,
  type ModelName,
} from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import { modelName, touchesOf } from '~/lib/explore/attribution'
import type { CellValue, TableData } from '~/lib/explore/export'
import { askedRule, isNamed, ruleName } from '~/lib/explore/rules'
import type { AskOf, AttributionRow, AttributionView } from '~/lib/explore/types'
import { Checkbox, Choice, Empty, TextField, usePeopleDrawer, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useEvents } from '../journey-editor/context'
import { EventPicker } from '../journey-editor/event-picker'
import { DurationField } from '../journey-editor/inputs'
import { BarChart } from './charts/bar-chart'
import { Answer } from './parts/answer'
import { BreakdownPicker } from './parts/breakdown'
import { useCells } from './parts/cells'
import { ChartCard, Legend } from './parts/chart-card'
import { lineColor, useSource } from './parts/common'
import { Group } from './parts/controls'
import { SequenceList } from './parts/sequences'
import { ExplorePage } from './parts/shell'
import { RuleChoice } from './parts/steps'

/** Labels drawn; the table has all of them. */
const LABELS_DRAWN = 12

/** The question of an address; `null` while the conversion, or what it is attributed to, is not known. */
export function attributionAsk(
  search: AttributionSearch,
  scope: Scope,
  events: ReadonlyMap<string, EventView> | null,
): AskOf<'attribution'> | null {
  const { conversion } = search
  if (!conversion || !isNamed(conversion)) return null
  const touches =
    search.touches && isNamed(search.touches)
      ? [askedRule(search.touches)]
      : events && touchesOf(conversion, events.values())
  if (!touches || touches.length === 0) return null
  const by = search.by ?? 'channel'
  return {
    ask: 'attribution',
    conversion: askedRule(conversion),
    touches,
    by: by === 'channel' || by === 'event' ? by : { property: by },
    models: (search.models ?? MODELS_USUAL).map((model) => ({ model })),
    lookback: search.lookback ?? DEFAULT_LOOKBACK,
    scope,
    ...(search.cost ? { cost: search.cost } : {}),
  }
}

export function AttributionPage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/explore/attribution' })
  const navigate = useNavigate({ from: '/explore/attribution' })
  const set = (next: AttributionSearch) => navigate({ search: next, replace: true })
  return (
    <ExplorePage
      title={t`Attribution`}
      view={search}
      onView={set}
      noCompare
      question={(scope, events) => attributionAsk(search, scope, events)}
      controls={<Controls search={search} set={set} />}
    >
      <Body search={search} set={set} />
    </ExplorePage>
  )
}

interface Props {
  search: AttributionSearch
  set: (search: AttributionSearch) => void
}

/** The words for the models. */
export function useModelNames(): Record<ModelName, string> {
  const { t } = useLingui()
  return {
    first: t`First touch`,
    last: t`Last touch`,
    last_non_direct: t`Last but direct`,
    linear: t`Linear`,
    u: t`U: first and last`,
    j: t`J: mostly the last`,
    inverse_j: t`Inverse J: mostly the first`,
    time_decay: t`Time decay`,
    participation: t`Participation`,
    markov: t`Markov removal`,
    shapley: t`Shapley`,
  }
}

function Controls({ search, set }: Props) {
  const { t } = useLingui()
  const names = useModelNames()
  const models = search.models ?? MODELS_USUAL
  const put = (next: ModelName[]) => {
    const ordered = MODELS.filter((model) => next.includes(model))
    const isUsual = ordered.join() === MODELS_USUAL.join()
    if (ordered.length > 0) set({ ...search, models: isUsual ? undefined : ordered })
  }
  return (
    <>
      <Group title={t`What is credited`}>
        <RuleChoice
          label={t`Conversion`}
          rule={search.conversion}
          all={t`no event yet`}
          onChange={(conversion) => set({ ...search, conversion })}
        />
      </Group>
      <Group title={t`To which touches`}>
        <RuleChoice
          label={t`To which touches`}
          rule={search.touches}
          all={t`every event with a channel`}
          onChange={(touches) => set({ ...search, touches })}
        />
      </Group>
      <Group title={t`Told apart by`}>
        <BreakdownPicker
          rule={search.touches ?? { event: [] }}
          value={search.by ?? 'channel'}
          withEvent
          onChange={(by) => set({ ...search, by: by === 'channel' ? undefined : by })}
        />
      </Group>
      <Group title={t`Models`}>
        {MODELS.map((model) => (
          <Checkbox
            key={model}
            isSelected={models.includes(model)}
            onChange={(on) => put(on ? [...models, model] : models.filter((one) => one !== model))}
          >
            {names[model]}
          </Checkbox>
        ))}
      </Group>
      <Group title={t`Rules`}>
        <DurationField
          label={t`Look-back`}
          value={search.lookback ?? DEFAULT_LOOKBACK}
          onChange={(lookback) => set({ ...search, lookback: lookback === DEFAULT_LOOKBACK ? undefined : lookback })}
        />
        <TextField
          label={t`Cost series`}
          defaultValue={search.cost ?? ''}
          placeholder="ad_spend"
          hint={t`The name of an imported cost series, for cost and return.`}
          onBlur={(event) => set({ ...search, cost: (event.target as HTMLInputElement).value.trim() || undefined })}
        />
      </Group>
    </>
  )
}

function Body({ search, set }: Props) {
  const { t } = useLingui()
  const scope = useScope(search)
  const events = useEvents()
  const ask = scope && attributionAsk(search, scope.scope, events)
  // Resampling for the intervals takes most of the time: the figures come first, their intervals after them.
  const plain = useQuery(asked<'attribution'>(ask && { ...ask, replicates: 0 }))
  const whole = useQuery(asked<'attribution'>(ask))
  const isThere = whole.isSuccess && !whole.isPlaceholderData
  const query = isThere || whole.isError ? whole : plain
  if (!search.conversion || !isNamed(search.conversion))
    return (
      <div className="card">
        <Empty
          icon="event"
          title={<Trans>Choose the conversion</Trans>}
          actions={
            <EventPicker
              primary
              label={t`Choose an event`}
              events={events}
              picked={[]}
              closes
              onPick={(event) => set({ ...search, conversion: { event } })}
            />
          }
        >
          <Trans>Each one is divided among the touches before it, by several models side by side.</Trans>
        </Empty>
      </div>
    )
  return (
    <Answer
      query={query}
      n={(answer) => answer.n_conversions}
      isEmpty={(answer) => answer.n_conversions === 0}
      explain={
        <Trans>
          Every conversion of the period is divided among the touches of the same person within the look-back before it.
          All models but participation add up to the conversions. Markov credits by how many conversions would be lost
          without a touch, Shapley by its mean contribution over all orders. Intervals are 95%, by resampling people.
        </Trans>
      }
    >
      {({ question, answer }) => (
        <AttributionAnswer
          question={question}
          view={answer}
          credit={search.credit ?? 'conversions'}
          onCredit={(credit) => set({ ...search, credit: credit === 'conversions' ? undefined : credit })}
        />
      )}
    </Answer>
  )
}

function AttributionAnswer({
  question,
  view,
  credit,
  onCredit,
}: {
  question: AskOf<'attribution'>
  view: AttributionView
  credit: Credit
  onCredit: (credit: Credit) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const names = useModelNames()
  const showPeople = usePeopleDrawer()
  const cells = useCells()
  const source = useSource(question.scope)
  const credits: Record<Credit, string> = {
    conversions: t`Conversions`,
    share: t`Share of all`,
    amount: t`Amount`,
    cost_per_conversion: t`CPA`,
    return_on_cost: t`ROAS`,
  }
  const first = view.models[0]
  if (!first) return null
  const hasCost = view.models.some((model) => model.rows.some((row) => row.cost != null))
  const nameOf = (label: string | null | undefined) => label ?? t`(no touch before)`
  const labels = [...new Set(view.models.flatMap((model) => model.rows.map((row) => row.label ?? null)))]
  const rowOf = (
    model: AttributionView['models'][number],
    label: string | null | undefined,
  ): AttributionRow | undefined => model.rows.find((row) => (row.label ?? null) === (label ?? null))
  const figureOf = (row: AttributionRow | undefined): FigureValue | undefined => row?.[credit]
  const unit = first.rows[0]?.[credit].unit ?? 'number'
  const format = cells.of(unit)
  const series = view.models.map(({ model }, index) => ({
    name: modelName(model, names),
    color: lineColor('other', null, index),
  }))
  const drawn = labels.slice(0, LABELS_DRAWN)
  const table: TableData = {
    columns: [
      { key: 'label', head: t`Touch` },
      ...view.models.flatMap(({ model }, index) => [
        {
          key: `v${index}`,
          head: modelName(model, names),
          end: true,
          format,
        },
        { key: `l${index}`, head: '95% −', end: true, format },
        { key: `h${index}`, head: '95% +', end: true, format },
      ]),
    ],
    rows: labels.map((label): CellValue[] => [
      nameOf(label),
      ...view.models.flatMap((model): CellValue[] => {
        const figure = figureOf(rowOf(model, label))
        return [figure?.value ?? null, figure?.low ?? null, figure?.high ?? null]
      }),
    ]),
  }
  const show = (label: string | null, model: number) => {
    const row = view.models[model] && rowOf(view.models[model], label)
    const of = row?.conversions.people
    if (row && of) showPeople({ of, scope: question.scope, title: `${nameOf(label)} · ${series[model]?.name ?? ''}` })
  }
  const top = first.rows.find((row) => row.label != null)
  const differs = top && spreadOf(view, top.label)
  return (
    <>
      <ChartCard
        title={t`Credit by model`}
        note={
          <>
            <Plural value={view.n_conversions} one="# conversion" other="# conversions" />
            {' · '}
            {f.moneyShort(view.amount)}
            {labels.length > drawn.length && ` · ${t`${drawn.length} of ${labels.length} lines; the table has all`}`}
          </>
        }
        lead={
          top && (
            <>
              <Trans>
                By {series[0]?.name}, <b>{nameOf(top.label)}</b> earned most of “{ruleName(question.conversion)}”:{' '}
                {f.percent(top.share.value)}.
              </Trans>{' '}
              {differs && view.models.length > 1 && (
                <Trans>
                  Between the models it is {f.percent(differs.low)} to {f.percent(differs.high)}.
                </Trans>
              )}
            </>
          )
        }
        source={source}
        table={table}
        tools={
          <Choice
            label={t`Measure`}
            hideLabel
            value={credit}
            onChange={onCredit}
            options={CREDITS.filter(
              (key) => hasCost || (key !== 'cost_per_conversion' && key !== 'return_on_cost'),
            ).map((key) => ({ key, label: credits[key] }))}
          />
        }
        legend={<Legend items={series.map((one) => ({ key: one.name, name: one.name, color: one.color }))} />}
      >
        <BarChart
          label={t`Credit by model`}
          series={series}
          bars={drawn.map((label) => ({
            key: label ?? '\u0001',
            name: nameOf(label),
            values: view.models.map((model) => {
              const figure = figureOf(rowOf(model, label))
              return { value: figure?.value ?? null, low: figure?.low, high: figure?.high }
            }),
          }))}
          write={(value) =>
            // Credit comes in parts of a conversion: no more digits than one can act on.
            credit === 'conversions'
              ? f.whole(value, (value ?? 0) < 100 ? 1 : 0)
              : f.measure(value, unit, unit === 'money')
          }
          tight={(value) => f.measure(value, unit, true)}
          onPress={(bar, model) => show(drawn[bar] ?? null, model)}
        />
      </ChartCard>
      {view.paths.length > 0 && (
        <ChartCard
          title={t`Most frequent converting paths`}
          isTable
          table={{
            columns: [
              { key: 'path', head: t`Path` },
              { key: 'n', head: t`Conversions`, end: true },
              { key: 'amount', head: t`Amount`, end: true },
              { key: 'without', head: t`Without conversion`, end: true },
            ],
            rows: view.paths.map((path) => [
              path.labels.map(nameOf).join(' → '),
              path.n_conversions,
              path.amount,
              path.n_without,
            ]),
          }}
        >
          <SequenceList
            total={view.n_conversions}
            rows={view.paths.map((path) => ({
              nodes: path.labels.map(nameOf),
              n: path.n_conversions,
              facts: [
                t`${f.whole(path.n_conversions)} conversions`,
                f.moneyShort(path.amount),
                t`${f.whole(path.n_without)} without`,
              ],
            }))}
          />
        </ChartCard>
      )}
    </>
  )
}

/** The least and the most share of a label among the models. */
function spreadOf(view: AttributionView, label: string | null | undefined): { low: number; high: number } | null {
  const shares = view.models.flatMap(
    (model) => model.rows.find((row) => (row.label ?? null) === (label ?? null))?.share.value ?? [],
  )
  return shares.length > 1 ? { low: Math.min(...shares), high: Math.max(...shares) } : null
}
