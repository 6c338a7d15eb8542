import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { authState, signOut } from '~/lib/api/queries'
import { setLang, setTheme, usePrefs } from '~/lib/prefs'
import { Button, Choice, Icon, Page, PageHead, toastProblem } from '~/lib/ui'
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
  const workspace = state?.workspace
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
          </dl>
          <Button onPress={() => leave.mutate()} isPending={leave.isPending} className={styles.start}>
            <Icon name="signout" />
            <Trans>Sign out</Trans>
          </Button>
        </section>
        <section className={`card ${styles.card}`}>
          <h2>
            <Trans>Workspace</Trans>
          </h2>
          <dl className={styles.facts}>
            <dt>
              <Trans>Name</Trans>
            </dt>
            <dd>{workspace?.name}</dd>
            <dt>
              <Trans>Time zone</Trans>
            </dt>
            <dd>{workspace?.zone}</dd>
            <dt>
              <Trans>Week starts on</Trans>
            </dt>
            <dd>{workspace?.week_start === 'sunday' ? t`Sunday` : t`Monday`}</dd>
            <dt>
              <Trans>Currency</Trans>
            </dt>
            <dd>{workspace?.currency}</dd>
          </dl>
        </section>
      </div>
    </Page>
  )
}
