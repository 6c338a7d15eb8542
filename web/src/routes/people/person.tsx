import { Page, PageHead } from '~/lib/ui'

export function PersonPage() {
  return (
    <Page>
      <PageHead title="길목" />
    </Page>
  )
}
