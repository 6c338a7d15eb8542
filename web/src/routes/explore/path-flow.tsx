import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { DEFAULT_GAP, PATH_STEPS, PATH_TOP, type PathSearch } from '~/lib/explore/address'
import { asked } from '~/lib/explore/ask'
import type { CellValue, TableData } from '~/lib/explore/export'
import { DEFAULT_PATH_WINDOW, funnelOfPath, pathsAsk } from '~/lib/explore/paths'
import { whoOfPath } from '~/lib/explore/people'
import { isNamed, ruleName } from '~/lib/explore/rules'
import type { AskOf, PathPoint, PathsView } from '~/lib/explore/types'
import { Button, Select, usePeopleDrawer, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useEvents } from '../journey-editor/context'
import { DurationField } from '../journey-editor/inputs'
import { SankeyChart } from './charts/sankey-chart'
import { Answer } from './parts/answer'
import { Hidden } from './parts/cases'
import { useCells } from './parts/cells'
import { ChartCard } from './parts/chart-card'
import { useSource } from './parts/common'
import { Group } from './parts/controls'
import { SequenceList } from './parts/sequences'
import { ExplorePage } from './parts/shell'
import { RuleChoice } from './parts/steps'
import { StepMatrix } from './step-matrix'

export interface PathTabProps {
  search: PathSearch
  set: (search: PathSearch) => void
  tabs: ReactNode
}

/** Paths as a Sankey or as a matrix of steps: one question, two pictures. */
export function PathsTab({ search, set, tabs }: PathTabProps) {
  const { t } = useLingui()
  const f = useFormat()
  const scope = useScope(search)
  const ask = scope && pathsAsk(search, scope.scope)
  const query = useQuery(asked<'paths'>(ask))
  const isAnchored = Boolean((search.after && isNamed(search.after)) || (search.before && isNamed(search.before)))
  return (
    <ExplorePage
      title={t`Paths`}
      view={search}
      onView={set}
      noCompare
      question={ask}
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
          <Hidden hide={search.hide} onChange={(hide) => set({ ...search, hide })} />
        </>
      }
    >
      {tabs}
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
            <PathsAnswer question={question} view={answer} search={search} />
          )
        }
      </Answer>
    </ExplorePage>
  )
}

export function useWho(question: AskOf<'paths'>) {
  const showPeople = usePeopleDrawer()
  return (at: PathPoint, title: string, count: number) =>
    showPeople({ of: whoOfPath(question, at), scope: question.scope, title, count })
}

function PathsAnswer({ question, view, search }: { question: AskOf<'paths'>; view: PathsView; search: PathSearch }) {
  const f = useFormat()
  const { t } = useLingui()
  const source = useSource(question.scope)
  const show = useWho(question)
  const isMirrored = Boolean(question.before && !question.after)
  const nameOf = (node: string | null | undefined) => node ?? t`others`
  const { whole } = useCells()
  const events = useEvents()
  const navigate = useNavigate()
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
  const toFunnel = (nodes: string[]) => {
    const funnel = events && funnelOfPath(question, nodes, [...events.keys()])
    if (!funnel) return null
    const { segment, persona, period, from, to } = search
    return (
      <Button
        size="s"
        variant="quiet"
        aria-label={t`Open as a funnel: ${nodes.join(' → ')}`}
        onPress={() =>
          void navigate({ to: '/explore/funnel', search: { segment, persona, period, from, to, ...funnel } })
        }
      >
        <Trans>As a funnel</Trans>
      </Button>
    )
  }
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
            facts: [t`${f.whole(path.n_people)} people`],
            show: () => show({ point: 'path', nodes: path.nodes }, path.nodes.join(' → '), path.n_people),
            tool: toFunnel(path.nodes),
          }))}
          total={view.n_sequences}
        />
      </ChartCard>
    </>
  )
}
