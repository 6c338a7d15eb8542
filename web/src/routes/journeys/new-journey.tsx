import { Page, PageHead } from '~/lib/ui'

export function NewJourneyPage() {
  return (
    <Page>
      <PageHead title="길목" />
    </Page>
  )
}
