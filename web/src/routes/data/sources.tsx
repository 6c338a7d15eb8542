import { Page, PageHead } from '~/lib/ui'

export function SourcesPage() {
  return (
    <Page>
      <PageHead title="길목" />
    </Page>
  )
}
