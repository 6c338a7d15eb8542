import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { ApiError, problemsIn } from '~/lib/api/client'
import { authState, documentList, eventCatalogue, useWorkspace } from '~/lib/api/queries'
import { ROWS_MAX, ROWS_USUAL, sqlAnswer, sqlTables } from '~/lib/api/sql'
import { examplesOf } from '~/lib/sql/examples'
import { faultOf, shortReason } from '~/lib/sql/fault'
import { type PastQuery, readDraft, readHistory, withRun, writeDraft, writeHistory } from '~/lib/sql/history'
import { Button, Dialog, Icon, isComposing, OverlayTrigger, Page, PageHead, Select, Skeleton, toast } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import type { EditorHandle } from './editor'
import { Result } from './result'
import { ADDRESS_CHARS_MAX } from './search'
import { Side, type SideProps, type SideTab } from './side'
import styles from './sql.module.css'

/** CodeMirror comes as a file of its own: pages without an editor stay as small as they were. */
const Editor = lazy(() => import('./editor'))

const storage = () => {
  try {
    return globalThis.localStorage
  } catch {
    return undefined
  }
}

const PROBLEM_ID = 'sql-problem'
const isMac = () => /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? '')

/** Questions in SQL: write, run, read, take along. */
export function SqlPage() {
  const { t } = useLingui()
  const f = useFormat()
  const { zone } = useWorkspace()
  const search = useSearch({ from: '/frame/sql' })
  const navigate = useNavigate({ from: '/sql' })
  const queries = useQueryClient()
  const account = useQuery(authState).data?.user?.email ?? ''
  const limit = search.rows ?? ROWS_USUAL

  // What was run last; long queries do not fit into the address.
  const [long, setLong] = useState<string>()
  const ran = search.q ?? long
  const answer = useQuery({ ...sqlAnswer(ran ?? '', limit), enabled: ran !== undefined })
  const tables = useQuery(sqlTables).data
  const events = useQuery(eventCatalogue).data
  const journeys = useQuery(documentList('journey')).data
  const examples = useMemo(
    () => (events && journeys && tables ? examplesOf({ zone, lang: f.lang, events, journeys, tables }) : undefined),
    [events, journeys, tables, zone, f.lang],
  )
  const names = useMemo(
    () => [
      ...(events ?? []).map((event) => ({ label: event.name, detail: t`event` })),
      ...[...new Set((events ?? []).flatMap((event) => event.channels))].map((channel) => ({
        label: channel,
        detail: t`channel`,
      })),
    ],
    [events, t],
  )

  const [text, setText] = useState(() => {
    const draft = readDraft(storage(), account)
    // The address says what is asked; a draft that goes on from it keeps its other words.
    return search.q === undefined || draft.includes(search.q) ? draft : search.q
  })
  const editor = useRef<EditorHandle>(null)
  const textNow = useRef(text)
  const saving = useRef<ReturnType<typeof setTimeout>>(undefined)
  const type = (next: string) => {
    textNow.current = next
    setText(next)
    clearTimeout(saving.current)
    saving.current = setTimeout(() => writeDraft(storage(), account, next), 400)
  }
  useEffect(() => {
    const leave = () => writeDraft(storage(), account, textNow.current)
    window.addEventListener('pagehide', leave)
    return () => {
      window.removeEventListener('pagehide', leave)
      clearTimeout(saving.current)
      leave()
    }
  }, [account])

  // The back button brings the query of that address back into the editor.
  const lastRan = useRef(ran)
  useEffect(() => {
    if (ran === lastRan.current) return
    lastRan.current = ran
    if (ran !== undefined && ran !== textNow.current.trim()) editor.current?.set(ran)
  }, [ran])

  const [past, setPast] = useState<PastQuery[]>(() => readHistory(storage(), account))
  const remember = useCallback(
    (next: PastQuery[]) => {
      setPast(next)
      writeHistory(storage(), account, next)
    },
    [account],
  )

  const run = async (raw: string, rows = limit) => {
    const query = raw.trim()
    if (query === '') return
    const isLong = query.length > ADDRESS_CHARS_MAX
    const start = performance.now()
    await queries.cancelQueries({ queryKey: ['sql'] })
    // Asked before the address changes, so that the page finds it running and does not ask a second time.
    const asked = queries
      .fetchQuery({ ...sqlAnswer(query, rows), staleTime: 0 })
      .catch((error: unknown) => (error instanceof ApiError ? null : undefined))
    lastRan.current = query
    setLong(isLong ? query : undefined)
    await navigate({
      search: { ...(isLong ? {} : { q: query }), ...(rows === ROWS_USUAL ? {} : { rows }) },
      replace: query === ran,
    })
    const answered = await asked
    // Stopped by the reader, or by the next question: that says nothing of the query.
    if (answered === undefined) return
    const kept = readHistory(storage(), account)
    const took_ms = Math.round(performance.now() - start)
    remember(withRun(kept, { query, at_ms: Date.now(), took_ms, n_rows: answered?.rows.length ?? null }))
  }
  const cancel = () => void queries.cancelQueries({ queryKey: ['sql'] })
  useEffect(() => {
    if (!answer.isFetching) return
    const stop = (event: KeyboardEvent) => {
      // An open list of suggestions takes Escape for itself.
      if (event.key !== 'Escape' || event.defaultPrevented || isComposing(event)) return
      void queries.cancelQueries({ queryKey: ['sql'] })
    }
    window.addEventListener('keydown', stop)
    return () => window.removeEventListener('keydown', stop)
  }, [answer.isFetching, queries])
  const put = (query: string) => {
    setDrawer(false)
    editor.current?.set(query)
  }

  const problem = answer.error && !answer.isFetching ? problemsIn(answer.error)[0] : undefined
  const reason = problem ? shortReason(f.say(problem.message)) : ''
  const fault = useMemo(() => {
    // Only while the text is still what was run: after a change the place may be another.
    if (!problem || ran === undefined || text.trim() !== ran.trim()) return null
    const found = faultOf(text, typeof problem.message === 'string' ? problem.message : problem.message.en)
    return found && { ...found, message: reason }
  }, [problem, reason, ran, text])

  const [tab, setTab] = useState<SideTab>('tables')
  const [drawer, setDrawer] = useState(false)
  const side: SideProps = {
    tab,
    onTab: setTab,
    examples,
    past,
    onName: (name) => {
      setDrawer(false)
      editor.current?.insert(name)
    },
    onRun: (query) => {
      put(query)
      void run(query)
    },
    onOpen: put,
    onForget: () => {
      const before = past
      remember([])
      toast({ text: t`History cleared`, action: { label: t`Undo`, run: () => remember(before) } })
    },
  }
  const isEmpty = text.trim() === ''
  return (
    <Page wide>
      <div className={styles.page}>
        <PageHead
          crumb={t`Explore`}
          title="SQL"
          note={<Trans>reads only</Trans>}
          tools={
            <div className={styles.phoneOnly}>
              <OverlayTrigger isOpen={drawer} onOpenChange={setDrawer}>
                <Button>
                  <Icon name="table" />
                  <Trans>Tables, examples, history</Trans>
                </Button>
                <Dialog title={<Trans>Help with the query</Trans>}>
                  <div className={styles.sheet}>
                    <Side {...side} />
                  </div>
                </Dialog>
              </OverlayTrigger>
            </div>
          }
        />
        <div className={styles.columns}>
          <aside className={`card ${styles.aside}`} aria-label={t`Help with the query`}>
            <Side {...side} />
          </aside>
          <div className={styles.work}>
            <section className={`card ${styles.ask}`} aria-label={t`Query`}>
              <div className={styles.editor}>
                <Suspense
                  fallback={
                    <div className={styles.editorLoading}>
                      <Skeleton width="46%" height="14px" />
                    </div>
                  }
                >
                  <Editor
                    ref={editor}
                    initial={text}
                    onChange={type}
                    onRun={() => void run(textNow.current)}
                    tables={tables ?? noTables}
                    names={names}
                    fault={fault}
                    describedBy={problem ? PROBLEM_ID : undefined}
                  />
                </Suspense>
              </div>
              <div className={styles.bar}>
                <Button variant="primary" isDisabled={isEmpty} onPress={() => void run(text)}>
                  <Icon name="play" size={14} />
                  <Trans>Run</Trans>
                  <kbd className={styles.key}>{isMac() ? '⌘↵' : 'Ctrl ↵'}</kbd>
                </Button>
                <div className={styles.limit}>
                  <Select
                    label={t`Rows at most`}
                    hideLabel
                    small
                    value={String(limit)}
                    onChange={(rows) => (ran === undefined ? setRows(Number(rows)) : void run(ran, Number(rows)))}
                    options={[100, ROWS_USUAL, ROWS_MAX].map((rows) => ({
                      key: String(rows),
                      label: t`up to ${f.whole(rows)} rows`,
                    }))}
                  />
                </div>
              </div>
            </section>
            <Result
              query={ran}
              limit={limit}
              answer={answer}
              fault={fault}
              examples={examples}
              onRun={side.onRun}
              onMore={() => ran !== undefined && void run(ran, ROWS_MAX)}
              onCancel={cancel}
              onGoTo={({ from }) => editor.current?.goTo(from)}
              onMend={({ from, to, meant }) => meant && editor.current?.replace(from, to, meant)}
              problemId={PROBLEM_ID}
            />
          </div>
        </div>
      </div>
    </Page>
  )

  function setRows(rows: number) {
    void navigate({ search: rows === ROWS_USUAL ? {} : { rows }, replace: true })
  }
}

const noTables: never[] = []
