import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ingestView, revokeSource, type SourceActivity, type SourceView, sourceList } from '~/lib/api/ingest'
import { authState } from '~/lib/api/queries'
import { veiled } from '~/lib/ingest/snippets'
import {
  Button,
  type Column,
  DataTable,
  Dialog,
  Empty,
  Failed,
  Icon,
  Loading,
  Section,
  Skeleton,
  Tag,
  toast,
  toastProblem,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './intake.module.css'
import { NewSource } from './new-source'

/** Sources that send: which there are, what each sent last, making one, revoking its key. */
export function Sources() {
  const { t } = useLingui()
  const { data, error, refetch } = useQuery(sourceList)
  const live = useQuery(ingestView).data
  const role = useQuery(authState).data?.user?.role
  const mayEdit = role === 'owner' || role === 'editor'
  const [isMaking, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<SourceView>()
  const [showsRevoked, setShowsRevoked] = useState(false)
  const [makes, setMakes] = useState(0)
  const open = () => {
    setMakes(makes + 1)
    setMaking(true)
  }
  const button = mayEdit && (
    <Button variant={data?.length === 0 ? 'primary' : 'plain'} onPress={open}>
      <Icon name="plus" />
      <Trans>New source</Trans>
    </Button>
  )
  const used = data?.filter((source) => source.revoked_us === null) ?? []
  const revoked = data?.filter((source) => source.revoked_us !== null) ?? []
  const shown = showsRevoked ? [...used, ...revoked] : used
  return (
    <Section
      title={<Trans>Sources that send</Trans>}
      note={<Trans>servers, apps and tills, each with a key of its own</Trans>}
      tools={data && data.length > 0 ? button : undefined}
    >
      {error && !data ? (
        <Failed error={error} retry={() => refetch()} compact />
      ) : !data ? (
        <Loading>
          <Skeleton height="140px" radius="12px" />
        </Loading>
      ) : data.length === 0 ? (
        <div className="card">
          <Empty compact icon="key" title={<Trans>Nothing sends events yet</Trans>} actions={button}>
            <Trans>
              Make a source and get its key: anything that speaks the Segment API, or plain HTTP, can send with it
              within a minute.
            </Trans>
          </Empty>
        </div>
      ) : (
        <div className="card">
          {shown.length > 0 && (
            <SourceTable sources={shown} activity={live?.sources ?? []} onRevoke={mayEdit ? setRevoking : undefined} />
          )}
          {revoked.length > 0 && (
            <div className={styles.more}>
              <Button size="s" variant="quiet" onPress={() => setShowsRevoked(!showsRevoked)}>
                {showsRevoked ? (
                  t`Hide revoked`
                ) : (
                  <Plural value={revoked.length} one="Show # revoked" other="Show # revoked" />
                )}
              </Button>
            </div>
          )}
        </div>
      )}
      <NewSource key={makes} isOpen={isMaking} onClose={() => setMaking(false)} />
      {revoking && <Revoke source={revoking} onClose={() => setRevoking(undefined)} />}
    </Section>
  )
}

interface SourceTableProps {
  sources: SourceView[]
  activity: SourceActivity[]
  onRevoke?: (source: SourceView) => void
}

function SourceTable({ sources, activity, onRevoke }: SourceTableProps) {
  const { t } = useLingui()
  const f = useFormat()
  const of = (source: SourceView) =>
    source.revoked_us === null ? activity.find((one) => one.name === source.name) : undefined
  const columns: Column<SourceView>[] = [
    {
      key: 'name',
      head: t`Source`,
      cell: (source) => (
        <span className={styles.sourceName}>
          <b>{source.name}</b>
          {source.channel && <Tag>{source.channel}</Tag>}
          {source.revoked_us !== null && <Tag tone="bad">{t`revoked`}</Tag>}
        </span>
      ),
    },
    {
      key: 'key',
      head: t`Key`,
      cell: (source) => <code className="soft">{veiled(source.key_end)}</code>,
      wideOnly: true,
    },
    {
      key: 'last',
      head: t`Last event`,
      cell: (source) => {
        const last = of(source)?.last_received_us
        return last === undefined ? (
          <span className="faint">{t`none since the start`}</span>
        ) : (
          <span title={f.moment(last)}>{f.ago(last)}</span>
        )
      },
    },
    {
      key: 'accepted',
      head: t`Accepted`,
      end: true,
      wideOnly: true,
      cell: (source) => f.whole(of(source)?.n_accepted ?? 0),
    },
    {
      key: 'rejected',
      head: t`Rejected`,
      end: true,
      cell: (source) => {
        const n = of(source)?.n_rejected ?? 0
        return n === 0 ? (
          f.whole(0)
        ) : (
          <Link to="/data/dead-letters" search={{ source: source.name }} className={styles.badLink}>
            {f.whole(n)}
          </Link>
        )
      },
    },
    {
      key: 'made',
      head: t`Made`,
      wideOnly: true,
      cell: (source) => (
        <span className="soft" title={f.moment(source.created_us)}>
          {f.ago(source.created_us)} · {source.author}
        </span>
      ),
    },
  ]
  if (onRevoke)
    columns.push({
      key: 'actions',
      head: <span className="sr-only">{t`Actions`}</span>,
      end: true,
      cell: (source) =>
        source.revoked_us === null && (
          <Button
            size="s"
            variant="quiet"
            aria-label={t`Revoke the key of ${source.name}`}
            onPress={() => onRevoke(source)}
          >
            <Trans>Revoke</Trans>
          </Button>
        ),
    })
  return <DataTable caption={t`Sources that send`} columns={columns} rows={sources} rowKey={(one) => String(one.id)} />
}

/** Revoking cannot be undone: the key is nowhere kept. */
function Revoke({ source, onClose }: { source: SourceView; onClose: () => void }) {
  const { t } = useLingui()
  const queries = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => revokeSource(source.id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: sourceList.queryKey })
      toast({ text: t`The key of ${source.name} no longer counts` })
      onClose()
    },
    onError: toastProblem,
  })
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={t`Revoke the key of ${source.name}?`}
      actions={
        <>
          <Button onPress={onClose}>
            <Trans>Keep it</Trans>
          </Button>
          <Button variant="danger" onPress={() => revoke.mutate()} isPending={revoke.isPending}>
            <Trans>Revoke the key</Trans>
          </Button>
        </>
      }
    >
      <ul className={styles.consequences}>
        <li>
          <Trans>From now on, everything sent with the key {veiled(source.key_end)} is refused.</Trans>
        </li>
        <li>
          <Trans>Events it sent before stay, under the name of the source.</Trans>
        </li>
        <li>
          <Trans>The key cannot be brought back; a new source of the same name gets a new one.</Trans>
        </li>
      </ul>
    </Dialog>
  )
}
