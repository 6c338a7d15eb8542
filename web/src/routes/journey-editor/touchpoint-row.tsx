import { Plural, Trans, useLingui } from '@lingui/react/macro'
import type { KeyboardEvent } from 'react'
import { changeRules, changeTouchpoint, placeTouchpoint, removeTouchpoint, stepTouchpoint } from '~/lib/journey/draft'
import { eventsOf, rulesOf } from '~/lib/journey/rule'
import type { Touchpoint } from '~/lib/journey/types'
import {
  Button,
  ChannelMark,
  Checkbox,
  Combo,
  channelColor,
  Icon,
  IconButton,
  isComposing,
  Menu,
  MenuItem,
  MenuLine,
  MenuTrigger,
  Problems,
  Select,
  Tag,
  WordsField,
} from '~/lib/ui'
import box from '~/lib/ui/box.module.css'
import { useFormat } from '~/lib/use-format'
import { useEditing } from './context'
import form from './form.module.css'
import { DurationField } from './inputs'
import ruleStyles from './rule.module.css'
import { channelsOf, EventVolume, RuleFields } from './rule-fields'
import styles from './touchpoint.module.css'

export const touchpointId = (key: string) => `touchpoint-${key}`

/** A touchpoint in one line; open, everything that can be said of it. */
export function TouchpointRow({ touchpoint, at, index }: { touchpoint: Touchpoint; at: number; index: number }) {
  const f = useFormat()
  const { t } = useLingui()
  const { body, set, remove, problems, opened, toggle, say, focusNext } = useEditing()
  const anchor = `touchpoint:${touchpoint.key}`
  const own = problems.filter((problem) => problem.anchor === anchor)
  const isOpen = opened.has(anchor)
  const name = f.say(touchpoint.name)
  const events = eventsOf(touchpoint)
  const n_conditions = rulesOf(touchpoint).reduce(
    (n, rule) => n + (rule.where?.length ?? 0) + (rule.channel ? 1 : 0),
    0,
  )
  const selector = `#${CSS.escape(touchpointId(touchpoint.key))}`
  const step = (by: -1 | 1) => {
    const moved = stepTouchpoint(body, at, index, by)
    if (moved === body) return say(t`It cannot go further that way.`)
    focusNext(selector)
    set((now) => stepTouchpoint(now, at, index, by))
    say(t`Touchpoint moved.`)
  }
  const all = body.stages[at]?.touchpoints ?? []
  const beside = all[index + 1] ?? all[index - 1]
  const stage = body.stages[at]?.key ?? ''
  const neighbour = beside ? `#${CSS.escape(touchpointId(beside.key))}` : `#${CSS.escape(`add-${stage}`)}`
  const onKey = (event: KeyboardEvent) => {
    if (!event.altKey || isComposing(event) || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    step(event.key === 'ArrowUp' ? -1 : 1)
  }
  return (
    <li className={styles.touchpoint} data-open={isOpen || undefined} data-bad={own.length > 0 || undefined}>
      <div className={styles.touchHead}>
        <button
          id={touchpointId(touchpoint.key)}
          type="button"
          className={styles.touchToggle}
          aria-expanded={isOpen}
          onClick={() => toggle(anchor)}
          onKeyDown={onKey}
          aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
        >
          <Icon name={isOpen ? 'down' : 'right'} size={12} />
          <span className={styles.touchName}>
            {touchpoint.channel && <ChannelMark color={channelColor(touchpoint.channel)} />}
            {name || touchpoint.key}
          </span>
          <span className={styles.touchEvents}>
            {events.slice(0, 3).map((event) => (
              <span key={event} className={styles.touchEvent}>
                {event} <EventVolume name={event} />
              </span>
            ))}
            {events.length > 3 && <span>+{events.length - 3}</span>}
            {events.length === 0 && (
              <span className={ruleStyles.never}>
                <Trans>no event yet</Trans>
              </span>
            )}
            {n_conditions > 0 && <Plural value={n_conditions} one="# condition" other="# conditions" />}
          </span>
          {touchpoint.enters === false && (
            <Tag>
              <Trans>does not enter</Trans>
            </Tag>
          )}
          {own.length > 0 && (
            <Tag tone="bad">
              <Trans>to mend</Trans>
            </Tag>
          )}
        </button>
        <MenuTrigger>
          <IconButton label={t`Move or remove ${name}`} size="s">
            <Icon name="more" />
          </IconButton>
          <Menu>
            <MenuItem icon="up" onAction={() => step(-1)}>{t`Move up`}</MenuItem>
            <MenuItem icon="down" onAction={() => step(1)}>{t`Move down`}</MenuItem>
            <MenuLine />
            {body.stages
              .map((stage, to) => ({ stage, to }))
              .filter(({ to }) => to !== at)
              .map(({ stage, to }) => {
                const to_name = f.say(stage.name)
                return (
                  <MenuItem
                    key={stage.key}
                    icon="right"
                    onAction={() => {
                      focusNext(selector)
                      set((now) => placeTouchpoint(now, at, index, to))
                    }}
                  >
                    {t`To the stage ${to_name}`}
                  </MenuItem>
                )
              })}
            <MenuLine />
            <MenuItem
              icon="trash"
              danger
              onAction={() => remove((now) => removeTouchpoint(now, at, index), name, neighbour)}
            >
              {t`Remove`}
            </MenuItem>
          </Menu>
        </MenuTrigger>
      </div>
      {isOpen && (
        <div className={styles.touchBody}>
          {own.length > 0 && <Problems problems={own} />}
          <TouchpointFields touchpoint={touchpoint} at={at} index={index} />
        </div>
      )}
    </li>
  )
}

function TouchpointFields({ touchpoint, at, index }: { touchpoint: Touchpoint; at: number; index: number }) {
  const f = useFormat()
  const { t } = useLingui()
  const { body, set, events } = useEditing()
  const rules = rulesOf(touchpoint)
  const gesture = `t:${touchpoint.key}:`
  const put = (fields: Partial<Touchpoint>, of?: string) =>
    set((now) => changeTouchpoint(now, at, index, fields), of && gesture + of)
  const earlier = body.stages.slice(0, at + 1)
  return (
    <>
      <div className={form.pair}>
        <WordsField
          label={t`Name of the touchpoint`}
          text={touchpoint.name}
          onChange={(name) => put({ name }, 'name')}
        />
        <Combo
          label={t`Drawn in the channel`}
          value={touchpoint.channel ?? ''}
          allowsCustom
          placeholder={t`the one its events come by`}
          options={channelsOf(events).map((channel) => ({ key: channel, label: channel }))}
          onChange={(channel) => put({ channel: channel.trim() === '' ? undefined : channel }, 'channel')}
        />
      </div>
      {rules.map((rule, place) => (
        <div key={place} className={box.box}>
          {rules.length > 1 && (
            <div className={box.head}>
              <span className="soft small">{place === 0 ? t`When this happens` : t`or when this happens`}</span>
              <IconButton
                label={t`Remove this alternative`}
                size="s"
                onPress={() => set((now) => changeRules(now, at, index, rules.toSpliced(place, 1)))}
              >
                <Icon name="close" size={12} />
              </IconButton>
            </div>
          )}
          <RuleFields
            rule={rule}
            onChange={(next, of) =>
              set((now) => changeRules(now, at, index, rules.with(place, next)), of && `${gesture}${place}${of}`)
            }
          />
        </div>
      ))}
      <div>
        <Button
          size="s"
          variant="quiet"
          onPress={() => set((now) => changeRules(now, at, index, [...rules, { event: [] }]))}
        >
          <Icon name="plus" size={12} />
          <Trans>Or other events with other conditions</Trans>
        </Button>
      </div>
      <Checkbox
        isSelected={touchpoint.enters !== false}
        onChange={(enters) => put({ enters: enters ? undefined : false })}
        hint={t`Off: it is counted here, but people who only touch it stay in the stage they are in.`}
      >
        <Trans>Touching it enters the stage</Trans>
      </Checkbox>
      <div className={form.pair}>
        <Select
          label={t`Counts only after`}
          value={touchpoint.after ?? ''}
          onChange={(after) => put(after === '' ? { after: undefined, within: undefined } : { after })}
          options={[
            { key: '', label: t`at any time` },
            ...earlier.map((stage) => {
              const stageName = f.say(stage.name)
              return { key: stage.key, label: t`a touch in ${stageName} or later` }
            }),
          ]}
        />
        {touchpoint.after && (
          <DurationField
            label={t`within`}
            value={touchpoint.within}
            placeholder={t`any time`}
            onChange={(within) => put({ within }, 'within')}
          />
        )}
      </div>
    </>
  )
}
