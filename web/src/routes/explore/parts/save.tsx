import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { Ask } from '~/lib/api/types'
import { type InsightBody, sameQuestion } from '~/lib/explore/insight'
import { Button, Icon, Menu, MenuItem, MenuLine, MenuTrigger, toast, toastProblem } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { InsightDialog } from './insight-dialog'
import { useDropInsight, useInsights, useKeepInsight } from './use-insights'

/** Keeps the question of the page under a name; of a kept one, its changes, name, note and pins. */
export function Save({
  question,
  title,
  insight,
  onInsight,
}: {
  /** `null`: there is nothing to keep yet. */
  question: Ask | null
  /** What a new one is called at first. */
  title: string
  /** Key of the one the page was opened from. */
  insight: string | undefined
  onInsight: (key: string | undefined) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const insights = useInsights()
  const keep = useKeepInsight()
  const drop = useDropInsight()
  const [dialog, setDialog] = useState<{ insight: InsightBody; isNew: boolean } | null>(null)
  const opened = insights?.find((one) => one.key === insight)
  const isChanged = opened !== undefined && question !== null && !sameQuestion(opened.question, question)
  const makeNew = () =>
    question && setDialog({ isNew: true, insight: { kind: 'insight', key: '', name: opened?.name ?? title, question } })
  const change = () =>
    opened &&
    question &&
    keep.mutate(
      { isNew: false, insight: { ...opened, question } },
      { onSuccess: () => toast({ text: t`Saved “${f.say(opened.name)}”.` }), onError: toastProblem },
    )
  return (
    <>
      {opened ? (
        <MenuTrigger>
          <Button variant={isChanged ? 'primary' : 'plain'}>
            <Icon name={isChanged ? 'edit' : 'check'} />
            {isChanged ? <Trans>Save changes</Trans> : <Trans>Saved</Trans>}
            <Icon name="down" size={12} />
          </Button>
          <Menu
            disabledKeys={isChanged ? [] : ['change']}
            onAction={(key) => {
              if (key === 'change') change()
              else if (key === 'edit') setDialog({ insight: opened, isNew: false })
              else if (key === 'new') makeNew()
              else drop.mutate(opened, { onSuccess: () => onInsight(undefined) })
            }}
          >
            <MenuItem id="change" icon="check">
              {t`Save the changes`}
            </MenuItem>
            <MenuItem id="edit" icon="edit">
              {t`Name, note and maps`}
            </MenuItem>
            <MenuItem id="new" icon="copy">
              {t`Save as a new one`}
            </MenuItem>
            <MenuLine />
            <MenuItem id="drop" icon="trash" danger>
              {t`Delete`}
            </MenuItem>
          </Menu>
        </MenuTrigger>
      ) : (
        <Button variant="primary" isDisabled={question === null} onPress={makeNew}>
          <Trans>Save</Trans>
        </Button>
      )}
      {dialog && (
        <InsightDialog
          {...dialog}
          onClose={() => setDialog(null)}
          onKept={(kept) => dialog.isNew && onInsight(kept.key)}
        />
      )}
    </>
  )
}
