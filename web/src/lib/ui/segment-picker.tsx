import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { groupList } from '../api/queries'
import type { Choice } from '../api/types'
import { useFormat } from '../use-format'
import { Chip } from './chip'
import { Menu, MenuItem, MenuLine, MenuTrigger } from './menu'
import { SegmentRule } from './segment-rule'

export interface GroupPickerProps {
  /** Key of the chosen group; `undefined` is everybody. */
  value: string | undefined
  onChange: (key: string | undefined) => void
  /** Groups with their sizes, where the page knows them; otherwise all of the workspace are offered. */
  choices?: Choice[]
  label?: string
}

// No keys of groups: these have letters and digits.
const EVERYBODY = '*'
const ALL_SEGMENTS = '…'

function GroupPicker({ kind, value, onChange, choices, label }: GroupPickerProps & { kind: 'segment' | 'persona' }) {
  const f = useFormat()
  const { t } = useLingui()
  const { data } = useQuery({ ...groupList, enabled: choices === undefined })
  const groups = choices ?? (data ?? []).filter((group) => group.kind === kind)
  const options = groups.map((group) => ({ key: group.key, name: f.say(group.name), size: group.n_people }))
  const chosen = options.find((option) => option.key === value)
  const sizeOf = (size: number | null | undefined) => (size == null ? undefined : f.whole(size))
  return (
    <MenuTrigger>
      <Chip
        label={label ?? (kind === 'segment' ? <Trans>Segment</Trans> : <Trans>Persona</Trans>)}
        note={sizeOf(chosen?.size)}
      >
        {value === undefined ? t`Everybody` : (chosen?.name ?? value)}
      </Chip>
      <Menu
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[value ?? EVERYBODY]}
        onSelectionChange={(keys) => {
          const [key] = keys
          onChange(key === undefined || key === EVERYBODY ? undefined : String(key))
        }}
      >
        <MenuItem id={EVERYBODY}>{t`Everybody`}</MenuItem>
        {options.map((option) => (
          <MenuItem
            key={option.key}
            id={option.key}
            textValue={option.name}
            note={sizeOf(option.size)}
            detail={kind === 'segment' && <SegmentRule segment={option.key} />}
          >
            {option.name}
          </MenuItem>
        ))}
        {kind === 'segment' && <MenuLine />}
        {kind === 'segment' && <MenuItem id={ALL_SEGMENTS} href="/segments">{t`All segments…`}</MenuItem>}
      </Menu>
    </MenuTrigger>
  )
}

/** The segment chip of the page head: whose numbers these are. */
export const SegmentPicker = (props: GroupPickerProps) => <GroupPicker kind="segment" {...props} />

/** The persona chip of the page head. */
export const PersonaPicker = (props: GroupPickerProps) => <GroupPicker kind="persona" {...props} />
