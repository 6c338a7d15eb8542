import { Trans, useLingui } from '@lingui/react/macro'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Page, Section } from '~/lib/ui'
import { DropFile } from './drop-file'
import { DataHead } from './head'
import { ImportHistory } from './import-history'
import { Live } from './live'
import { MapColumns } from './map-columns'
import { Sources } from './source-list'

/** Where events come from: sources that send by themselves, and files that are brought in. */
export function SourcesPage() {
  const { t } = useLingui()
  const { upload, file } = useSearch({ from: '/frame/data/sources' })
  const navigate = useNavigate({ from: '/data/sources' })
  return (
    <Page>
      <DataHead title={t`Sources`} />
      {upload ? (
        <MapColumns key={upload} upload={upload} file={file ?? upload} onEnd={() => navigate({ search: {} })} />
      ) : (
        <>
          <Live />
          <Sources />
          <Section title={<Trans>Files</Trans>}>
            <DropFile onUploaded={(one) => navigate({ search: { upload: one.upload, file: one.file } })} />
          </Section>
        </>
      )}
      <Section title={<Trans>Imports</Trans>}>
        <ImportHistory />
      </Section>
    </Page>
  )
}
