import { Trans } from '@lingui/react/macro'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Page, PageHead, PeriodPicker, SegmentPicker } from '~/lib/ui'

export function MapPage() {
  const { key } = useParams({ from: '/frame/maps/$key' })
  const search = useSearch({ from: '/frame/maps/$key' })
  const navigate = useNavigate({ from: '/maps/$key' })
  return (
    <Page wide>
      <PageHead
        crumb={
          <Link to="/journeys">
            <Trans>Journeys</Trans>
          </Link>
        }
        title={key}
        tools={
          <>
            <PeriodPicker view={search} onChange={(view) => navigate({ search: view, replace: true })} />
            <SegmentPicker
              segment={search.segment}
              onChange={(segment) => navigate({ search: { ...search, segment } })}
            />
          </>
        }
      />
    </Page>
  )
}
