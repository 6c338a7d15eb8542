import { Trans, useLingui } from '@lingui/react/macro'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Page, Section } from '~/lib/ui'
import { DropFile } from './drop-file'
import { DataHead } from './head'
import { ImportHistory } from './import-history'
import { MapColumns } from './map-columns'

/** Files come in here: dropped, looked at, mapped, imported. */
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
        <DropFile onUploaded={(one) => navigate({ search: { upload: one.upload, file: one.file } })} />
      )}
      <Section title={<Trans>Imports</Trans>}>
        <ImportHistory />
      </Section>
    </Page>
  )
}
