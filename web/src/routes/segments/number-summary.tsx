import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { documentList } from '~/lib/api/queries'
import { addressOf } from '~/lib/explore/insight'
import type { MapBody } from '~/lib/map/types'
import { questionOf } from '~/lib/segment/question'
import type { PersonRule } from '~/lib/segment/words'
import { Icon } from '~/lib/ui'
import { useWriting } from './context'
import styles from './rule.module.css'

type Selected = Extract<PersonRule, { selected: unknown }>['selected']

/** The people behind a number, and the way to its question, where another number can be chosen. */
export function NumberSummary({ selected }: { selected: Selected }) {
  const { words } = useWriting()
  return (
    <div className={styles.words}>
      <p>{words({ selected })}</p>
      <p className={styles.source}>
        <Icon name="link" size={12} />
        <Source selected={selected} />
      </p>
    </div>
  )
}

function Source({ selected }: { selected: Selected }) {
  const { of, scope } = selected
  const maps = useQuery({ ...documentList('map'), enabled: of.select === 'journey' }).data ?? []
  if (of.select === 'segment')
    return (
      <Link to="/segments/$key/edit" params={{ key: of.segment }}>
        <Trans>Open the segment</Trans>
      </Link>
    )
  if (of.select === 'journey') {
    const map = maps.find(({ body }) => (body as MapBody).journey === of.journey)
    return map ? (
      <Link to="/maps/$key" params={{ key: map.body.key }}>
        <Trans>Open the map</Trans>
      </Link>
    ) : (
      <Link to="/journeys/$key/edit" params={{ key: of.journey }}>
        <Trans>Open the journey</Trans>
      </Link>
    )
  }
  const question = questionOf(selected)
  const address = question && addressOf(question)
  if (address)
    return (
      <Link to={address.to} search={address.search}>
        <Trans>Open the question</Trans>
      </Link>
    )
  return (
    <Link to="/people" search={scope?.segment ? { segment: scope.segment } : {}}>
      <Trans>See the people</Trans>
    </Link>
  )
}
