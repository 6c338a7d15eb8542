import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Form } from 'react-aria-components'
import { problemsIn } from '~/lib/api/client'
import { authState, putWorkspace, signOut } from '~/lib/api/queries'
import type { Workspace } from '~/lib/api/types'
import { setLang, setTheme, usePrefs } from '~/lib/prefs'
import { Button, Choice, Combo, Icon, Page, PageHead, Problems, TextField, toast, toastProblem } from '~/lib/ui'
import { currencies, zones } from '~/lib/workspace-options'
import { Backups } from './backups'
import { ExpiryCard } from './expiry'
import styles from './settings.module.css'

export function SettingsPage() {
  const { t } = useLingui()
  const { theme, lang } = usePrefs()
  const state = useQuery(authState).data
  const queries = useQueryClient()
  const navigate = useNavigate()
  const leave = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      queries.clear()
      await queries.fetchQuery({ ...authState, staleTime: 0 })
      await navigate({ to: '/sign-in' })
    },
    onError: toastProblem,
  })
  return (
    <Page>
      <PageHead title={t`Settings`} />
      <div className={styles.cards}>
        <section className={`card ${styles.card}`}>
          <h2>
            <Trans>This device</Trans>
          </h2>
          <Choice
            label={t`Language`}
            value={lang}
            onChange={setLang}
            options={[
              { key: 'ko', label: <span lang="ko">한국어</span> },
              { key: 'en', label: <span lang="en">English</span> },
            ]}
          />
          <Choice
            label={t`Theme`}
            value={theme}
            onChange={setTheme}
            options={[
              { key: 'system', label: t`As the system` },
              { key: 'light', label: t`Light` },
              { key: 'dark', label: t`Dark` },
            ]}
          />
        </section>
        {state && (
          <WorkspaceCard
            key={JSON.stringify(state.workspace)}
            workspace={state.workspace}
            isOwner={state.user?.role === 'owner'}
          />
        )}
        <section className={`card ${styles.card}`}>
          <h2>
            <Trans>Account</Trans>
          </h2>
          <dl className={styles.facts}>
            <dt>
              <Trans>Name</Trans>
            </dt>
            <dd>{state?.user?.name}</dd>
            <dt>
              <Trans>Email</Trans>
            </dt>
            <dd>{state?.user?.email}</dd>
            <dt>
              <Trans>Role</Trans>
            </dt>
            <dd>{state?.user?.role === 'owner' ? t`Owner` : state?.user?.role === 'editor' ? t`Editor` : t`Viewer`}</dd>
          </dl>
          <Button onPress={() => leave.mutate()} isPending={leave.isPending} className={styles.start}>
            <Icon name="signout" />
            <Trans>Sign out</Trans>
          </Button>
        </section>
        {state?.user?.role === 'owner' && (
          <>
            <ExpiryCard />
            <Backups />
          </>
        )}
      </div>
    </Page>
  )
}

/** The settings every number is read by. Changing them changes history too, so only owners may. */
function WorkspaceCard({ workspace, isOwner }: { workspace: Workspace; isOwner: boolean }) {
  const { t } = useLingui()
  const { lang } = usePrefs()
  const queries = useQueryClient()
  const [draft, setDraft] = useState(workspace)
  const put = (patch: Partial<Workspace>) => setDraft({ ...draft, ...patch })
  const save = useMutation({
    mutationFn: putWorkspace,
    onSuccess: (saved) => {
      const before = workspace
      queries.setQueryData(authState.queryKey, (state) => state && { ...state, workspace: saved })
      void queries.invalidateQueries()
      toast({ text: t`Workspace saved`, action: { label: t`Undo`, run: () => save.mutate(before) } })
    },
  })
  const isChanged = JSON.stringify(draft) !== JSON.stringify(workspace)
  return (
    <section className={`card ${styles.card}`}>
      <h2>
        <Trans>Workspace</Trans>
      </h2>
      <Form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(draft)
        }}
      >
        <TextField
          label={t`Company or team`}
          value={draft.name}
          onChange={(name) => put({ name })}
          isRequired
          isReadOnly={!isOwner}
          maxLength={80}
        />
        <Combo
          label={t`Time zone`}
          value={draft.zone}
          onChange={(zone) => put({ zone })}
          options={zones}
          hint={t`Days, weeks and months are cut by it.`}
        />
        <Combo
          label={t`Currency`}
          value={draft.currency}
          onChange={(currency) => put({ currency })}
          options={currencies(lang)}
        />
        <Choice
          label={t`Week starts on`}
          value={draft.week_start ?? 'monday'}
          onChange={(week_start) => put({ week_start })}
          options={[
            { key: 'monday', label: t`Monday` },
            { key: 'sunday', label: t`Sunday` },
          ]}
        />
        <Choice
          label={t`Language of exports`}
          value={draft.lang ?? 'ko'}
          onChange={(next) => put({ lang: next })}
          options={[
            { key: 'ko', label: <span lang="ko">한국어</span> },
            { key: 'en', label: <span lang="en">English</span> },
          ]}
        />
        {save.error && <Problems problems={problemsIn(save.error)} live />}
        {isOwner && (
          <Button
            type="submit"
            variant="primary"
            isDisabled={!isChanged}
            isPending={save.isPending}
            className={styles.start}
          >
            <Trans>Save</Trans>
          </Button>
        )}
      </Form>
    </section>
  )
}
