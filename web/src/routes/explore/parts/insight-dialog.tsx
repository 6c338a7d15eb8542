import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { Form } from 'react-aria-components'
import { problemsIn } from '~/lib/api/client'
import { documentList } from '~/lib/api/queries'
import type { InsightBody, Pin } from '~/lib/explore/insight'
import type { JourneyBody } from '~/lib/journey/types'
import type { MapBody } from '~/lib/map/types'
import { rewrite } from '~/lib/text'
import { Button, Dialog, Icon, IconButton, Problems, Select, TextField, toast } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './explore.module.css'
import { useKeepInsight } from './use-insights'

/** Maps with the stages of their journeys, by their names. */
function useMaps() {
  const f = useFormat()
  const maps = useQuery(documentList('map')).data ?? []
  const journeys = useQuery(documentList('journey')).data ?? []
  return maps.map(({ body }) => {
    const map = body as MapBody
    const journey = journeys.find((one) => one.body.key === map.journey)?.body as JourneyBody | undefined
    return {
      key: map.key,
      name: f.say(map.name) || f.say(journey?.name) || map.key,
      stages: (journey?.stages ?? []).map((stage) => ({ key: stage.key, name: f.say(stage.name) })),
    }
  })
}

/** What an insight is called, what was found, and where it stands on maps. */
export function InsightDialog({
  insight,
  isNew,
  onClose,
  onKept,
}: {
  insight: InsightBody
  isNew: boolean
  onClose: () => void
  onKept?: (insight: InsightBody) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const form = useId()
  const keep = useKeepInsight()
  const [name, setName] = useState(f.say(insight.name))
  const [note, setNote] = useState(f.say(insight.note))
  const [pins, setPins] = useState<Pin[]>(insight.pins ?? [])
  const isReady = name.trim() !== ''
  const write = () => {
    if (!isReady || keep.isPending) return
    const words = (old: InsightBody['note'], now: string) => (now === f.say(old) ? old : rewrite(old, f.lang, now))
    keep.mutate(
      {
        isNew,
        insight: {
          ...insight,
          name: words(insight.name, name.trim()) ?? name.trim(),
          note: note.trim() === '' ? undefined : words(insight.note, note.trim()),
          pins,
        },
      },
      {
        onSuccess: (kept) => {
          toast({ text: t`Saved “${f.say(kept.name)}”.` })
          onKept?.(kept)
          onClose()
        },
      },
    )
  }
  return (
    <Dialog
      isOpen
      onOpenChange={(open) => !open && onClose()}
      title={isNew ? t`Save this question` : t`Saved question`}
      note={t`It is answered anew whenever it is opened.`}
      actions={(close) => (
        <>
          <Button variant="quiet" onPress={close}>
            <Trans>Cancel</Trans>
          </Button>
          <Button type="submit" form={form} variant="primary" isDisabled={!isReady} isPending={keep.isPending}>
            <Trans>Save</Trans>
          </Button>
        </>
      )}
    >
      <Form
        id={form}
        className={styles.insightForm}
        onSubmit={(event) => {
          event.preventDefault()
          write()
        }}
      >
        <TextField label={t`Name`} value={name} onChange={setName} isRequired autoFocus maxLength={120} />
        <TextField label={t`Note: what was found`} value={note} onChange={setNote} lines={3} maxLength={2000} />
        <Pins pins={pins} onChange={setPins} />
        {keep.error && <Problems problems={problemsIn(keep.error)} live />}
      </Form>
    </Dialog>
  )
}

/** Places on maps where the insight stands as a link. */
function Pins({ pins, onChange }: { pins: Pin[]; onChange: (pins: Pin[]) => void }) {
  const { t } = useLingui()
  const maps = useMaps()
  const [first] = maps
  const add = () => {
    const stage = first?.stages[0]
    if (first && stage) onChange([...pins, { map: first.key, stage: stage.key }])
  }
  return (
    <section className={styles.group} aria-label={t`On maps`}>
      <h3 className={styles.groupTitle}>{t`On maps`}</h3>
      {pins.map((pin, index) => {
        const map = maps.find((one) => one.key === pin.map)
        return (
          <div key={index} className={styles.pin}>
            <Select
              label={t`Map ${index + 1}`}
              hideLabel
              value={pin.map}
              onChange={(key) => {
                const stage = maps.find((one) => one.key === key)?.stages[0]
                if (stage) onChange(pins.with(index, { map: key, stage: stage.key }))
              }}
              options={maps.map((one) => ({ key: one.key, label: one.name, disabled: one.stages.length === 0 }))}
            />
            <Select
              label={t`Stage on map ${index + 1}`}
              hideLabel
              value={pin.stage}
              onChange={(stage) => onChange(pins.with(index, { ...pin, stage }))}
              options={(map?.stages ?? []).map((stage) => ({ key: stage.key, label: stage.name }))}
            />
            <IconButton
              label={t`Take off map ${index + 1}`}
              size="s"
              onPress={() => onChange(pins.toSpliced(index, 1))}
            >
              <Icon name="close" size={12} />
            </IconButton>
          </div>
        )
      })}
      <div className={styles.adds}>
        <Button size="s" variant="quiet" isDisabled={!first} onPress={add}>
          <Icon name="plus" size={12} />
          <Trans>Pin to a map</Trans>
        </Button>
      </div>
    </section>
  )
}
