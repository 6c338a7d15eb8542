import { Plural, Trans, useLingui } from '@lingui/react/macro'
import type { EventRule } from '~/lib/api/types'
import { type Group, groupOf, type Mode, moved, ruleOfGroup } from '~/lib/segment/form'
import type { PersonRule } from '~/lib/segment/words'
import { Button, Choice, cx, Icon, IconButton, Menu, MenuItem, MenuLine, MenuTrigger } from '~/lib/ui'
import box from '~/lib/ui/box.module.css'
import { ConditionFields } from './condition'
import { addId, menuId, type Place, placeId, placeName, selectorOf, useWriting } from './context'
import styles from './rule.module.css'
import { useTraits } from './trait-fields'

/** Groups in groups that the form opens; deeper ones it says in words. */
const DEPTH_MAX = 1

const anything: EventRule = { event: [] }

/** Conditions, and how they belong together. */
export function GroupFields({
  group,
  place,
  onChange,
}: {
  group: Group
  /** Where the group stands; the root nowhere. */
  place: Place
  onChange: (group: Group, gesture?: string) => void
}) {
  const { t } = useLingui()
  const modes: Record<Mode, string> = {
    all: t`all of these`,
    any: t`any of these`,
    none: t`none of these`,
    not_all: t`not all of these`,
  }
  return (
    <div className={styles.group}>
      <Choice
        label={place.length === 0 ? t`People belong who meet` : t`Of this group they meet`}
        value={group.mode}
        onChange={(mode) => onChange({ ...group, mode })}
        // What only YAML says still shows.
        options={(['all', 'any', 'none', ...(group.mode === 'not_all' ? (['not_all'] as const) : [])] as const).map(
          (key) => ({ key, label: modes[key] }),
        )}
      />
      {group.rules.length === 0 && (
        <p className={styles.nothing}>
          {group.mode === 'all' || group.mode === 'none' ? (
            <Trans>No condition yet: everybody belongs.</Trans>
          ) : (
            <Trans>No condition yet: nobody belongs.</Trans>
          )}
        </p>
      )}
      <ol className={styles.list}>
        {group.rules.map((rule, index) => (
          <li key={index} className={styles.item}>
            {index > 0 && <Joint mode={group.mode} />}
            <Item group={group} index={index} rule={rule} place={[...place, index]} onChange={onChange} />
          </li>
        ))}
      </ol>
      <Adding group={group} place={place} onChange={onChange} />
    </div>
  )
}

/** The word between two conditions. */
function Joint({ mode }: { mode: Mode }) {
  return (
    <span className={styles.joint}>
      {mode === 'all' || mode === 'not_all' ? <Trans>and</Trans> : <Trans>or</Trans>}
    </span>
  )
}

/** One of a group: a condition, a group of its own, or what only words can show. */
function Item({
  group,
  index,
  rule,
  place,
  onChange,
}: {
  group: Group
  index: number
  rule: PersonRule
  place: Place
  onChange: (group: Group, gesture?: string) => void
}) {
  const { t } = useLingui()
  const put = (next: PersonRule, gesture?: string) =>
    onChange({ ...group, rules: group.rules.with(index, next) }, gesture && `${placeId(place)}${gesture}`)
  const menu = <ItemMenu group={group} index={index} place={place} onChange={onChange} />
  const own = groupOf(rule)
  if (!own || place.length > DEPTH_MAX) return <ConditionFields rule={rule} place={place} onChange={put} menu={menu} />
  return (
    <fieldset
      id={placeId(place)}
      tabIndex={-1}
      className={cx(box.box, styles.nested)}
      aria-label={t`Group ${placeName(place)}`}
    >
      <div className={box.head}>
        <span className={styles.kind}>
          <Plural value={own.rules.length} one="Group of # condition" other="Group of # conditions" />
        </span>
        {menu}
      </div>
      <GroupFields group={own} place={place} onChange={(next, gesture) => put(ruleOfGroup(next), gesture)} />
    </fieldset>
  )
}

/** Moves, copies and removes one of a group. */
function ItemMenu({
  group,
  index,
  place,
  onChange,
}: {
  group: Group
  index: number
  place: Place
  onChange: (group: Group) => void
}) {
  const { t } = useLingui()
  const { words, say, removed, focusNext } = useWriting()
  const name = placeName(place)
  const within = place.slice(0, -1)
  const at = (to: number) => selectorOf(menuId([...within, to]))
  const step = (by: -1 | 1) => {
    const next = moved(group, index, by)
    if (next === group) return say(t`It cannot go further that way.`)
    focusNext(at(index + by))
    onChange(next)
    say(t`Condition moved.`)
  }
  const remove = () => {
    const rule = group.rules[index]
    const rules = group.rules.toSpliced(index, 1)
    focusNext(rules.length > 0 ? at(Math.min(index, rules.length - 1)) : selectorOf(addId(within)))
    onChange({ ...group, rules })
    removed((rule && words(rule)) || t`Condition ${name}`)
  }
  const copy = () => {
    focusNext(at(index + 1))
    onChange({
      ...group,
      rules: group.rules.toSpliced(index + 1, 0, structuredClone(group.rules[index] as PersonRule)),
    })
    say(t`Condition copied.`)
  }
  return (
    <MenuTrigger>
      <IconButton id={menuId(place)} label={t`Move, copy or remove condition ${name}`} size="s">
        <Icon name="more" />
      </IconButton>
      <Menu>
        <MenuItem icon="up" onAction={() => step(-1)}>{t`Move up`}</MenuItem>
        <MenuItem icon="down" onAction={() => step(1)}>{t`Move down`}</MenuItem>
        <MenuItem icon="copy" onAction={copy}>{t`Duplicate`}</MenuItem>
        <MenuLine />
        <MenuItem icon="trash" danger onAction={remove}>
          {t`Remove`}
        </MenuItem>
      </Menu>
    </MenuTrigger>
  )
}

/** What can be added to a group; focus follows into it. */
function Adding({ group, place, onChange }: { group: Group; place: Place; onChange: (group: Group) => void }) {
  const { focusNext } = useWriting()
  const traits = useTraits()
  const add = (rule: PersonRule) => {
    focusNext(`${selectorOf(placeId([...place, group.rules.length]))} [data-body] :is(input, button)`)
    onChange({ ...group, rules: [...group.rules, rule] })
  }
  return (
    <div className={styles.adding}>
      <Button
        id={addId(place)}
        size="s"
        variant={group.rules.length === 0 ? 'plain' : 'quiet'}
        onPress={() => add({ did: { when: anything, at_least: 1 } })}
      >
        <Icon name="plus" size={12} />
        <Trans>What people did</Trans>
      </Button>
      <Button
        size="s"
        variant={group.rules.length === 0 ? 'plain' : 'quiet'}
        onPress={() => add({ trait: { property: traits?.[0]?.key ?? '' } })}
      >
        <Icon name="plus" size={12} />
        <Trans>Trait</Trans>
      </Button>
      {place.length < DEPTH_MAX && (
        <Button size="s" variant="quiet" onPress={() => add({ any: [{ did: { when: anything, at_least: 1 } }] })}>
          <Icon name="plus" size={12} />
          <Trans>Group of conditions</Trans>
        </Button>
      )}
    </div>
  )
}
