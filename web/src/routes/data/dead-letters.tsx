import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type DeadLetterView, deadLetters, type Replay, replayLetters } from '~/lib/api/ingest'
import { useCanEdit } from '~/lib/api/queries'
import { type Reason, reasonsOf } from '~/lib/ingest/letters'
import {
  Button,
  Checkbox,
  type Column,
  DataTable,
  Empty,
  Failed,
  Icon,
  LinkButton,
  Loading,
  Page,
  Skeleton,
  Tag,
  toast,
  toastProblem,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { DataHead } from './head'
import styles from './intake.module.css'
import { LetterDrawer } from './letter-drawer'
import { useReasonName } from './reasons'

/** Events that were refused: why, what came, and the way back in. */
export function DeadLettersPage() {
  const { t } = useLingui()
  const search = useSearch({ from: '/frame/data/dead-letters' })
  const navigate = useNavigate({ from: '/data/dead-letters' })
  const { code, source, replayed, open } = search
  const pages = useInfiniteQuery(deadLetters({ code, source, replayed }))
  const mayEdit = useCanEdit()
  // The newest page has the newest counts: of a long list the first is asked again as well.
  const counts = pages.data?.pages[0]?.counts
  const reasons = counts && reasonsOf(counts, source)
  const letters = pages.data?.pages.flatMap((page) => page.letters) ?? []
  return (
    <Page>
      <DataHead
        title={t`Dead letters`}
        tools={
          source && (
            <Button onPress={() => navigate({ search: { ...search, source: undefined } })}>
              <Trans>Only from {source}</Trans>
              <Icon name="close" size={12} />
            </Button>
          )
        }
      />
      {pages.error && !pages.data ? (
        <Failed error={pages.error} retry={() => pages.refetch()} />
      ) : !reasons ? (
        <Loading>
          <div className={styles.letters}>
            <Skeleton height="220px" radius="12px" />
            <Skeleton height="420px" radius="12px" />
          </div>
        </Loading>
      ) : reasons.length === 0 ? (
        <Empty
          icon="check"
          title={<Trans>Nothing was refused</Trans>}
          actions={
            <LinkButton to="/data/sources">
              <Trans>Sources</Trans>
            </LinkButton>
          }
        >
          <Trans>
            An event that cannot be taken is not lost: it waits here as it came, with the reason, to be mended and sent
            through the door again.
          </Trans>
        </Empty>
      ) : (
        <div className={styles.letters}>
          <Reasons reasons={reasons} />
          <section className="card" aria-label={t`Dead letters`}>
            <LettersHead reasons={reasons} mayEdit={mayEdit} />
            {letters.length === 0 && !pages.isFetching ? (
              <Empty compact icon="check" title={<Trans>None of them waits</Trans>}>
                <Trans>They were replayed or deleted.</Trans>
              </Empty>
            ) : (
              <LetterTable letters={letters} isStale={pages.isPlaceholderData} />
            )}
            {pages.hasNextPage && (
              <div className={styles.centre}>
                <Button onPress={() => pages.fetchNextPage()} isPending={pages.isFetchingNextPage}>
                  <Trans>Show older ones</Trans>
                </Button>
              </div>
            )}
          </section>
        </div>
      )}
      {open !== undefined && (
        <LetterDrawer
          key={open}
          id={open}
          mayEdit={mayEdit}
          onClose={() => navigate({ search: { ...search, open: undefined } })}
        />
      )}
    </Page>
  )
}

function Reasons({ reasons }: { reasons: Reason[] }) {
  const { t } = useLingui()
  const f = useFormat()
  const name = useReasonName()
  const search = useSearch({ from: '/frame/data/dead-letters' })
  const all = reasons.reduce((sum, reason) => sum + reason.n_waiting, 0)
  const line = (code: string | undefined, label: string, n: number) => (
    <Link
      to="/data/dead-letters"
      search={{ ...search, code }}
      // The reason decides which one is here, not the path alone.
      activeOptions={{ exact: true, includeSearch: true }}
      className={styles.reason}
      data-done={n === 0 || undefined}
    >
      <span className={styles.reasonName}>
        {label}
        {code && code !== label && <code>{code}</code>}
      </span>
      <span className="num">{f.whole(n)}</span>
    </Link>
  )
  return (
    <nav className={`card ${styles.reasons}`} aria-label={t`Reasons`}>
      <ul>
        <li>{line(undefined, t`All that wait`, all)}</li>
        {reasons.map((reason) => (
          <li key={reason.code}>{line(reason.code, name(reason.code), reason.n_waiting)}</li>
        ))}
      </ul>
    </nav>
  )
}

function LettersHead({ reasons, mayEdit }: { reasons: Reason[]; mayEdit: boolean }) {
  const { t } = useLingui()
  const f = useFormat()
  const name = useReasonName()
  const queries = useQueryClient()
  const search = useSearch({ from: '/frame/data/dead-letters' })
  const navigate = useNavigate({ from: '/data/dead-letters' })
  const { code, source } = search
  const shown = reasons.filter((reason) => code === undefined || reason.code === code)
  const n_waiting = shown.reduce((sum, reason) => sum + reason.n_waiting, 0)
  const n_replayed = shown.reduce((sum, reason) => sum + reason.n_replayed, 0)
  const tell = ({ n_events, n_refused, reasons: again }: Replay) => {
    const why = Object.entries(again)
      .map(([one, n]) => `${name(one)} ${f.whole(n)}`)
      .join(', ')
    if (n_refused === 0) toast({ text: t`${f.whole(n_events)} events accepted` })
    else
      toast({
        text: t`${f.whole(n_events)} events accepted, ${f.whole(n_refused)} refused again`,
        remedy: t`Still waiting: ${why}. Open one to mend it.`,
        tone: n_events === 0 ? 'bad' : 'plain',
      })
  }
  const replay = useMutation({
    mutationFn: () => replayLetters({ code, source }),
    onSuccess: (done) => {
      void queries.invalidateQueries()
      tell(done)
    },
    onError: toastProblem,
  })
  return (
    <div className={styles.lettersHead}>
      <div>
        <h2>{code === undefined ? t`All that wait` : name(code)}</h2>
        <span className="soft small">
          <Plural value={n_waiting} one="# waits" other="# wait" />
          {n_replayed > 0 && t`, ${f.whole(n_replayed)} replayed`}
        </span>
      </div>
      <div className={styles.lettersTools}>
        {n_replayed > 0 && (
          <Checkbox
            isSelected={search.replayed ?? false}
            onChange={(on) => navigate({ search: { ...search, replayed: on || undefined }, replace: true })}
          >
            {t`Replayed ones too`}
          </Checkbox>
        )}
        {mayEdit && n_waiting > 0 && (
          <Button onPress={() => replay.mutate()} isPending={replay.isPending}>
            <Icon name="redo" />
            {replay.isPending ? t`Replaying` : t`Replay all`}
          </Button>
        )}
      </div>
    </div>
  )
}

function LetterTable({ letters, isStale }: { letters: DeadLetterView[]; isStale: boolean }) {
  const { t } = useLingui()
  const f = useFormat()
  const name = useReasonName()
  const search = useSearch({ from: '/frame/data/dead-letters' })
  const columns: Column<DeadLetterView>[] = [
    {
      key: 'when',
      head: t`Came`,
      cell: (letter) => (
        <Link
          to="/data/dead-letters"
          search={{ ...search, open: letter.id }}
          className={styles.letterOpen}
          title={f.moment(letter.received_us)}
        >
          {f.ago(letter.received_us)}
          <span className="sr-only">{t`, number ${letter.id}`}</span>
        </Link>
      ),
    },
    { key: 'source', head: t`Source`, cell: (letter) => letter.source },
    ...(search.code === undefined
      ? [{ key: 'code', head: t`Reason`, cell: (letter: DeadLetterView) => name(letter.code) }]
      : []),
    { key: 'size', head: t`Size`, end: true, wideOnly: true, cell: (letter) => f.bytes(letter.size_bytes) },
    {
      key: 'state',
      head: <span className="sr-only">{t`State`}</span>,
      end: true,
      cell: (letter) =>
        letter.replayed_us !== null ? (
          <Tag tone="good">{t`replayed`}</Tag>
        ) : letter.cut ? (
          <Tag tone="guess">{t`cut`}</Tag>
        ) : null,
    },
  ]
  return (
    <DataTable
      caption={t`Dead letters`}
      columns={columns}
      rows={letters}
      rowKey={(letter) => String(letter.id)}
      isStale={isStale}
    />
  )
}
