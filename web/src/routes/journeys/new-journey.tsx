import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { DropZone, FileTrigger } from 'react-aria-components'
import { problemsIn } from '~/lib/api/client'
import { applyText } from '~/lib/api/queries'
import { Button, Choice, Icon, Page, PageHead, Problems, TextField, toast } from '~/lib/ui'
import styles from './journeys.module.css'
import { TemplateGallery } from './template-gallery'

/** A new journey, from a template or from YAML. */
export function NewJourneyPage() {
  const { t } = useLingui()
  const { from } = useSearch({ from: '/frame/journeys/new' })
  const navigate = useNavigate({ from: '/journeys/new' })
  return (
    <Page>
      <PageHead
        crumb={
          <Link to="/journeys">
            <Trans>Journeys</Trans>
          </Link>
        }
        title={t`New journey`}
        tools={
          <Choice
            label={t`Start from`}
            hideLabel
            value={from ?? 'template'}
            onChange={(way) => navigate({ search: way === 'yaml' ? { from: 'yaml' } : {}, replace: true })}
            options={[
              { key: 'template', label: t`Template` },
              { key: 'yaml', label: 'YAML' },
            ]}
          />
        }
      />
      {from === 'yaml' ? <FromYaml /> : <TemplateGallery />}
    </Page>
  )
}

const example = `kind: journey
key: gift-purchase
name: { ko: 선물 구매 여정, en: Buying a gift }
window: 90d
stages:
  - key: awareness
    name: { ko: 인지, en: Awareness }
    touchpoints:
      - { key: ad, name: { ko: 검색 광고, en: Search ad }, when: { event: Ad Clicked } }
`

/** Definitions as text: checked by the server, all of them or none. */
function FromYaml() {
  const { t } = useLingui()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [checked, setChecked] = useState<{ text: string; n: number } | null>(null)
  const check = useMutation({
    mutationFn: (yaml: string) => applyText(yaml, true),
    onSuccess: (all, yaml) => setChecked({ text: yaml, n: all.length }),
  })
  const apply = useMutation({
    mutationFn: (yaml: string) => applyText(yaml),
    onSuccess: async (all) => {
      await queries.invalidateQueries()
      const n = all.filter((one) => one.change !== 'unchanged').length
      toast({
        text: n === 0 ? t`Nothing changed: these definitions are in force already.` : t`${n} definitions are in force.`,
      })
      const map = all.find((one) => one.kind === 'map')
      await (map ? navigate({ to: '/maps/$key', params: { key: map.key } }) : navigate({ to: '/journeys' }))
    },
  })
  const failed = apply.error ?? check.error
  const reset = () => {
    apply.reset()
    check.reset()
  }
  const take = async (file: File | undefined) => {
    if (!file) return
    reset()
    setText(await file.text())
  }
  return (
    <DropZone
      className={`card ${styles.yaml}`}
      onDrop={async (event) => {
        const item = event.items.find((one) => one.kind === 'file')
        if (item?.kind === 'file') await take(await item.getFile())
      }}
    >
      <TextField
        label={t`Journeys, maps, metrics, segments and personas; several between lines of ---`}
        value={text}
        onChange={(next) => {
          setText(next)
          reset()
        }}
        lines={16}
        code
        placeholder={example}
        autoFocus
      />
      {failed && <Problems problems={problemsIn(failed)} live />}
      {checked && checked.text === text && !failed && (
        <p role="status" className="soft">
          <Plural value={checked.n} one="# definition, no mistakes." other="# definitions, no mistakes." />
        </p>
      )}
      <div className={styles.row}>
        <Button
          variant="primary"
          isDisabled={text.trim() === ''}
          isPending={apply.isPending}
          onPress={() => apply.mutate(text)}
        >
          <Trans>Apply</Trans>
        </Button>
        <Button isDisabled={text.trim() === ''} isPending={check.isPending} onPress={() => check.mutate(text)}>
          <Trans>Only check</Trans>
        </Button>
        <FileTrigger acceptedFileTypes={['.yaml', '.yml', '.json']} onSelect={(files) => take(files?.[0])}>
          <Button variant="quiet">
            <Icon name="file" />
            <Trans>Open a file</Trans>
          </Button>
        </FileTrigger>
      </div>
    </DropZone>
  )
}
