import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { journeyList, useCanEdit } from '~/lib/api/queries'
import { isDirty } from '~/lib/draft'
import { addStage, STAGES_MAX } from '~/lib/journey/draft'
import { type Placed, placed } from '~/lib/journey/place'
import type { JourneyBody } from '~/lib/journey/types'
import { Button, Choice, Failed, Icon, LinkButton, Loading, Page, PageHead, Skeleton, toast } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { EditingContext, useEditing } from './context'
import { SaveButton, Standing, WayBack } from './draft-tools'
import { Ends } from './ends'
import styles from './form.module.css'
import { HeadCard } from './head-card'
import { ConflictNotice, LeaveDialog } from './notices'
import { ProblemNotice } from './problem-notice'
import { Side } from './side'
import { StageCard, stageId } from './stage-card'
import { type Edited, useDraft } from './use-draft'
import { useEditingOf } from './use-editing-of'
import { useEditorKeys } from './use-keys'

const YamlTab = lazy(() => import('./yaml-tab'))

/** A journey described on one's own events, without code. */
export function JourneyEditorPage() {
  const { key } = useParams({ from: '/frame/journeys/$key/edit' })
  return <JourneyEditor key={key} journey={key} />
}

const edited = (journey: string): Edited<JourneyBody, Placed> => ({
  kind: 'journey',
  key: journey,
  placed,
  follows: ['journeys', 'map'],
})

function JourneyEditor({ journey }: { journey: string }) {
  const f = useFormat()
  const { t } = useLingui()
  const { as } = useSearch({ from: '/frame/journeys/$key/edit' })
  const navigate = useNavigate({ from: '/journeys/$key/edit' })
  const editor = useDraft(edited(journey))
  const { draft } = editor
  const [flawed, setFlawed] = useState(false)
  const { editing, said, stages } = useEditingOf(editor)
  const dirty = draft !== null && (isDirty(draft) || flawed)
  const canSave = useCanEdit()
  const save = async () => {
    if (flawed) {
      toast({ text: t`The text cannot be read yet. Mend it first.`, tone: 'bad' })
      return false
    }
    const isStored = await editor.save()
    if (isStored) toast({ text: t`Saved. The people are counted again.` })
    return isStored
  }
  useEditorKeys({ undo: editor.undo, redo: editor.redo, save: () => void (dirty && canSave && save()) })
  const list = useQuery(journeyList())
  const map = list.data?.find((one) => one.key === journey)?.map
  const title = draft ? f.say(draft.now.name) || journey : ''
  return (
    <Page>
      <PageHead
        crumb={
          <Link to="/journeys">
            <Trans>Journeys</Trans>
          </Link>
        }
        title={draft ? title : <Skeleton width="180px" height="24px" />}
        tabTitle={title}
        note={<Standing editor={editor} isDirty={dirty} />}
        tools={
          <>
            <WayBack editor={editor} />
            <Choice
              label={t`Edit as`}
              hideLabel
              value={as ?? 'form'}
              onChange={(way) => {
                if (flawed) {
                  toast({ text: t`The text cannot be read yet. Mend it first.`, tone: 'bad' })
                  return
                }
                void navigate({ search: way === 'yaml' ? { as: 'yaml' } : {}, replace: true, resetScroll: false })
              }}
              options={[
                { key: 'form', label: t`Form` },
                { key: 'yaml', label: 'YAML' },
              ]}
            />
            {map && (
              <LinkButton to="/maps/$key" params={{ key: map }}>
                <Icon name="journey" />
                <Trans>Map</Trans>
              </LinkButton>
            )}
            <SaveButton editor={editor} canSave={dirty && canSave} save={save} />
          </>
        }
      />
      <div className="sr-only" aria-live="polite">
        {said}
      </div>
      {editor.error && !draft ? (
        <Failed error={editor.error} retry={editor.retry} />
      ) : !draft || !editing ? (
        <EditorLoading />
      ) : (
        <EditingContext value={editing}>
          {editor.conflict && <ConflictNotice editor={editor} conflict={editor.conflict} />}
          <ProblemNotice problems={editor.problems} isForm={as !== 'yaml'} />
          {as === 'yaml' ? (
            <Suspense fallback={<EditorLoading />}>
              <YamlTab body={draft.now} onChange={(body) => editor.set(() => body, 'yaml')} onFlaw={setFlawed} />
            </Suspense>
          ) : (
            <div className={styles.columns}>
              <Form />
              <Side version={draft.version} error={stages.error} retry={() => void stages.refetch()} />
            </div>
          )}
        </EditingContext>
      )}
      <LeaveDialog isDirty={dirty} save={save} />
    </Page>
  )
}

function Form() {
  const { t } = useLingui()
  return (
    <div className={styles.form}>
      <HeadCard />
      <Stages label={t`Stages`} />
      <Ends />
    </div>
  )
}

function Stages({ label }: { label: string }) {
  const { body, set, focusNext } = useEditing()
  return (
    <>
      <ol className={styles.stages} aria-label={label}>
        {body.stages.map((stage, at) => (
          <StageCard key={stage.key} stage={stage} at={at} />
        ))}
      </ol>
      <div>
        <Button
          isDisabled={body.stages.length >= STAGES_MAX}
          onPress={() => {
            const next = addStage(body, { ko: '새 단계', en: 'New stage' })
            const added = next.stages.at(-1)
            set(() => next)
            if (added) focusNext(`#${CSS.escape(stageId(added.key))} input`)
          }}
        >
          <Icon name="plus" />
          <Trans>Stage</Trans>
        </Button>
      </div>
    </>
  )
}

function EditorLoading() {
  return (
    <Loading>
      <div className={styles.columns}>
        <div className={styles.form}>
          <Skeleton height="210px" radius="12px" />
          <Skeleton height="180px" radius="12px" />
          <Skeleton height="180px" radius="12px" />
        </div>
        <Skeleton height="320px" radius="12px" />
      </div>
    </Loading>
  )
}
