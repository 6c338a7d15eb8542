import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { createContext, type ReactNode, use, useMemo } from 'react'
import { documentList } from '~/lib/api/queries'
import { type InsightBody, insightAddress, insightOf, pinnedTo } from '~/lib/explore/insight'
import { useFormat } from '~/lib/use-format'
import styles from './pins.module.css'

const PinsContext = createContext<ReadonlyMap<string, InsightBody[]>>(new Map())

/** Holds the insights that stand on the map, by their stages. */
export function Pins({ map, children }: { map: string; children: ReactNode }) {
  const { data } = useQuery(documentList('insight'))
  const pins = useMemo(() => pinnedTo((data ?? []).map(insightOf), map), [data, map])
  return <PinsContext value={pins}>{children}</PinsContext>
}

/** Chips in a head; the room's list has the others. */
const SHOWN = 2

/** Insights of a stage as links to their answers. In the grid each stage keeps room for them, so that heads stay level. */
export function StagePins({ stage, stageName, inGrid }: { stage: string; stageName: string; inGrid?: boolean }) {
  const f = useFormat()
  const { t } = useLingui()
  const pins = use(PinsContext)
  const pinned = (pins.get(stage) ?? []).flatMap((insight) => {
    const address = insightAddress(insight)
    return address ? [{ insight, address }] : []
  })
  if (pins.size === 0) return null
  if (pinned.length === 0) return inGrid ? <div className={styles.pins} /> : null
  const item = inGrid ? { tabIndex: -1, 'data-item': true } : {}
  const n_more = pinned.length - SHOWN
  return (
    <ul className={styles.pins} aria-label={t`${stageName}: saved questions`}>
      {pinned.slice(0, SHOWN).map(({ insight, address }) => (
        <li key={insight.key}>
          <Link
            to={address.to}
            search={address.search}
            className={styles.pin}
            title={[f.say(insight.name), f.say(insight.note)].filter(Boolean).join(': ')}
            {...item}
          >
            {f.say(insight.name)}
          </Link>
        </li>
      ))}
      {n_more > 0 && (
        <li className={styles.rest}>
          <Link to="/explore" className={styles.pin} aria-label={t`${n_more} more saved questions`} {...item}>
            +{n_more}
          </Link>
        </li>
      )}
    </ul>
  )
}
