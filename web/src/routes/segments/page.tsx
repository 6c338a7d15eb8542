import { Trans, useLingui } from '@lingui/react/macro'
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import { documentList, document as documentOf, eventCatalogue, useCanEdit } from '~/lib/api/queries'
import { isDirty, merge, orNone } from '~/lib/draft'
import { type PlacedRule, placedRules, placeOf, rootOf, withRoot } from '~/lib/segment/form'
import { blankSegment, copyOf, type SegmentBody, segmentKey, trimmed } from '~/lib/segment/save'
import { useRuleWords } from '~/lib/segment/use-rule-words'
import { Failed, Loading, Page, PageHead, Skeleton, toast, WordsField } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { EventsContext } from '../journey-editor/context'
import { SaveButton, Standing, WayBack } from '../journey-editor/draft-tools'
import form from '../journey-editor/form.module.css'
import { ConflictNotice, LeaveDialog, NotSaved } from '../journey-editor/notices'
import { type DraftEditor, useDraft } from '../journey-editor/use-draft'
import { useFocusNext } from '../journey-editor/use-focus-next'
import { useEditorKeys } from '../journey-editor/use-keys'
import { placeId, placeName, selectorOf, type Writing, WritingContext } from './context'
import { FOLLOWS } from './follows'
import { GroupFields } from './group'
import { Side } from './side'

const NAME_ID = 'segment-name'

const focusOn = (selector: string) => document.querySelector<HTMLElement>(selector)?.focus()

type Editor = DraftEditor<SegmentBody, PlacedRule>

/** A stored segment, to be read and changed without code. */
export function SegmentPage() {
  const { key } = useParams({ from: '/frame/segments/$key/edit' })
  return <SegmentEditor key={key} segment={key} />
}

/** A segment that is not stored yet: of no conditions, or a copy. */
export function NewSegmentPage() {
  const { t } = useLingui()
  const f = useFormat()
  const { from } = useSearch({ from: '/frame/segments/new' })
  const source = useQuery({ ...documentOf('segment', from ?? ''), enabled: from !== undefined })
  if (from === undefined) return <SegmentEditor key="" segment={null} fresh={blankSegment} />
  if (source.data) {
    const called = { ko: (name: string) => `${name} 사본`, en: (name: string) => `${name} copy` }
    return <SegmentEditor key={from} segment={null} fresh={copyOf(source.data.body as SegmentBody, called, f.lang)} />
  }
  return (
    <Page>
      <PageHead crumb={<Crumb />} title={t`New segment`} />
      {source.error ? <Failed error={source.error} retry={() => void source.refetch()} /> : <EditorLoading />}
    </Page>
  )
}

const Crumb = () => (
  <Link to="/segments">
    <Trans>Segments</Trans>
  </Link>
)

/** Gives a segment a key of its name that no other has. */
const namedBy = (queries: QueryClient) => async (body: SegmentBody) => {
  const all = await queries.fetchQuery({ ...documentList('segment'), staleTime: 0 })
  return {
    ...body,
    key: segmentKey(
      body.name,
      all.map(({ body }) => body.key),
    ),
  }
}

function SegmentEditor({ segment, fresh }: { segment: string | null; fresh?: SegmentBody }) {
  const f = useFormat()
  const { t } = useLingui()
  const queries = useQueryClient()
  const canEdit = useCanEdit()
  const editor: Editor = useDraft({
    kind: 'segment',
    key: segment,
    fresh,
    named: namedBy(queries),
    placed: placedRules,
    follows: FOLLOWS,
  })
  const { draft } = editor
  const [nameless, setNameless] = useState(false)
  const [said, say] = useState('')
  const focusNext = useFocusNext()
  const dirty = draft !== null && isDirty(draft)
  const isNew = draft?.version === 0
  const canSave = canEdit && (dirty || isNew)
  const save = async () => {
    if (!draft) return false
    const name = trimmed(draft.now.name)
    setNameless(name === null)
    if (name === null) {
      focusOn(`#${NAME_ID} input`)
      return false
    }
    editor.set((now) => merge(now, { name }), 'name')
    const isStored = await editor.save()
    if (isStored) toast({ text: t`Saved. The people are counted again.` })
    return isStored
  }
  const leaving = useGoingOn(segment, editor)
  useEditorKeys({ undo: editor.undo, redo: editor.redo, save: () => void (canSave && save()) })
  const title = draft ? f.say(draft.now.name) || (isNew ? t`New segment` : draft.now.key) : ''
  return (
    <Page>
      <PageHead
        crumb={<Crumb />}
        title={draft ? title : <Skeleton width="180px" height="24px" />}
        tabTitle={title}
        note={<Standing editor={editor} isDirty={dirty} />}
        tools={
          <>
            <WayBack editor={editor} />
            <SaveButton editor={editor} canSave={canSave} save={save} />
          </>
        }
      />
      <div className="sr-only" aria-live="polite">
        {said}
      </div>
      {editor.error && !draft ? (
        <Failed error={editor.error} retry={editor.retry} />
      ) : !draft ? (
        <EditorLoading />
      ) : (
        <Form
          editor={editor}
          body={draft.now}
          nameless={nameless && trimmed(draft.now.name) === null}
          isDirty={dirty}
          say={say}
          focusNext={focusNext}
        />
      )}
      <LeaveDialog isDirty={dirty} save={() => leaving(save)} />
    </Page>
  )
}

/**
 * Once a new segment is stored its page has an address of its own. Gives a way to save without going there: on the way to
 * another page.
 */
function useGoingOn(segment: string | null, { draft }: Editor) {
  const navigate = useNavigate()
  const stays = useRef(true)
  const stored = segment === null && draft && draft.version > 0 ? draft.now.key : null
  useEffect(() => {
    if (stored !== null && stays.current)
      void navigate({ to: '/segments/$key/edit', params: { key: stored }, replace: true, resetScroll: false })
  }, [stored, navigate])
  return async (save: () => Promise<boolean>) => {
    stays.current = false
    const isStored = await save()
    stays.current = !isStored
    return isStored
  }
}

function Form({
  editor,
  body,
  nameless,
  isDirty,
  say,
  focusNext,
}: {
  editor: Editor
  body: SegmentBody
  nameless: boolean
  isDirty: boolean
  say: (text: string) => void
  focusNext: (selector: string) => void
}) {
  const { t } = useLingui()
  const words = useRuleWords()
  const catalogue = useQuery(eventCatalogue).data
  const events = useMemo(() => (catalogue ? new Map(catalogue.map((event) => [event.name, event])) : null), [catalogue])
  const { undo, set, problems, conflict } = editor
  const writing: Writing = {
    problems,
    words,
    say,
    removed: (name) => toast({ text: t`Removed “${name}”.`, action: { label: t`Undo`, run: undo } }),
    focusNext,
  }
  return (
    <EventsContext value={events}>
      <WritingContext value={writing}>
        {conflict && <ConflictNotice editor={editor} conflict={conflict} />}
        <Problems body={body} problems={problems} />
        <div className={form.columns}>
          <div className={form.form}>
            <section className={`card ${form.headCard}`} aria-label={t`Name and description`}>
              <div className={form.pair}>
                <div id={NAME_ID}>
                  <WordsField
                    label={t`Name of the segment`}
                    text={body.name}
                    most={120}
                    placeholder={t`Such as regulars`}
                    error={nameless ? t`Give it a name, in every language that is written.` : null}
                    onChange={(name) => set((now) => merge(now, { name }), 'name')}
                  />
                </div>
                <WordsField
                  label={t`Description`}
                  text={body.description}
                  placeholder={t`What the segment is for`}
                  onChange={(text) => set((now) => merge(now, { description: orNone(text) }), 'description')}
                />
              </div>
            </section>
            <section className={`card ${form.headCard}`} aria-label={t`Who belongs`}>
              <GroupFields
                group={rootOf(body.rule)}
                place={[]}
                onChange={(root, gesture) => set((now) => merge(now, { rule: withRoot(now.rule, root) }), gesture)}
              />
            </section>
          </div>
          <Side body={body} version={editor.draft?.version ?? 0} isDirty={isDirty} />
        </div>
      </WritingContext>
    </EventsContext>
  )
}

/** Why it was not saved. What was changed since is no longer held against it. */
function Problems({ body, problems }: { body: SegmentBody; problems: PlacedRule[] }) {
  const { t } = useLingui()
  const found = problems.flatMap((problem) => {
    if (problem.anchor === null)
      return [{ problem, name: t`The whole segment`, go: () => focusOn(`#${NAME_ID} input`) }]
    const place = placeOf(body.rule, problem.anchor)
    if (!place) return []
    const name = placeName(place)
    return [{ problem, name: t`Condition ${name}`, go: () => focusOn(selectorOf(placeId(place))) }]
  })
  return <NotSaved found={found} />
}

function EditorLoading() {
  return (
    <Loading>
      <div className={form.columns}>
        <div className={form.form}>
          <Skeleton height="110px" radius="12px" />
          <Skeleton height="280px" radius="12px" />
        </div>
        <Skeleton height="220px" radius="12px" />
      </div>
    </Loading>
  )
}
