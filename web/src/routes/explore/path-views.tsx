import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { documentList } from '~/lib/api/queries'
import type { Scope } from '~/lib/api/types'
import { DEFAULT_GAP, PATH_STEPS, PATH_TOP, type PathSearch } from '~/lib/explore/address'
import { askedAny } from '~/lib/explore/ask'
import type { CellValue, TableData } from '~/lib/explore/export'
import { askedRule, isNamed, ruleName } from '~/lib/explore/rules'
import {
  type AskPaths,
  type AskVariants,
  type CaseUnit,
  type PathPoint,
  type PathsView,
  type VariantsView,
  whoOfPath,
  whoOfVariant,
} from '~/lib/explore/wire'
import { Bar, Select, usePeopleDrawer, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useEvents } from '../journey-editor/context'
import { EventPicker } from '../journey-editor/event-picker'
import { DurationField, Token } from '../journey-editor/inputs'
import { HeatMatrix } from './charts/heat-matrix'
import { SankeyChart } from './charts/sankey-chart'
import { Answer } from './parts/answer'
import { ChartCard } from './parts/chart-card'
import { useSource } from './parts/common'
import styles from './parts/explore.module.css'
import { ExplorePage, Group } from './parts/shell'
import { RuleChoice } from './parts/steps'

export interface PathTabProps {
  search: PathSearch
  set: (search: PathSearch) => void
  tabs: ReactNode
}

const DEFAULT_PATH_WINDOW = '7d'
/** Whole paths asked for: what the table shows. */
const PATHS_ASKED = 50

/** The question of an address; rules that are still being written do not count. */
export function pathsAsk(search: PathSearch, scope: Scope): AskPaths {
  const after = search.after && isNamed(search.after) ? askedRule(search.after) : undefined
  const before = search.before && isNamed(search.before) ? askedRule(search.before) : undefined
  return {
    ask: 'paths',
    scope,
    steps: search.steps ?? PATH_STEPS,
    top: search.top ?? PATH_TOP,
    limit: PATHS_ASKED,
    ...(after ? { after } : {}),
    ...(before ? { before } : {}),
    ...(after || before ? { window: search.window ?? DEFAULT_PATH_WINDOW } : search.gap ? { gap: search.gap } : {}),
    ...(search.hide ? { nodes: { hide: search.hide } } : {}),
  }
}

/** Paths as a Sankey or as a matrix of steps: one question, two pictures. */
export function PathsTab({ search, set, tabs }: PathTabProps) {
  const { t } = useLingui()
  const f = useFormat()
  const scope = useScope(search)
  const query = useQuery(askedAny<AskPaths, PathsView>(scope && pathsAsk(search, scope.scope)))
  const isAnchored = Boolean((search.after && isNamed(search.after)) || (search.before && isNamed(search.before)))
  return (
    <ExplorePage
      title={t`Paths`}
      view={search}
      onView={set}
      noCompare
      controls={
        <>
          <Group title={t`After`}>
            <RuleChoice
              label={t`After`}
              rule={search.after}
              all={t`the start of a session`}
              onChange={(after) => set({ ...search, after })}
            />
          </Group>
          <Group title={t`Before`}>
            <RuleChoice
              label={t`Before`}
              rule={search.before}
              all={t`any end`}
              onChange={(before) => set({ ...search, before })}
            />
          </Group>
          <Group title={t`Rules`}>
            {isAnchored ? (
              <DurationField
                label={t`Within`}
                value={search.window ?? DEFAULT_PATH_WINDOW}
                onChange={(window) => set({ ...search, window: window === DEFAULT_PATH_WINDOW ? undefined : window })}
              />
            ) : (
              <DurationField
                label={t`Longest gap`}
                value={search.gap ?? DEFAULT_GAP}
                onChange={(gap) => set({ ...search, gap: gap === DEFAULT_GAP ? undefined : gap })}
              />
            )}
            <Select
              label={t`Steps`}
              value={String(search.steps ?? PATH_STEPS)}
              onChange={(key) => set({ ...search, steps: Number(key) === PATH_STEPS ? undefined : Number(key) })}
              options={[3, 4, 5, 6, 8, 10, 15, 20].map((n) => ({ key: String(n), label: f.whole(n) }))}
            />
            <Select
              label={t`Events named at each step`}
              value={String(search.top ?? PATH_TOP)}
              onChange={(key) => set({ ...search, top: Number(key) === PATH_TOP ? undefined : Number(key) })}
              options={[5, 8, 12, 20].map((n) => ({ key: String(n), label: f.whole(n) }))}
            />
          </Group>
          <Hidden search={search} set={set} />
        </>
      }
    >
      <div className={styles.tabs} data-print="hide">
        {tabs}
      </div>
      <Answer
        query={query}
        n={(answer) => answer.n_people}
        isEmpty={(answer) => answer.nodes.length === 0}
        explain={
          <Trans>
            Without an event to start or end at, each session is a path: a gap longer than the longest one starts the
            next session. With one, a person has one path, from the first start or to the last end. The same event right
            after itself counts once. At each step the most frequent events are named; all others are one, in which a
            person counts once. Heights are sequences, so that what goes in comes out.
          </Trans>
        }
      >
        {({ question, answer }) =>
          search.tab === 'steps' ? (
            <StepMatrix question={question} view={answer} />
          ) : (
            <PathsAnswer question={question} view={answer} />
          )
        }
      </Answer>
    </ExplorePage>
  )
}

/** Names of events that paths and variants pass over. */
function Hidden({ search, set }: Pick<PathTabProps, 'search' | 'set'>) {
  const { t } = useLingui()
  const events = useEvents()
  const hide = search.hide ?? []
  const put = (names: string[]) => set({ ...search, hide: names.length > 0 ? names : undefined })
  return (
    <Group title={t`Not shown`}>
      <div className={styles.tokens}>
        {hide.map((name) => (
          <Token key={name} name={name} onRemove={() => put(hide.filter((one) => one !== name))} />
        ))}
        <EventPicker
          label={t`Hide an event`}
          events={events}
          picked={hide}
          onPick={(name) => put(hide.includes(name) ? hide.filter((one) => one !== name) : [...hide, name])}
        />
      </div>
    </Group>
  )
}

function useWho(question: AskPaths) {
  const showPeople = usePeopleDrawer()
  return (at: PathPoint, title: string, count: number) =>
    showPeople({ of: whoOfPath(question, at), scope: question.scope, title, count })
}

function PathsAnswer({ question, view }: { question: AskPaths; view: PathsView }) {
  const f = useFormat()
  const { t } = useLingui()
  const source = useSource(question.scope)
  const show = useWho(question)
  const isMirrored = Boolean(question.before && !question.after)
  const nameOf = (node: string | null) => node ?? t`others`
  const number = (value: CellValue) => (typeof value === 'number' ? value : null)
  const whole = (value: CellValue) => f.whole(number(value))
  const table: TableData = {
    columns: [
      { key: 'step', head: t`Step`, format: whole },
      { key: 'from', head: t`Event` },
      { key: 'to', head: t`Next event` },
      { key: 'people', head: t`People`, end: true, format: whole },
      { key: 'sequences', head: t`Sequences`, end: true, format: whole },
    ],
    rows: [
      ...view.edges.map((edge): CellValue[] => [
        edge.step + 1,
        nameOf(edge.node),
        nameOf(edge.next),
        edge.n_people,
        edge.n_sequences,
      ]),
      ...view.nodes
        .filter((node) => node.ended_sequences > 0)
        .map((node): CellValue[] => [
          node.step + 1,
          nameOf(node.node),
          t`(ends)`,
          node.ended_people,
          node.ended_sequences,
        ]),
    ],
  }
  const top = view.paths[0]
  return (
    <>
      <ChartCard
        title={t`Paths step by step`}
        note={
          question.after
            ? t`after ${ruleName(question.after)}`
            : question.before
              ? t`before ${ruleName(question.before)}`
              : undefined
        }
        lead={
          top && (
            <Trans>
              Of {f.whole(view.n_people)} people, {f.whole(top.n_people)} take the most frequent path:{' '}
              <b>{top.nodes.join(' → ')}</b>.
            </Trans>
          )
        }
        source={source}
        table={table}
        onRow={(row) => {
          const edge = view.edges[row]
          return (
            edge &&
            (() =>
              show(
                { point: 'edge', step: edge.step, node: edge.node, next: edge.next },
                `${nameOf(edge.node)} → ${nameOf(edge.next)}`,
                edge.n_people,
              ))
          )
        }}
      >
        <SankeyChart view={view} mirrored={isMirrored} onPress={show} />
      </ChartCard>
      <ChartCard
        title={t`Whole paths`}
        note={t`the ${f.whole(view.paths.length)} most frequent of ${f.whole(view.n_paths)}`}
        isTable
        table={{
          columns: [
            { key: 'path', head: t`Path` },
            { key: 'people', head: t`People`, end: true },
            { key: 'sequences', head: t`Sequences`, end: true },
          ],
          rows: view.paths.map((path) => [path.nodes.join(' → '), path.n_people, path.n_sequences]),
        }}
      >
        <SequenceList
          rows={view.paths.map((path) => ({
            nodes: path.nodes,
            n: path.n_sequences,
            text: t`${f.whole(path.n_people)} people`,
            show: () => show({ point: 'path', nodes: path.nodes }, path.nodes.join(' → '), path.n_people),
          }))}
          total={view.n_sequences}
        />
      </ChartCard>
    </>
  )
}

/** Whole sequences, most frequent first, each as its events in a row. */
function SequenceList({
  rows,
  total,
}: {
  rows: { nodes: string[]; n: number; text: string; note?: string; show: () => void }[]
  total: number
}) {
  const f = useFormat()
  const { t } = useLingui()
  return (
    <ol className={styles.sequences}>
      {rows.map((row) => (
        <li key={row.nodes.join('\u0001')} className={styles.sequence}>
          <button
            type="button"
            className={styles.sequencePress}
            onClick={row.show}
            aria-label={t`Show the people: ${row.nodes.join(' → ')}`}
          >
            <span className={styles.sequenceNodes}>
              {row.nodes.map((node, index) => (
                <span key={index} className={styles.sequenceNode}>
                  {node}
                </span>
              ))}
            </span>
            <span className={styles.sequenceFacts}>
              <span className={styles.sequenceBar}>
                <Bar share={total === 0 ? 0 : row.n / total} />
              </span>
              <b>{f.percent(total === 0 ? null : row.n / total)}</b>
              <span className={styles.cardNote}>{row.text}</span>
              {row.note && <span className={styles.cardNote}>{row.note}</span>}
            </span>
          </button>
        </li>
      ))}
    </ol>
  )
}

function StepMatrix({ question, view }: { question: AskPaths; view: PathsView }) {
  const f = useFormat()
  const { t } = useLingui()
  const show = useWho(question)
  const { matrix } = view
  const n_steps = matrix.ended.length
  const isMirrored = Boolean(question.before && !question.after)
  const nameOf = (node: string | null) => node ?? t`others`
  const heads = Array.from({ length: n_steps }, (_, step) =>
    isMirrored ? (step === 0 ? t`end` : t`${step} before`) : t`Step ${step + 1}`,
  )
  const percent = (value: CellValue) => f.percent(typeof value === 'number' ? value : null)
  const peopleAt = (step: number, node: string | null) =>
    view.nodes.find((one) => one.step === step && one.node === node)?.n_people
  return (
    <ChartCard
      title={t`Share of sequences at each step`}
      note={t`${f.whole(view.n_sequences)} sequences of ${f.whole(view.n_people)} people`}
      isTable
      table={{
        columns: [
          { key: 'event', head: t`Event` },
          ...heads.map((head, step) => ({ key: `s${step}`, head, end: true, format: percent })),
        ],
        rows: [
          ...matrix.nodes.map((node, line): CellValue[] => [nameOf(node), ...(matrix.shares[line] ?? [])]),
          [t`Ended before`, ...matrix.ended],
        ],
      }}
    >
      <HeatMatrix
        caption={t`Share of sequences at each event (row) and step (column)`}
        corner={t`Event`}
        heads={heads}
        rows={[
          ...matrix.nodes.map((node, line) => ({
            key: node ?? '\u0001',
            head: nameOf(node),
            cells: (matrix.shares[line] ?? []).map((share, step) => {
              if (share === 0) return null
              const n = peopleAt(step, node)
              return {
                text: f.percent(share, share < 0.1 ? 1 : 0),
                heat: share,
                says: t`${heads[step]}, ${nameOf(node)}: ${f.percent(share)}`,
                onPress:
                  n === undefined
                    ? undefined
                    : () => show({ point: 'node', step, node }, `${heads[step]} · ${nameOf(node)}`, n),
              }
            }),
          })),
          {
            key: 'ended',
            head: t`Ended before`,
            isTotal: true,
            cells: matrix.ended.map((share, step) => ({
              text: f.percent(share, 0),
              heat: 0,
              says: t`${heads[step]}: ${f.percent(share)} ended before`,
            })),
          },
        ]}
      />
    </ChartCard>
  )
}

/** What one variant is of, as the address says it. */
export function caseOf(of: string | undefined, gap: string | undefined): CaseUnit {
  if (of === 'session') return gap ? { case: 'session', gap } : { case: 'session' }
  return of?.startsWith('j:') ? { case: 'trip', journey: of.slice(2) } : { case: 'person' }
}

/** Whole sequences of events and how many follow each. */
export function VariantsTab({ search, set, tabs }: PathTabProps) {
  const { t } = useLingui()
  const f = useFormat()
  const scope = useScope(search)
  const journeys = useQuery(documentList('journey')).data ?? []
  const query = useQuery(
    askedAny<AskVariants, VariantsView>(
      scope && {
        ask: 'variants',
        of: caseOf(search.of, search.gap),
        scope: scope.scope,
        limit: PATHS_ASKED,
        ...(search.hide ? { nodes: { hide: search.hide } } : {}),
      },
    ),
  )
  return (
    <ExplorePage
      title={t`Paths`}
      view={search}
      onView={set}
      noCompare
      controls={
        <>
          <Group title={t`One case is`}>
            <Select
              label={t`One case is`}
              hideLabel
              value={search.of ?? 'person'}
              onChange={(of) => set({ ...search, of: of === 'person' ? undefined : of })}
              options={[
                { key: 'person', label: t`all that a person does` },
                { key: 'session', label: t`a session` },
                ...journeys.map(({ body }) => ({
                  key: `j:${body.key}`,
                  label: t`a trip: ${'name' in body ? f.say(body.name) : body.key}`,
                })),
              ]}
            />
            {search.of === 'session' && (
              <DurationField
                label={t`Longest gap`}
                value={search.gap ?? DEFAULT_GAP}
                onChange={(gap) => set({ ...search, gap: gap === DEFAULT_GAP ? undefined : gap })}
              />
            )}
          </Group>
          <Hidden search={search} set={set} />
        </>
      }
    >
      <div className={styles.tabs} data-print="hide">
        {tabs}
      </div>
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

function VariantsAnswer({ question, view }: { question: AskVariants; view: VariantsView }) {
  const f = useFormat()
  const { t } = useLingui()
  const showPeople = usePeopleDrawer()
  const shown = view.rows.reduce((sum, row) => sum + row.n_cases, 0)
  const number = (value: CellValue) => (typeof value === 'number' ? value : null)
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
      isTable
      table={{
        columns: [
          { key: 'variant', head: t`Variant` },
          { key: 'cases', head: t`Cases`, end: true },
          { key: 'people', head: t`People`, end: true },
          { key: 'median', head: t`Median time`, end: true, format: (value) => f.measure(number(value), 'seconds') },
          { key: 'p90', head: 'P90', end: true, format: (value) => f.measure(number(value), 'seconds') },
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
          text: t`${f.whole(row.n_cases)} cases`,
          note: row.median_time.value == null ? undefined : t`median ${f.measure(row.median_time.value, 'seconds')}`,
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
