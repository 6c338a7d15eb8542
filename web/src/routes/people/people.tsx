import { Page, PageHead } from '~/lib/ui'

export function PeoplePage() {
  return (
    <Page>
      <PageHead title="길목" />
    </Page>
  )
}
