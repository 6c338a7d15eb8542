import { Trans, useLingui } from '@lingui/react/macro'
import { type KeyboardEvent, memo, useRef, useState } from 'react'
import type { Text } from '~/lib/api/types'
import { newCardId } from '~/lib/map/edit'
import type { Card, LaneKind } from '~/lib/map/types'
import { rewrite } from '~/lib/text'
import { cx, Icon, Tag } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { CardEditor } from './card-editor'
import styles from './cards.module.css'
import { useMapActions } from './context'

/** Cards that a cell shows before it folds. */
const MOST = 12
const random = () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32

export interface CardCellProps {
  lane: string
  kind: LaneKind
  laneName: string
  stage: string
  stageName: string
  cards: Card[]
  /** What the journey itself says here: shown first, changed there. */
  goal?: Text | null
  inGrid?: boolean
}

/** The cards of one lane in one stage. */
export const CardCell = memo(
  function CardCell({ lane, kind, laneName, stage, stageName, cards, goal, inGrid }: CardCellProps) {
    const f = useFormat()
    const { t } = useLingui()
    const { actions, canEdit } = useMapActions()
    const [draft, setDraft] = useState<number | null>(null)
    const [isOpen, setOpen] = useState(false)
    const isFolded = cards.length > MOST + 2 && !isOpen
    const n_folded = cards.length - MOST
    const add = useRef<HTMLButtonElement>(null)
    const item = inGrid ? { tabIndex: -1, 'data-item': true } : {}
    const close = () => {
      setDraft(null)
      queueMicrotask(() => add.current?.focus({ preventScroll: true }))
    }
    return (
      <div className={cx(styles.cell, !inGrid && styles.single, cards.length === 0 && !goal && styles.empty)}>
        {goal && <p className={styles.goal}>{f.say(goal)}</p>}
        {cards.length > 0 && (
          <ul className={cx(styles.cards, isFolded && styles.folded)} data-cards>
            {cards.map((card) => (
              <CardView key={card.id} card={card} kind={kind} inGrid={inGrid} />
            ))}
          </ul>
        )}
        {isFolded && (
          <button type="button" className={styles.more} onClick={() => setOpen(true)} {...item}>
            <Trans>{n_folded} more cards</Trans>
          </button>
        )}
        {draft !== null && (
          <CardEditor
            key={draft}
            text=""
            label={t`New card: ${laneName}, ${stageName}`}
            onSave={(words, by) => {
              actions.edit({
                edit: 'add_card',
                lane,
                card: { id: newCardId(random), stage, text: words },
                before: null,
              })
              actions.announce(t`Card added: ${words}`)
              if (by === 'enter') setDraft(draft + 1)
              else setDraft(null)
            }}
            onCancel={close}
          />
        )}
        {canEdit && draft === null && (
          <button
            ref={add}
            type="button"
            className={styles.add}
            aria-label={t`Add a card: ${laneName}, ${stageName}`}
            onClick={() => setDraft(0)}
            {...item}
          >
            <Icon name="plus" size={12} />
          </button>
        )}
      </div>
    )
  },
  (before, after) =>
    before.lane === after.lane &&
    before.kind === after.kind &&
    before.laneName === after.laneName &&
    before.stage === after.stage &&
    before.stageName === after.stageName &&
    before.goal === after.goal &&
    before.inGrid === after.inGrid &&
    before.cards.length === after.cards.length &&
    before.cards.every((card, index) => card === after.cards[index]),
)

/** How a card looks: by its own colour, or else by what its lane is about. */
function lookOf(card: Card, kind: LaneKind): string {
  if (card.tone && card.tone !== 'plain') return card.tone
  if (kind === 'friction' || kind === 'opportunities') return kind
  if (kind === 'questions' || kind === 'thoughts') return 'quote'
  return kind === 'business_goal' || kind === 'customer_goal' ? 'bare' : 'plain'
}

const CardView = memo(function CardView({ card, kind, inGrid }: { card: Card; kind: LaneKind; inGrid?: boolean }) {
  const f = useFormat()
  const { t } = useLingui()
  const { actions, canEdit } = useMapActions()
  const [isEditing, setEditing] = useState(false)
  const body = useRef<HTMLButtonElement>(null)
  const text = f.say(card.text)
  const close = () => {
    setEditing(false)
    queueMicrotask(() => body.current?.focus({ preventScroll: true }))
  }
  if (isEditing)
    return (
      <li className={styles.card} data-look="editing">
        <CardEditor
          text={text}
          label={t`Text of the card`}
          onSave={(words, by) => {
            actions.edit({ edit: 'change_card', id: card.id, fields: { text: rewrite(card.text, f.lang, words) } })
            if (by === 'enter') close()
            else setEditing(false)
          }}
          onCancel={close}
        />
      </li>
    )
  const onKeyDown = (event: KeyboardEvent<HTMLButtonElement>) => {
    const ways = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down' } as const
    const way = ways[event.key as keyof typeof ways]
    if (event.altKey && way) {
      event.preventDefault()
      actions.moveCard(card.id, way)
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault()
      actions.removeCard(card.id)
    } else if (event.key === 'F2') {
      event.preventDefault()
      setEditing(true)
    }
  }
  return (
    <li
      className={styles.card}
      data-look={lookOf(card, kind)}
      data-card={card.id}
      data-drag={canEdit ? 'card' : undefined}
      data-group
    >
      {canEdit ? (
        <>
          <button
            ref={body}
            type="button"
            className={styles.body}
            aria-keyshortcuts="Enter Delete Alt+ArrowLeft Alt+ArrowRight Alt+ArrowUp Alt+ArrowDown"
            onClick={() => setEditing(true)}
            onKeyDown={onKeyDown}
            onContextMenu={(event) => {
              event.preventDefault()
              actions.openCardMenu(card.id, event.currentTarget)
            }}
            {...(inGrid ? { tabIndex: -1, 'data-item': true } : {})}
          >
            <CardText card={card} kind={kind} />
          </button>
          <button
            type="button"
            className={styles.menu}
            aria-haspopup="menu"
            aria-label={t`Menu of the card: ${text}`}
            onClick={(event) => actions.openCardMenu(card.id, event.currentTarget)}
            {...(inGrid ? { tabIndex: -1, 'data-inner': true } : {})}
          >
            <Icon name="more" size={14} />
          </button>
        </>
      ) : (
        <div className={styles.body}>
          <CardText card={card} kind={kind} />
        </div>
      )}
    </li>
  )
})

function CardText({ card, kind }: { card: Card; kind: LaneKind }) {
  const f = useFormat()
  const { t } = useLingui()
  const text = f.say(card.text)
  const isQuote = (kind === 'questions' || kind === 'thoughts') && !/^[“"‘'「『]/.test(text)
  const hasPeople = Boolean(card.owner || card.tags?.length)
  const value =
    card.value == null ? null : (
      <span className={styles.value} title={t`The team's estimate`}>
        {kind === 'opportunities' && card.value > 0 ? '+' : ''}
        {f.moneyShort(card.value)}
        <span className="sr-only">{t`, the team's estimate`}</span>
      </span>
    )
  return (
    <>
      <span className={styles.line}>
        <span className={cx(styles.text, isQuote && styles.quoted)}>{text}</span>
        {!hasPeople && !card.evidence && value}
      </span>
      {card.evidence && (
        <span className={styles.meta}>
          <span>{f.say(card.evidence)}</span>
          {!hasPeople && value}
        </span>
      )}
      {hasPeople && (
        <span className={styles.meta}>
          <span className={styles.people}>
            {card.owner && (
              <span className={styles.owner}>
                <Icon name="people" size={11} /> {card.owner}
              </span>
            )}
            {card.tags?.map((tag) => (
              <Tag key={tag}>{tag}</Tag>
            ))}
          </span>
          {value}
        </span>
      )}
    </>
  )
}
