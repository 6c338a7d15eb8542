import { Trans, useLingui } from '@lingui/react/macro'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { problemsIn } from '~/lib/api/client'
import { documentList, dropUpload, importList, previewImport, startImport } from '~/lib/api/queries'
import type { FileFormat, Mapping, Preview } from '~/lib/api/types'
import {
  Button,
  Choice,
  cx,
  Failed,
  Icon,
  Loading,
  Problems,
  Select,
  Skeleton,
  Tag,
  TextField,
  toast,
  toastProblem,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { ColumnUses } from './column-uses'
import styles from './data.module.css'
import { EventFields } from './event-fields'
import { eventsOf, hiddenParts } from './mapping'
import { PreviewEvents } from './preview-events'

/** How long a change of the mapping rests before the preview is asked again, milliseconds. */
const REST_MS = 300

/** From an uploaded file to its import: what was detected, how columns become events, what comes out. */
export function MapColumns({ upload, file, onEnd }: { upload: string; file: string; onEnd: () => void }) {
  const { t } = useLingui()
  const queries = useQueryClient()
  const [draft, setDraft] = useState<Mapping | null>(null)
  const asked = useRested(draft)
  const preview = useQuery({
    queryKey: ['preview', upload, asked],
    queryFn: ({ signal }) => previewImport({ upload, ...(asked ? { mapping: asked } : {}) }, signal),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
  // The first answer carries the server's guess; it is what the reader starts from.
  const mapping = draft ?? preview.data?.mapping ?? null
  const start = useMutation({
    mutationFn: (final: Mapping) => startImport({ upload, mapping: final }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: importList.queryKey })
      toast({ text: t`The import of ${file} has begun.` })
      onEnd()
    },
  })
  const drop = useMutation({ mutationFn: () => dropUpload(upload), onError: toastProblem, onSettled: onEnd })
  if (!preview.data || !mapping)
    return preview.error ? (
      <div className="card">
        <Failed error={preview.error} retry={() => preview.refetch()} compact />
        <p className={styles.centre}>
          <Button onPress={() => drop.mutate()}>
            <Trans>Choose another file</Trans>
          </Button>
        </p>
      </div>
    ) : (
      <Loading>
        <Skeleton height="420px" radius="12px" />
      </Loading>
    )
  const problems = preview.error ? problemsIn(preview.error) : preview.data.problems
  const isBlocked = problems.some((problem) => problem.severity === 'error')
  return (
    <div className={styles.mapping}>
      <FileFacts file={file} preview={preview.data} mapping={mapping} onChange={setDraft} />
      <Editor preview={preview.data} mapping={mapping} onChange={setDraft} />
      <section className="card" aria-busy={preview.isFetching}>
        <div className={styles.cardHead}>
          <h2>
            <Trans>The first rows as events</Trans>
          </h2>
          {preview.isFetching && (
            <span className="faint small">
              <Trans>being read again</Trans>
            </span>
          )}
        </div>
        {problems.length > 0 && (
          <div className={styles.problems}>
            <Problems problems={problems} />
          </div>
        )}
        <div className={cx((preview.isPlaceholderData || preview.isError) && styles.stale)}>
          <PreviewEvents events={preview.data.events} />
        </div>
      </section>
      {start.error && <Problems problems={problemsIn(start.error)} live />}
      <div className={styles.bar}>
        <Button variant="quiet" onPress={() => drop.mutate()} isPending={drop.isPending}>
          <Trans>Throw the file away</Trans>
        </Button>
        <Button
          variant="primary"
          size="l"
          isDisabled={isBlocked}
          isPending={start.isPending}
          onPress={() => start.mutate(mapping)}
        >
          <Trans>Start the import</Trans>
        </Button>
      </div>
    </div>
  )
}

/** The value after it has not changed for a moment. */
function useRested<Value>(value: Value): Value {
  const [rested, setRested] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS)
    return () => clearTimeout(timer)
  }, [value])
  return rested
}

const encodings = ['utf-8', 'euc-kr', 'utf-16le', 'utf-16be', 'shift_jis', 'windows-1252']
const delimiters = [',', '\t', ';', '|']

interface Editing {
  preview: Preview
  mapping: Mapping
  onChange: (mapping: Mapping) => void
}

/** What kind of file it is, as detected; encoding and delimiter can be corrected. */
function FileFacts({ file, preview, mapping, onChange }: Editing & { file: string }) {
  const f = useFormat()
  const { t } = useLingui()
  const saved = useQuery(documentList('mapping')).data ?? []
  const delimiterNames: Record<string, string> = { ',': t`comma`, '\t': t`tab`, ';': t`semicolon`, '|': t`bar` }
  const put = (patch: FileFormat) => onChange({ ...mapping, file: { ...mapping.file, ...patch } })
  const encoding = mapping.file?.encoding ?? preview.encoding
  const delimiter = mapping.file?.delimiter ?? preview.delimiter
  const isText = preview.format !== 'parquet'
  return (
    <section className={cx('card', styles.facts)}>
      <Icon name="file" size={20} />
      <div className={styles.fileName}>
        <b>{file}</b>
        <span className={styles.tags}>
          <Tag>{preview.format.toUpperCase()}</Tag>
          {preview.compression && <Tag>{preview.compression}</Tag>}
          <span className="soft small">
            <Trans>{f.whole(preview.columns.length)} columns</Trans>
          </span>
        </span>
      </div>
      {isText && encoding && (
        <Select
          label={t`Encoding`}
          value={encoding.toLowerCase()}
          onChange={(next) => put({ encoding: next })}
          options={[...new Set([encoding.toLowerCase(), ...encodings])].map((key) => ({
            key,
            label: key.toUpperCase(),
          }))}
        />
      )}
      {isText && delimiter && (
        <Select
          label={t`Delimiter`}
          value={delimiter}
          onChange={(next) => put({ delimiter: next })}
          options={[...new Set([delimiter, ...delimiters])].map((key) => ({ key, label: delimiterNames[key] ?? key }))}
        />
      )}
      {saved.length > 0 && (
        <Select
          label={t`Saved mapping`}
          value={saved.some(({ body }) => body.key === mapping.key) ? mapping.key : null}
          placeholder={t`Use one again`}
          onChange={(key) => {
            const found = saved.find(({ body }) => body.key === key)?.body
            if (found?.kind === 'mapping') {
              const { kind: _kind, ...rest } = found
              onChange(rest)
            }
          }}
          options={saved.map(({ body }) => ({ key: body.key, label: f.say(body.name) || body.key }))}
        />
      )}
    </section>
  )
}

/** The mapping as a form, or as the JSON it is. */
function Editor({ preview, mapping, onChange }: Editing) {
  const { t } = useLingui()
  const events = eventsOf(mapping)
  const [way, setWay] = useState<'form' | 'json'>(events ? 'form' : 'json')
  const hidden = hiddenParts(mapping)
  return (
    <section className="card">
      <div className={styles.cardHead}>
        <h2>
          <Trans>What each row says</Trans>
        </h2>
        <Choice
          label={t`Edit as`}
          hideLabel
          value={way}
          onChange={setWay}
          options={[
            { key: 'form', label: t`Form` },
            { key: 'json', label: 'JSON' },
          ]}
        />
      </div>
      {way === 'json' || !events ? (
        <JsonEditor mapping={mapping} onChange={onChange} />
      ) : (
        <>
          {hidden.length > 0 && (
            <p className={cx(styles.hidden, 'soft')}>
              <Trans>Also in force, and shown in the JSON only: {hidden.join(', ')}.</Trans>
            </p>
          )}
          <div className={styles.editor}>
            <EventFields columns={preview.columns} mapping={mapping} events={events} onChange={onChange} />
            <ColumnUses columns={preview.columns} mapping={mapping} events={events} onChange={onChange} />
          </div>
        </>
      )}
    </section>
  )
}

function JsonEditor({ mapping, onChange }: Omit<Editing, 'preview'>) {
  const { t } = useLingui()
  const [text, setText] = useState(() => JSON.stringify(mapping, null, 2))
  const [error, setError] = useState<string | null>(null)
  return (
    <div className={styles.json}>
      <TextField
        label={t`Mapping`}
        hideLabel
        lines={18}
        code
        value={text}
        error={error}
        onChange={(next) => {
          setText(next)
          try {
            onChange(JSON.parse(next) as Mapping)
            setError(null)
          } catch {
            setError(t`This is not JSON yet; the last right version is in force.`)
          }
        }}
      />
    </div>
  )
}
