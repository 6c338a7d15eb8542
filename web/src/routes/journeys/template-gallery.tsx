import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { Button as AriaButton, Form } from 'react-aria-components'
import { problemsIn } from '~/lib/api/client'
import { startFromTemplate, templateList } from '~/lib/api/queries'
import type { Template } from '~/lib/api/types'
import { Button, Dialog, Failed, Loading, Problems, Skeleton, TextField } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { BlankDialog } from './blank-dialog'
import styles from './journeys.module.css'
import { MadeDialog } from './made-dialog'

/** The usual journeys as cards; pressing one asks for a name and makes it. */
export function TemplateGallery() {
  const f = useFormat()
  const { t } = useLingui()
  const { data, error, refetch } = useQuery(templateList)
  const [blank, setBlank] = useState(false)
  const [chosen, setChosen] = useState<Template | null>(null)
  if (error) return <Failed error={error} retry={() => refetch()} compact />
  if (!data)
    return (
      <Loading>
        <div className={styles.gallery}>
          {[0, 1, 2, 3].map((at) => (
            <Skeleton key={at} height="112px" radius="12px" />
          ))}
        </div>
      </Loading>
    )
  return (
    <>
      <ul className={styles.gallery}>
        <li>
          <AriaButton className={styles.template} onPress={() => setBlank(true)}>
            <b>{t`Blank journey`}</b>
            <p>{t`Five empty stages, to be filled with your own events.`}</p>
          </AriaButton>
        </li>
        {data.map((template) => (
          <li key={template.key}>
            <AriaButton className={styles.template} onPress={() => setChosen(template)}>
              <b>{f.say(template.name)}</b>
              <p>{f.say(template.description)}</p>
              <ol className={styles.path}>
                {template.stages.map((stage, at) => (
                  <li key={at}>{f.say(stage)}</li>
                ))}
              </ol>
            </AriaButton>
          </li>
        ))}
      </ul>
      {blank && <BlankDialog onClose={() => setBlank(false)} />}
      {chosen && <UseDialog key={chosen.key} template={chosen} onClose={() => setChosen(null)} />}
    </>
  )
}

function UseDialog({ template, onClose }: { template: Template; onClose: () => void }) {
  const f = useFormat()
  const { t } = useLingui()
  const queries = useQueryClient()
  const form = useId()
  const make = useMutation({
    mutationFn: (name: string) => startFromTemplate(template.key, { name }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['journeys'] }),
  })
  if (make.data) return <MadeDialog made={make.data} onClose={onClose} />
  return (
    <Dialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title={f.say(template.name)}
      note={template.stages.map((stage) => f.say(stage)).join(' → ')}
      actions={(close) => (
        <>
          <Button variant="quiet" onPress={close}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" form={form} variant="primary" isPending={make.isPending}>
            <Trans>Make the journey</Trans>
          </Button>
        </>
      )}
    >
      <Form
        id={form}
        className={styles.way}
        style={{ padding: 0 }}
        onSubmit={(event) => {
          event.preventDefault()
          make.mutate(String(new FormData(event.currentTarget).get('name') ?? '').trim())
        }}
      >
        <div style={{ width: '100%' }}>
          <TextField
            label={t`Name of the journey`}
            name="name"
            defaultValue={f.say(template.name)}
            isRequired
            autoFocus
            maxLength={120}
            hint={t`It can be changed later.`}
          />
        </div>
        {make.error && <Problems problems={problemsIn(make.error)} live />}
      </Form>
    </Dialog>
  )
}
