import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { documentList } from '~/lib/api/queries'
import { type InsightBody, insightAddress } from '~/lib/explore/insight'
import type { MapBody } from '~/lib/map/types'
import { Icon, IconButton, Menu, MenuItem, MenuLine, MenuTrigger, Tag, usePeriodText } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { InsightDialog } from './insight-dialog'
import styles from './kept.module.css'
import { useQuestions } from './rooms'
import { useDropInsight, useInsights } from './use-insights'

/** The questions that were kept, above those that can be asked. Not there while there are none. */
export function Kept() {
  const { t } = useLingui()
  const insights = useInsights()
  const [edited, setEdited] = useState<InsightBody | null>(null)
  if (!insights || insights.length === 0) return null
  return (
    <section className={`card ${styles.kept}`} aria-label={t`Saved`}>
      <ul aria-label={t`Saved questions`}>
        {insights.map((insight) => (
          <li key={insight.key} className={styles.keptRow}>
            <KeptRow insight={insight} onEdit={() => setEdited(insight)} />
          </li>
        ))}
      </ul>
      {edited && <InsightDialog insight={edited} isNew={false} onClose={() => setEdited(null)} />}
    </section>
  )
}

function KeptRow({ insight, onEdit }: { insight: InsightBody; onEdit: () => void }) {
  const f = useFormat()
  const { t } = useLingui()
  const questions = useQuestions()
  const period = usePeriodText()
  const maps = useQuery(documentList('map')).data ?? []
  const drop = useDropInsight()
  const name = f.say(insight.name)
  const address = insightAddress(insight)
  const kind = questions.find((question) => question.to === address?.to)?.name
  const where = [...new Set((insight.pins ?? []).map((pin) => pin.map))].map((key) => ({
    key,
    name: f.say((maps.find(({ body }) => body.key === key)?.body as MapBody | undefined)?.name) || key,
  }))
  return (
    <>
      <span className={styles.keptName}>
        {address ? (
          <Link to={address.to} search={address.search}>
            {name}
          </Link>
        ) : (
          name
        )}
        {insight.note && <span className="soft small">{f.say(insight.note)}</span>}
      </span>
      <span className={styles.keptWhere}>
        {where.map((map, index) => (
          <span key={map.key}>
            {index > 0 && ' · '}
            <Link to="/maps/$key" params={{ key: map.key }}>
              {map.name}
            </Link>
          </span>
        ))}
      </span>
      <span className={styles.keptWhere}>
        {'scope' in insight.question && period(insight.question.scope ?? {})} {kind && <Tag>{kind}</Tag>}
      </span>
      <MenuTrigger>
        <IconButton label={t`More about ${name}`} size="s">
          <Icon name="more" />
        </IconButton>
        <Menu onAction={(key) => (key === 'edit' ? onEdit() : drop.mutate(insight))}>
          <MenuItem id="edit" icon="edit">
            {t`Name, note and maps`}
          </MenuItem>
          <MenuLine />
          <MenuItem id="drop" icon="trash" danger>
            {t`Delete`}
          </MenuItem>
        </Menu>
      </MenuTrigger>
      {!address && (
        <span className="soft small">
          <Trans>No page of this room asks this question.</Trans>
        </span>
      )}
    </>
  )
}
