import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { eventCatalogue, journeyList } from '~/lib/api/queries'
import { within } from '~/lib/period'
import {
  cx,
  Failed,
  Icon,
  LinkButton,
  Loading,
  Page,
  PageHead,
  PeriodPicker,
  SegmentPicker,
  Skeleton,
  useScope,
} from '~/lib/ui'
import box from '~/lib/ui/box.module.css'
import { Beginning } from './beginning'
import { JourneyCard } from './journey-card'
import styles from './journeys.module.css'

export function JourneysPage() {
  const { t } = useLingui()
  const view = useSearch({ from: '/frame/journeys' })
  const navigate = useNavigate({ from: '/journeys' })
  const asked = useScope(view)
  const events = useQuery(eventCatalogue)
  // The list is asked by its address, which has days only.
  const list = useQuery({ ...journeyList(asked ? within(asked.scope, asked.days) : {}), enabled: asked !== null })
  const error = list.error ?? events.error
  const isEmpty = list.data?.length === 0
  return (
    <Page>
      <PageHead
        title={t`Journeys`}
        tools={
          !isEmpty && (
            <>
              <PeriodPicker view={view} onChange={(search) => navigate({ search, replace: true })} noCompare />
              <SegmentPicker
                value={view.segment}
                onChange={(segment) => navigate({ search: { ...view, segment }, replace: true })}
              />
              <LinkButton to="/journeys/new" variant="primary">
                <Icon name="plus" />
                <Trans>New journey</Trans>
              </LinkButton>
            </>
          )
        }
      />
      {error && !list.data ? (
        <Failed
          error={error}
          retry={() => {
            void events.refetch()
            void list.refetch()
          }}
        />
      ) : !list.data ? (
        <JourneysLoading />
      ) : isEmpty ? (
        <Beginning hasEvents={(events.data?.length ?? 0) > 0} />
      ) : (
        <ul className={styles.list} aria-busy={list.isPlaceholderData}>
          {list.data.map((journey) => (
            <li key={journey.key}>
              <JourneyCard journey={journey} view={view} scope={asked?.scope ?? {}} />
            </li>
          ))}
        </ul>
      )}
    </Page>
  )
}

/** Cards in their final layout, without numbers. */
function JourneysLoading() {
  return (
    <Loading>
      <div className={styles.list}>
        {[0, 1, 2].map((at) => (
          <div key={at} className={cx('card', box.card)}>
            <div className={styles.head}>
              <Skeleton width="140px" height="23px" />
            </div>
            <div className={styles.body}>
              <div className={styles.figures}>
                <Skeleton width="100px" height="66px" />
                <Skeleton width="120px" height="66px" />
                <Skeleton width="90px" height="66px" />
              </div>
              <Skeleton height="66px" />
            </div>
          </div>
        ))}
      </div>
    </Loading>
  )
}
