import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { Form } from 'react-aria-components'
import { problemsIn } from '~/lib/api/client'
import { authState, signIn } from '~/lib/api/queries'
import { Button, Problems, TextField } from '~/lib/ui'
import { AuthShell, JourneyPicture } from './shell'

export function SignInPage() {
  const { t } = useLingui()
  const { next } = useSearch({ from: '/sign-in' })
  const router = useRouter()
  const queries = useQueryClient()
  const workspace = useQuery(authState).data?.workspace.name
  const enter = useMutation({
    mutationFn: signIn,
    onSuccess: async () => {
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== 'auth' })
      await queries.fetchQuery({ ...authState, staleTime: 0 })
      router.history.push(next ?? '/')
    },
  })
  return (
    <AuthShell title={t`Sign in`} lead={workspace} aside={<JourneyPicture />}>
      <Form
        onSubmit={(event) => {
          event.preventDefault()
          const form = new FormData(event.currentTarget)
          enter.mutate({ email: String(form.get('email') ?? '').trim(), password: String(form.get('password') ?? '') })
        }}
      >
        <TextField label={t`Email`} name="email" type="email" isRequired autoFocus autoComplete="username" />
        <TextField label={t`Password`} name="password" type="password" isRequired autoComplete="current-password" />
        {enter.error && <Problems problems={problemsIn(enter.error)} live />}
        <Button type="submit" variant="primary" size="l" isPending={enter.isPending}>
          <Trans>Sign in</Trans>
        </Button>
      </Form>
    </AuthShell>
  )
}
