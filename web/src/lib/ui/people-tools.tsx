import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { peopleFile, useCanEdit } from '../api/queries'
import type { AskPeople } from '../api/types'
import { fileName } from '../explore/export'
import { saveFile } from '../save-file'
import type { SegmentBody } from '../segment/save'
import { useFormat } from '../use-format'
import { Button } from './button'
import { Icon } from './icon'
import styles from './people-drawer.module.css'
import { SegmentDialog } from './segment-dialog'
import { Select } from './select'
import { toastProblem } from './toast'

export type PeopleOrder = Pick<AskPeople, 'sort' | 'oldest_first'>

const ORDERS = {
  last_seen: {},
  last_seen_oldest: { oldest_first: true },
  entered: { sort: 'entered' },
  entered_oldest: { sort: 'entered', oldest_first: true },
} as const satisfies Record<string, PeopleOrder>
type OrderName = keyof typeof ORDERS
const NAMES = Object.keys(ORDERS) as OrderName[]

/** Above the list: its order, and, for who may, the ways to take the people along. */
export function PeopleTools({
  ask,
  title,
  order,
  onOrder,
  hasEntered,
  close,
}: OrderProps & {
  ask: AskPeople
  /** The number they stand behind. */
  title: string
  close: () => void
}) {
  const canEdit = useCanEdit()
  const [isNaming, setNaming] = useState(false)
  const [saved, setSaved] = useState<SegmentBody | null>(null)
  const file = useMutation({
    mutationFn: () => peopleFile(ask),
    onSuccess: (blob) => saveFile(blob, fileName(title, 'csv')),
    onError: toastProblem,
  })
  return (
    <>
      <div className={styles.tools}>
        <OrderChoice order={order} onOrder={onOrder} hasEntered={hasEntered} />
        {canEdit && (
          <>
            <Button size="s" onPress={() => file.mutate()} isPending={file.isPending}>
              <Icon name="download" />
              <Trans>Export CSV</Trans>
            </Button>
            <Button size="s" onPress={() => setNaming(true)}>
              <Icon name="people" />
              <Trans>Save as a segment</Trans>
            </Button>
          </>
        )}
      </div>
      <div role="status">{saved && <Saved segment={saved} close={close} />}</div>
      {isNaming && (
        <SegmentDialog
          of={ask.of}
          scope={ask.scope ?? {}}
          title={title}
          onClose={() => setNaming(false)}
          onSaved={(segment) => {
            setSaved(segment)
            setNaming(false)
          }}
        />
      )}
    </>
  )
}

interface OrderProps {
  order: PeopleOrder
  onOrder: (order: PeopleOrder) => void
  /** It is known when the people came into what was asked for. */
  hasEntered: boolean
}

function OrderChoice({ order, onOrder, hasEntered }: OrderProps) {
  const { t } = useLingui()
  const words: Record<OrderName, string> = {
    last_seen: t`Last seen, latest first`,
    last_seen_oldest: t`Last seen, longest ago first`,
    entered: t`Entered, latest first`,
    entered_oldest: t`Entered, earliest first`,
  }
  const isOf = (name: OrderName) => JSON.stringify(ORDERS[name]) === JSON.stringify(order)
  return (
    <Select
      label={t`Order`}
      hideLabel
      small
      value={NAMES.find(isOf) ?? 'last_seen'}
      onChange={(name) => onOrder(ORDERS[name as OrderName])}
      options={NAMES.filter((name) => hasEntered || !name.startsWith('entered')).map((key) => ({
        key,
        label: words[key],
      }))}
    />
  )
}

/** The way to where the segment is seen. */
function Saved({ segment, close }: { segment: SegmentBody; close: () => void }) {
  const f = useFormat()
  return (
    <p className={styles.saved}>
      <Icon name="check" />
      <span>
        <Trans>
          Saved. Every segment picker now has{' '}
          <Link to="/people" search={{ segment: segment.key }} onClick={close}>
            {f.say(segment.name)}
          </Link>
          .
        </Trans>
      </span>
    </p>
  )
}
