import { useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { createContext, type ReactNode, use, useMemo } from 'react'
import { documentList } from '~/lib/api/queries'
import { INSIGHT, type InsightBody, insightAddress, insightOf, pinnedTo } from '~/lib/explore/insight'
import { useFormat } from '~/lib/use-format'
import styles from './pins.module.css'

const PinsContext = createContext<ReadonlyMap<string, InsightBody[]>>(new Map())

/** Holds the insights that stand on the map, by their stages. */
export function Pins({ map, children }: { map: string; children: ReactNode }) {
  const { data } = useQuery(documentList(INSIGHT))
  const pins = useMemo(() => pinnedTo((data ?? []).map(insightOf), map), [data, map])
  return <PinsContext value={pins}>{children}</PinsContext>
}

/** Insights of a stage as links to their answers. */
export function StagePins({ stage, stageName, inGrid }: { stage: string; stageName: string; inGrid?: boolean }) {
  const f = useFormat()
  const { t } = useLingui()
  const pinned = use(PinsContext).get(stage)
  if (!pinned) return null
  return (
    <ul className={styles.pins} aria-label={t`${stageName}: saved questions`}>
      {pinned.map((insight) => {
        const address = insightAddress(insight)
        return (
          address && (
            <li key={insight.key}>
              <Link
                to={address.to}
                search={address.search}
                className={styles.pin}
                title={f.say(insight.note) || undefined}
                {...(inGrid ? { tabIndex: -1, 'data-item': true } : {})}
              >
                {f.say(insight.name)}
              </Link>
            </li>
          )
        )
      })}
    </ul>
  )
}
