import { Trans, useLingui } from '@lingui/react/macro'
import type { PreviewEvent } from '~/lib/api/types'
import { ChannelMark, type Column, channelColor, DataTable, Empty, valueText } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './data.module.css'

/** The events that the first rows become. */
export function PreviewEvents({ events }: { events: PreviewEvent[] }) {
  const { t } = useLingui()
  const f = useFormat()
  if (events.length === 0) return <Empty compact title={<Trans>No row makes an event yet</Trans>} />
  const missing = <span className={styles.missing}>{t`missing`}</span>
  const columns: Column<PreviewEvent>[] = [
    {
      key: 'line',
      head: t`Line`,
      cell: (event) => <span className="faint">{f.whole(event.line)}</span>,
      width: '56px',
    },
    { key: 'person', head: t`Person`, cell: (event) => event.user_id || event.anonymous_id || missing },
    { key: 'time', head: t`Time`, cell: (event) => (event.time_us == null ? missing : f.moment(event.time_us)) },
    {
      key: 'event',
      head: t`Event`,
      cell: (event) =>
        event.event ? (
          <span className={styles.eventName}>
            <ChannelMark color={channelColor(event.channel)} />
            <b>{event.event}</b>
            {event.channel && <span className="soft small">{event.channel}</span>}
          </span>
        ) : (
          missing
        ),
    },
    { key: 'amount', head: t`Amount`, cell: (event) => (event.amount == null ? '' : f.money(event.amount)), end: true },
    {
      key: 'properties',
      head: t`Properties`,
      cell: (event) => (
        <span className={styles.previewProperties}>
          {Object.entries(event.properties)
            .filter(([, value]) => value !== '')
            .slice(0, 6)
            .map(([key, value]) => (
              <span key={key}>
                <span className="faint">{key}</span> {valueText(value)}
              </span>
            ))}
        </span>
      ),
      wideOnly: true,
    },
  ]
  return (
    <DataTable
      caption={t`The first rows as events`}
      columns={columns}
      rows={events}
      rowKey={(event) => String(event.line)}
    />
  )
}
