import { Trans, useLingui } from '@lingui/react/macro'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { ApiError } from '~/lib/api/client'
import { Button, Empty, Failed, LinkButton, PageHead } from '~/lib/ui'

/** In place of a page that threw: says what is kept, offers another try. */
export function Crashed({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  useEffect(() => {
    // The stack is for whoever opens the console; the page itself says what to do.
    console.error(error)
  }, [error])
  const retry = () => {
    reset()
    void router.invalidate()
  }
  if (error instanceof ApiError) return <Failed error={error} retry={retry} />
  return (
    <Empty
      icon="warn"
      title={<Trans>This page stopped working</Trans>}
      actions={
        <>
          <Button variant="primary" onPress={retry}>
            <Trans>Try again</Trans>
          </Button>
          <LinkButton to="/journeys">
            <Trans>Go to journeys</Trans>
          </LinkButton>
        </>
      }
    >
      <Trans>Nothing that was saved is lost. If it happens again, send us this line:</Trans>
      <p>
        <code>{error instanceof Error ? error.message : String(error)}</code>
      </p>
    </Empty>
  )
}

/** An address that leads nowhere. */
export function NotFound() {
  const { t } = useLingui()
  return (
    <>
      <div className="sr-only">
        <PageHead title={t`Not found`} />
      </div>
      <Empty
        icon="search"
        title={<Trans>There is nothing at this address</Trans>}
        actions={
          <LinkButton to="/journeys" variant="primary">
            <Trans>Go to journeys</Trans>
          </LinkButton>
        }
      >
        <Trans>The link may be old, or what it led to was removed.</Trans>
      </Empty>
    </>
  )
}
