import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Form } from 'react-aria-components'
import { problemsIn } from '~/lib/api/client'
import { authState, setUp } from '~/lib/api/queries'
import { setLang, usePrefs } from '~/lib/prefs'
import { Button, Choice, Combo, Problems, TextField } from '~/lib/ui'
import { currencies, zones } from '~/lib/workspace-options'
import styles from './auth.module.css'
import { AuthShell, JourneyPicture } from './shell'

const MIN_PASSWORD = 10

/** First run: the owner's account and the workspace. */
export function SetUpPage() {
  const { t } = useLingui()
  const { lang } = usePrefs()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Seoul')
  const [currency, setCurrency] = useState('KRW')
  const codeNeeded = useQuery(authState).data?.setup_code_needed ?? false
  const start = useMutation({
    mutationFn: setUp,
    onSuccess: (state) => {
      queries.setQueryData(authState.queryKey, state)
      void queries.invalidateQueries({ queryKey: authState.queryKey }).then(() => navigate({ to: '/journeys' }))
    },
  })
  return (
    <AuthShell
      title={t`See where your customers really go`}
      lead={
        <Trans>
          Gilmok turns what customers do into a journey map on which every number is measured. Your data stays on this
          machine.
        </Trans>
      }
      aside={<JourneyPicture />}
    >
      <Form
        onSubmit={(event) => {
          event.preventDefault()
          // The live values, since a Korean input method may hold the last syllable back from React's state.
          const form = new FormData(event.currentTarget)
          const text = (name: string) => String(form.get(name) ?? '').trim()
          start.mutate({
            name: text('name'),
            email: text('email'),
            password: String(form.get('password') ?? ''),
            workspace: text('workspace'),
            zone,
            currency,
            lang,
            ...(codeNeeded ? { code: text('code') } : {}),
          })
        }}
      >
        <Choice
          label={t`Language`}
          value={lang}
          onChange={setLang}
          options={[
            { key: 'ko', label: <span lang="ko">한국어</span> },
            { key: 'en', label: <span lang="en">English</span> },
          ]}
        />
        <TextField
          label={t`Company or team`}
          name="workspace"
          isRequired
          autoFocus
          autoComplete="organization"
          maxLength={80}
        />
        <div className={styles.pair}>
          <Combo label={t`Time zone`} value={zone} onChange={setZone} options={zones} />
          <Combo label={t`Currency`} value={currency} onChange={setCurrency} options={currencies(lang)} />
        </div>
        <hr className={styles.rule} />
        <TextField label={t`Your name`} name="name" isRequired autoComplete="name" maxLength={80} />
        <TextField label={t`Email`} name="email" type="email" isRequired autoComplete="username" />
        <TextField
          label={t`Password`}
          name="password"
          type="password"
          isRequired
          autoComplete="new-password"
          minLength={MIN_PASSWORD}
          hint={t`At least ${MIN_PASSWORD} characters; a short sentence is good.`}
        />
        {codeNeeded && (
          <TextField
            label={t`Set-up code`}
            name="code"
            isRequired
            autoComplete="off"
            hint={t`Gilmok printed it in the terminal when it started.`}
          />
        )}
        {start.error && <Problems problems={problemsIn(start.error)} live />}
        <Button type="submit" variant="primary" size="l" isPending={start.isPending}>
          <Trans>Start</Trans>
        </Button>
      </Form>
    </AuthShell>
  )
}
