import { Page, PageHead } from '~/lib/ui'

export function JourneysPage() {
  return (
    <Page>
      <PageHead title="길목" />
    </Page>
  )
}
