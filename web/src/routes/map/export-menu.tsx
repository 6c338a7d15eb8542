import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { MapSearch } from '~/lib/map/address'
import { mapQuery } from '~/lib/map/address'
import { type ExportFormat, exportMap, type Paper } from '~/lib/map/api'
import { Button, Menu, MenuItem, MenuLine, MenuTrigger, toast, toastProblem, useScope } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'

interface Choice {
  id: string
  format: ExportFormat
  paper?: Paper
  label: string
  note?: string
}

/** The map as a file: a picture, a page, or the definition with its numbers. */
export function ExportMenu({ mapKey, search }: { mapKey: string; search: MapSearch }) {
  const f = useFormat()
  const { t } = useLingui()
  const scope = useScope(search)
  const [isPending, setPending] = useState(false)
  const choices: Choice[] = [
    { id: 'svg', format: 'svg', label: 'SVG', note: t`drawing` },
    { id: 'png', format: 'png', label: 'PNG', note: t`picture` },
    { id: 'pdf-a4', format: 'pdf', paper: 'a4', label: 'PDF · A4' },
    { id: 'pdf-a3', format: 'pdf', paper: 'a3', label: 'PDF · A3' },
    { id: 'pdf-poster', format: 'pdf', paper: 'poster', label: t`PDF · poster` },
  ]
  const documents: Choice[] = [
    { id: 'json', format: 'json', label: 'JSON', note: t`with the numbers` },
    { id: 'yaml', format: 'yaml', label: 'YAML', note: t`the definition` },
  ]
  const run = async (id: string) => {
    if (id === 'print') {
      // After the menu has gone, or it would be printed too.
      setTimeout(() => window.print(), 200)
      return
    }
    const choice = [...choices, ...documents].find((one) => one.id === id)
    if (!choice || !scope) return
    setPending(true)
    try {
      const { format, paper } = choice
      const file = await exportMap(mapKey, mapQuery(search, scope.days, scope.before), { format, paper, lang: f.lang })
      const url = URL.createObjectURL(file)
      const link = document.createElement('a')
      link.href = url
      link.download = file.name
      link.click()
      setTimeout(() => URL.revokeObjectURL(url), 60_000)
      toast({ text: t`${file.name} was made.` })
    } catch (error) {
      toastProblem(error)
    } finally {
      setPending(false)
    }
  }
  const item = (choice: Choice) => (
    <MenuItem key={choice.id} id={choice.id} textValue={choice.label} note={choice.note}>
      {choice.label}
    </MenuItem>
  )
  return (
    <MenuTrigger>
      <Button variant="primary" isPending={isPending}>
        {isPending ? <Trans>Exporting…</Trans> : <Trans>Export</Trans>}
      </Button>
      <Menu onAction={(id) => void run(String(id))} aria-label={t`Export`}>
        {choices.map(item)}
        <MenuLine />
        {documents.map(item)}
        <MenuLine />
        <MenuItem id="print" note={t`this page`}>{t`Print`}</MenuItem>
      </Menu>
    </MenuTrigger>
  )
}
