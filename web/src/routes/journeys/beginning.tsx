import { Trans } from '@lingui/react/macro'
import { Icon, LinkButton } from '~/lib/ui'
import styles from './journeys.module.css'
import { TemplateGallery } from './template-gallery'

/** The first visit: what will stand here, and the ways to get there. */
export function Beginning({ hasEvents }: { hasEvents: boolean }) {
  return (
    <div className={styles.begin}>
      <p className={styles.lead}>
        <Trans>
          A journey says which stages customers should pass and which events show that they did. From then on this page
          tells how many get through, where they stand and where they stop.
        </Trans>
      </p>
      <div className={styles.ways}>
        <section className={`card ${styles.way}`}>
          <h2>
            <span className={styles.number}>{hasEvents ? <Icon name="check" size={12} /> : 1}</span>
            <Trans>Bring your own file</Trans>
          </h2>
          <p>
            {hasEvents ? (
              <Trans>Events are in. More files can be added at any time.</Trans>
            ) : (
              <Trans>
                Orders, clicks, calls, survey answers: CSV, TSV, NDJSON or Parquet. You see the events before anything
                is stored.
              </Trans>
            )}
          </p>
          <LinkButton to="/data/sources" variant={hasEvents ? 'plain' : 'primary'}>
            <Icon name="upload" />
            <Trans>Import a file</Trans>
          </LinkButton>
        </section>
        <section className={`card ${styles.way}`}>
          <h2>
            <span className={styles.number}>2</span>
            <Trans>Start from a template</Trans>
          </h2>
          <p>
            <Trans>
              Stages, touchpoints and lanes for a usual journey. Rename, reorder and bind them to your events.
            </Trans>
          </p>
          <LinkButton to="/journeys/new" variant={hasEvents ? 'primary' : 'plain'}>
            <Icon name="template" />
            <Trans>Choose a template</Trans>
          </LinkButton>
        </section>
        <section className={`card ${styles.way}`}>
          <h2>
            <span className={styles.number}>
              <Icon name="code" size={12} />
            </span>
            <Trans>Or from YAML</Trans>
          </h2>
          <p>
            <Trans>Paste or drop the definitions a colleague or the command line wrote.</Trans>
          </p>
          <LinkButton to="/journeys/new" search={{ from: 'yaml' }}>
            <Trans>Paste YAML</Trans>
          </LinkButton>
        </section>
      </div>
      <div>
        <h2 className={styles.subhead}>
          <Trans>Templates</Trans>
        </h2>
        <TemplateGallery />
      </div>
    </div>
  )
}
