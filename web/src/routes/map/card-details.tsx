import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { CardFields } from '~/lib/map/edit'
import { type Card, TONES, type Tone } from '~/lib/map/types'
import { toneNames } from '~/lib/map/words'
import { rewrite } from '~/lib/text'
import { Button, Choice, Dialog, TextField } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './card-details.module.css'

export interface CardDetailsProps {
  card: Card
  currency: string
  onSave: (fields: CardFields) => void
  onClose: () => void
}

/** Everything on a card but its place. */
export function CardDetails({ card, currency, onSave, onClose }: CardDetailsProps) {
  const f = useFormat()
  const { i18n, t } = useLingui()
  const [text, setText] = useState(f.say(card.text))
  const [tone, setTone] = useState<Tone>(card.tone ?? 'plain')
  const [tags, setTags] = useState((card.tags ?? []).join(', '))
  const [evidence, setEvidence] = useState(f.say(card.evidence))
  const [owner, setOwner] = useState(card.owner ?? '')
  const [value, setValue] = useState(card.value == null ? '' : String(card.value))
  const amount = value.trim() === '' ? null : Number(value.replace(/[,\s_]/g, ''))
  const isBadAmount = amount !== null && !Number.isFinite(amount)
  const save = () => {
    if (isBadAmount || text.trim() === '') return
    onSave({
      text: text.trim() === f.say(card.text) ? card.text : rewrite(card.text, f.lang, text.trim()),
      tone,
      tags: [...new Set(tags.split(',').map((tag) => tag.trim()))].filter(Boolean),
      evidence:
        evidence.trim() === ''
          ? null
          : evidence.trim() === f.say(card.evidence)
            ? (card.evidence ?? null)
            : rewrite(card.evidence, f.lang, evidence.trim()),
      owner: owner.trim() || null,
      value: amount,
    })
    onClose()
  }
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={t`Card`}
      actions={
        <>
          <Button onPress={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button variant="primary" onPress={save} isDisabled={isBadAmount || text.trim() === ''}>
            <Trans>Save</Trans>
          </Button>
        </>
      }
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <TextField label={t`Text`} value={text} onChange={setText} lines={2} maxLength={2000} />
        <Choice
          label={t`Colour`}
          value={tone}
          onChange={setTone}
          options={TONES.map((key) => ({ key, label: i18n._(toneNames[key]) }))}
        />
        <TextField
          label={t`Evidence`}
          hint={t`Where you know it from, such as “reviews 87 · chats 41”.`}
          value={evidence}
          onChange={setEvidence}
        />
        <TextField label={t`Tags`} hint={t`Separated by commas.`} value={tags} onChange={setTags} />
        <div className={styles.pair}>
          <TextField label={t({ message: 'Owner', context: 'map' })} value={owner} onChange={setOwner} />
          <TextField
            label={t`Value (${currency})`}
            hint={t`Your estimate. It is shown as one.`}
            error={isBadAmount ? t`Write a number, such as 4100000.` : null}
            inputMode="decimal"
            value={value}
            onChange={setValue}
          />
        </div>
        <button type="submit" hidden />
      </form>
    </Dialog>
  )
}
