import { Page, PageHead } from '~/lib/ui'

export function EventsPage() {
  return (
    <Page>
      <PageHead title="길목" />
    </Page>
  )
}
