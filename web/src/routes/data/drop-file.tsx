import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { DropZone, FileTrigger, Text } from 'react-aria-components'
import { problemsIn } from '~/lib/api/client'
import { upload } from '~/lib/api/queries'
import type { Upload } from '~/lib/api/types'
import { Button, cx, Icon, Problems, Progress } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './data.module.css'

const accepted = ['.csv', '.tsv', '.txt', '.ndjson', '.jsonl', '.json', '.parquet', '.gz', '.zst']

/** Takes one file, shows how far it has come, can be stopped. */
export function DropFile({ onUploaded }: { onUploaded: (upload: Upload) => void }) {
  const { t } = useLingui()
  const f = useFormat()
  const [sent, setSent] = useState(0)
  const stop = useRef<AbortController | null>(null)
  const send = useMutation({
    mutationFn: (file: File) => {
      stop.current = new AbortController()
      setSent(0)
      return upload(file, setSent, stop.current.signal)
    },
    onSuccess: onUploaded,
  })
  const file = send.variables
  const isAborted = send.error instanceof DOMException
  return (
    <>
      <DropZone
        className={cx('card', styles.drop)}
        isDisabled={send.isPending}
        onDrop={async (event) => {
          const item = event.items.find((one) => one.kind === 'file')
          if (item?.kind === 'file') send.mutate(await item.getFile())
        }}
      >
        {send.isPending && file ? (
          <div className={styles.sending}>
            <p>
              <b>{file.name}</b>{' '}
              <span className="soft">
                {f.bytes(sent)} / {f.bytes(file.size)}
              </span>
            </p>
            <Progress label={t`Sending ${file.name}`} share={file.size === 0 ? null : sent / file.size} />
            <Button size="s" onPress={() => stop.current?.abort()}>
              <Trans>Cancel</Trans>
            </Button>
          </div>
        ) : (
          <>
            <span className={styles.dropIcon}>
              <Icon name="upload" size={22} />
            </span>
            <Text slot="label" className={styles.dropTitle}>
              <Trans>Drop a file here</Trans>
            </Text>
            <p className="soft">
              <Trans>
                CSV, TSV, NDJSON or Parquet, gzip and zstd too. Delimiter and encoding (EUC-KR as well) are detected.
              </Trans>
            </p>
            <FileTrigger acceptedFileTypes={accepted} onSelect={(files) => files?.[0] && send.mutate(files[0])}>
              <Button variant="primary">
                <Trans>Choose a file</Trans>
              </Button>
            </FileTrigger>
            <p className="faint small">
              <Trans>You see the events it makes before anything is stored. The same file twice adds nothing.</Trans>
            </p>
          </>
        )}
      </DropZone>
      {send.error && !isAborted && (
        <div className={styles.below}>
          <Problems problems={problemsIn(send.error)} live />
        </div>
      )}
    </>
  )
}
