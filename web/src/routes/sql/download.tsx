import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { downloadSql, type FileKind } from '~/lib/api/sql'
import { saveFile } from '~/lib/save-file'
import { Button, Icon, Menu, MenuItem, MenuTrigger, toast, toastProblem } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './sql.module.css'

/** `gilmok-2026-11-22-1403.csv`, by the reader's own clock. */
function fileName(kind: FileKind, now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-')
  return `gilmok-${day}-${two(now.getHours())}${two(now.getMinutes())}.${kind}`
}

/** The whole answer as a file, however many rows it has. */
export function DownloadMenu({ query, isDisabled }: { query: string; isDisabled: boolean }) {
  const { t } = useLingui()
  const f = useFormat()
  const [n_bytes, setBytes] = useState(0)
  const stop = useRef<AbortController | null>(null)
  const get = useMutation({
    mutationFn: (kind: FileKind) => {
      stop.current = new AbortController()
      setBytes(0)
      return downloadSql(query, kind, setBytes, stop.current.signal)
    },
    onSuccess: (blob, kind) => {
      const name = fileName(kind, new Date())
      saveFile(blob, name)
      toast({ text: t`${name} saved, ${f.bytes(blob.size)}` })
    },
    onError: (error) => {
      if (!(error instanceof DOMException)) toastProblem(error)
    },
  })
  if (get.isPending)
    return (
      <span className={styles.downloading}>
        <span className="soft small" role="status">
          {n_bytes === 0 ? t`Making the file` : f.bytes(n_bytes)}
        </span>
        <Button size="s" onPress={() => stop.current?.abort()}>
          <Trans>Stop the download</Trans>
        </Button>
      </span>
    )
  return (
    <MenuTrigger>
      <Button size="s" isDisabled={isDisabled}>
        <Icon name="download" size={14} />
        <Trans>Download</Trans>
      </Button>
      <Menu aria-label={t`Download`}>
        <MenuItem onAction={() => get.mutate('csv')} note={t`for spreadsheets`}>
          {t`CSV, all rows`}
        </MenuItem>
        <MenuItem onAction={() => get.mutate('parquet')} note={t`for programs`}>
          {t`Parquet, all rows`}
        </MenuItem>
      </Menu>
    </MenuTrigger>
  )
}
