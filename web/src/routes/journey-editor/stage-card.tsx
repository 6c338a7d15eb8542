import { Plural, Trans, useLingui } from '@lingui/react/macro'
import type { KeyboardEvent } from 'react'
import { orNone } from '~/lib/draft'
import {
  addTouchpoint,
  changeStage,
  conversionOf,
  countTouchpoints,
  moveStage,
  removeStage,
  TOUCHPOINTS_MAX,
  withGoal,
} from '~/lib/journey/draft'
import type { Stage } from '~/lib/journey/types'
import { cx, Icon, IconButton, isComposing, Problems, Select, Tag, WordsField } from '~/lib/ui'
import box from '~/lib/ui/box.module.css'
import { useFormat } from '~/lib/use-format'
import { stageColor } from '../journeys/stage-color'
import { useEditing } from './context'
import { EventPicker } from './event-picker'
import { Fold } from './fold'
import form from './form.module.css'
import { DurationField, TokenField } from './inputs'
import styles from './stage.module.css'
import { TouchpointRow, touchpointId } from './touchpoint-row'

export const stageId = (key: string) => `stage-${key}`

/** A stage: its name, its touchpoints, and folded away what is wanted of it. */
export function StageCard({ stage, at }: { stage: Stage; at: number }) {
  const f = useFormat()
  const { t } = useLingui()
  const { body, set, remove, events, problems, counted, isStale, say, focusNext, opened, toggle } = useEditing()
  const anchor = `stage:${stage.key}`
  const own = problems.filter((problem) => problem.anchor === anchor)
  const name = f.say(stage.name) || stage.key
  const count = counted?.get(stage.key)
  const isConversion = conversionOf(body) === stage.key
  const move = (by: -1 | 1) => {
    const to = at + by
    if (to < 0 || to >= body.stages.length) return say(t`It cannot go further that way.`)
    const way = by === -1 ? 'up' : 'down'
    const isEdge = by === -1 ? to === 0 : to === body.stages.length - 1
    // At the edge the pressed button is off: focus goes to the other one.
    const button = isEdge ? (way === 'up' ? 'down' : 'up') : way
    focusNext(`#${CSS.escape(stageId(stage.key))} [data-move=${button}]`)
    set((now) => moveStage(now, at, by))
    const place = to + 1
    say(t`${name} is now stage ${place}.`)
  }
  const beside = body.stages[at + 1] ?? body.stages[at - 1]
  const neighbour = `#${CSS.escape(stageId(beside?.key ?? ''))} [data-move]:not([disabled])`
  const onKey = (event: KeyboardEvent) => {
    if (!event.altKey || isComposing(event) || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    move(event.key === 'ArrowUp' ? -1 : 1)
  }
  return (
    <li
      id={stageId(stage.key)}
      className={cx('card', box.card, styles.stage)}
      style={{ '--stage': stageColor(at, body.stages.length) } as React.CSSProperties}
    >
      <div className={styles.stageHead}>
        <span className={styles.stageNumber}>{at + 1}</span>
        <h2 className={styles.stageName}>{name}</h2>
        {isConversion && (
          <Tag tone="real">
            <Trans>conversion</Trans>
          </Tag>
        )}
        {count && (
          <span className={styles.count} data-stale={isStale || undefined}>
            <Plural value={count.entered} one="# person entered" other="# people entered" />
          </span>
        )}
        <span className={styles.stageTools}>
          <IconButton
            label={t`Move ${name} up`}
            size="s"
            data-move="up"
            isDisabled={at === 0}
            onPress={() => move(-1)}
            onKeyDown={onKey}
          >
            <Icon name="up" />
          </IconButton>
          <IconButton
            label={t`Move ${name} down`}
            size="s"
            data-move="down"
            isDisabled={at === body.stages.length - 1}
            onPress={() => move(1)}
            onKeyDown={onKey}
          >
            <Icon name="down" />
          </IconButton>
          <IconButton
            label={t`Remove the stage ${name}`}
            size="s"
            isDisabled={body.stages.length === 1}
            onPress={() => remove((now) => removeStage(now, at), name, neighbour)}
          >
            <Icon name="trash" />
          </IconButton>
        </span>
      </div>
      {own.length > 0 && <Problems problems={own} />}
      <StageName stage={stage} at={at} />
      <div>
        <h3 className={styles.subhead}>
          <Trans>Touchpoints</Trans>
        </h3>
        {(stage.touchpoints?.length ?? 0) > 0 && (
          <ul className={styles.touchpoints}>
            {stage.touchpoints?.map((touchpoint, index) => (
              <TouchpointRow key={touchpoint.key} touchpoint={touchpoint} at={at} index={index} />
            ))}
          </ul>
        )}
        {(stage.touchpoints?.length ?? 0) === 0 && (
          <p className="soft small">
            {stage.after_silence ? (
              <Trans>People come here by silence alone.</Trans>
            ) : (
              <Trans>Which events show that somebody is here? Without one nobody enters.</Trans>
            )}
          </p>
        )}
        {countTouchpoints(body) < TOUCHPOINTS_MAX ? (
          <EventPicker
            id={`add-${stage.key}`}
            label={t`Touchpoint`}
            events={events}
            picked={[]}
            closes
            onPick={(event) => {
              const next = addTouchpoint(body, at, event)
              const added = next.stages[at]?.touchpoints?.at(-1)
              set(() => next)
              if (!added) return
              toggle(`touchpoint:${added.key}`, true)
              focusNext(`#${CSS.escape(touchpointId(added.key))}`)
              say(t`Touchpoint added.`)
            }}
          />
        ) : (
          <p className="soft small">
            <Trans>A journey has at most {TOUCHPOINTS_MAX} touchpoints.</Trans>
          </p>
        )}
      </div>
      <Fold
        title={t`Goals, silence and KPIs`}
        note={<StageSummary stage={stage} />}
        isOpen={opened.has(anchor)}
        onToggle={() => toggle(anchor)}
      >
        <StageFields stage={stage} at={at} />
      </Fold>
    </li>
  )
}

function StageName({ stage, at }: { stage: Stage; at: number }) {
  const { t } = useLingui()
  const { set } = useEditing()
  return (
    <WordsField
      label={t`Name of the stage`}
      sideBySide
      text={stage.name}
      onChange={(name) => set((now) => changeStage(now, at, { name }), `s:${stage.key}:name`)}
    />
  )
}

/** What the fold holds, in a line. */
function StageSummary({ stage }: { stage: Stage }) {
  const f = useFormat()
  const parts = [f.say(stage.goal?.customer), f.say(stage.goal?.business), stage.after_silence, ...(stage.kpis ?? [])]
  return <>{parts.filter(Boolean).join(' · ')}</>
}

function StageFields({ stage, at }: { stage: Stage; at: number }) {
  const { t } = useLingui()
  const { set, metrics, journeys } = useEditing()
  const put = (fields: Partial<Stage>, of?: string) =>
    set((now) => changeStage(now, at, fields), of && `s:${stage.key}:${of}`)
  const kpis = stage.kpis ?? []
  return (
    <>
      <div className={form.pair}>
        <WordsField
          label={t`What the customer wants`}
          text={stage.goal?.customer}
          onChange={(text) => put({ goal: withGoal(stage.goal, 'customer', orNone(text)) }, 'customer')}
        />
        <WordsField
          label={t`What the business wants`}
          text={stage.goal?.business}
          onChange={(text) => put({ goal: withGoal(stage.goal, 'business', orNone(text)) }, 'business')}
        />
      </div>
      <div className={form.pair}>
        <DurationField
          label={t`Entered by silence of`}
          value={stage.after_silence}
          placeholder={t`never`}
          hint={t`People who touch nothing for so long come here by themselves, such as “lapsed after 60 days”.`}
          onChange={(after_silence) => put({ after_silence }, 'silence')}
        />
        {(journeys.length > 0 || stage.opens) && (
          <Select
            label={t`Opens the journey`}
            value={stage.opens ?? ''}
            onChange={(key) => put({ opens: key === '' ? undefined : key })}
            options={[{ key: '', label: t`none` }, ...options(journeys, stage.opens)]}
          />
        )}
      </div>
      {metrics.length > 0 || kpis.length > 0 ? (
        <TokenField
          label={t`KPIs shown in this stage`}
          values={kpis}
          placeholder={t`Choose a metric`}
          nameOf={(key) => metrics.find((metric) => metric.key === key)?.name ?? key}
          options={metrics.map((metric) => ({ key: metric.key, label: metric.name, note: metric.key }))}
          onlyListed
          onAdd={(key) => {
            put({ kpis: [...kpis, key] })
            return true
          }}
          onRemove={(index) => put({ kpis: kpis.length === 1 ? undefined : kpis.toSpliced(index, 1) })}
        />
      ) : (
        <p className="soft small">
          <Trans>No metrics are defined yet. Define one in YAML to show it as a KPI.</Trans>
        </p>
      )}
    </>
  )
}

/** Choices with the one in force, known or not. */
function options(choices: { key: string; name: string }[], now: string | null | undefined) {
  const known = choices.map((choice) => ({ key: choice.key, label: choice.name }))
  return now && !known.some((choice) => choice.key === now) ? [...known, { key: now, label: now }] : known
}
