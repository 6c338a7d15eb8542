import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type BackupView, backupList, startBackup } from '~/lib/api/system'
import { Button, Empty, Failed, Icon, Loading, Problems, Progress, Skeleton, Tag, toastProblem } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './settings.module.css'

/** Copies of the whole data folder, made while the server works. For owners. */
export function Backups() {
  const queries = useQueryClient()
  const { data, error, refetch } = useQuery(backupList)
  const make = useMutation({
    mutationFn: startBackup,
    onSuccess: () => queries.invalidateQueries({ queryKey: backupList.queryKey }),
    onError: toastProblem,
  })
  const isRunning = data?.some((one) => one.state === 'running') ?? false
  return (
    <section className={`card ${styles.card} ${styles.wide}`}>
      <div className={styles.head}>
        <h2>
          <Trans>Backups</Trans>
        </h2>
        {data && (
          <Button onPress={() => make.mutate()} isPending={make.isPending} isDisabled={isRunning}>
            <Icon name="copy" />
            <Trans>Back up now</Trans>
          </Button>
        )}
      </div>
      {error && !data ? (
        <Failed error={error} retry={() => refetch()} compact />
      ) : !data ? (
        <Loading>
          <Skeleton height="96px" radius="8px" />
        </Loading>
      ) : data.length === 0 ? (
        <Empty compact icon="copy" title={<Trans>No backup yet</Trans>}>
          <Trans>
            A backup holds everything acknowledged before it began. Events go on coming in while it is made.
          </Trans>
        </Empty>
      ) : (
        <ul className={styles.backups}>
          {data.map((one) => (
            <Backup key={one.name} one={one} />
          ))}
        </ul>
      )}
      <p className="faint small">
        <Trans>
          They are in the folder <code>backups</code> of the data folder: copy them to another disk.{' '}
          <code>gilmok restore</code> compares every byte and makes a data folder of one.
        </Trans>
      </p>
    </section>
  )
}

function Backup({ one }: { one: BackupView }) {
  const { t } = useLingui()
  const f = useFormat()
  return (
    <li className={styles.backup}>
      <div className={styles.backupHead}>
        <code>{one.name}</code>
        {one.state === 'done' && <Tag tone="good">{t`done`}</Tag>}
        {one.state === 'failed' && <Tag tone="bad">{t`failed`}</Tag>}
        {one.state === 'running' && <Tag tone="real">{t`at work`}</Tag>}
        <span className={styles.backupWhen} title={f.moment(one.made_us)}>
          {one.made_us > 0 && f.ago(one.made_us)}
        </span>
      </div>
      {one.state === 'running' && (
        <>
          <Progress
            label={t`Backup ${one.name}`}
            share={one.bytes_total > 0 ? one.bytes_done / one.bytes_total : null}
          />
          {one.bytes_total > 0 && (
            <span className="soft small">
              {f.bytes(one.bytes_done)} / {f.bytes(one.bytes_total)}
            </span>
          )}
        </>
      )}
      {one.state === 'done' && (
        <span className="soft small">
          {f.bytes(one.size_bytes)} · <Plural value={one.n_files} one="# file" other="# files" />
        </span>
      )}
      {one.problem && <Problems problems={[one.problem]} />}
    </li>
  )
}
