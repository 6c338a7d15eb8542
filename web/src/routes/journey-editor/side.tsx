import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { eventsOf } from '~/lib/journey/rule'
import { Failed } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { stageColor } from '../journeys/stage-color'
import { useEditing } from './context'
import { EventVolume } from './rule-fields'
import styles from './side.module.css'
import { stageId } from './stage-card'

/** Beside the form: how many people stand in each stage as last saved, and the volume of the events picked since. */
export function Side({ version, error, retry }: { version: number; error: unknown; retry: () => void }) {
  const f = useFormat()
  const { t } = useLingui()
  const { body, counted, isStale } = useEditing()
  const most = Math.max(1, ...[...(counted?.values() ?? [])].map((count) => count.entered))
  return (
    <aside className={styles.side} aria-label={t`People by stage`}>
      <h2>
        <Trans>People by stage</Trans>
      </h2>
      <p className="soft small" role="status">
        {isStale ? (
          <Trans>As saved in version {version}. Save to count your changes.</Trans>
        ) : (
          <Trans>All data, version {version}.</Trans>
        )}
      </p>
      {error ? <Failed error={error} retry={retry} compact /> : null}
      <ol className={styles.sideList}>
        {body.stages.map((stage, at) => {
          const count = counted?.get(stage.key)
          const events = [...new Set((stage.touchpoints ?? []).flatMap(eventsOf))]
          const entered = f.whole(count?.entered)
          const here = f.whole(count?.here)
          return (
            <li key={stage.key} className={styles.sideStage}>
              <button
                type="button"
                className={styles.sideHead}
                data-stale={isStale || undefined}
                onClick={() => document.getElementById(stageId(stage.key))?.scrollIntoView({ block: 'start' })}
              >
                <span className={styles.sideName}>{f.say(stage.name) || stage.key}</span>
                <b>{count ? entered : '–'}</b>
              </button>
              <span className={styles.bar} aria-hidden="true">
                <span
                  className={styles.barFill}
                  style={{
                    width: `${((count?.entered ?? 0) / most) * 100}%`,
                    background: stageColor(at, body.stages.length),
                  }}
                />
              </span>
              {count && (
                <span className="soft small">
                  <Trans>{here} here now</Trans>
                </span>
              )}
              <ul className={styles.sideEvents}>
                {events.slice(0, 6).map((event) => (
                  <li key={event}>
                    <span>{event}</span>
                    <EventVolume name={event} />
                  </li>
                ))}
                {events.length > 6 && (
                  <li>
                    <Plural value={events.length - 6} one="# more" other="# more" />
                  </li>
                )}
              </ul>
            </li>
          )
        })}
      </ol>
    </aside>
  )
}
