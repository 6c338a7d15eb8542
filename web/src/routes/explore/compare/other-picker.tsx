import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { groupList } from '~/lib/api/queries'
import { EVERYBODY } from '~/lib/explore/compare'
import { Chip, Menu, MenuItem, MenuTrigger, SegmentRule } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'

/** The chip for the people of the other side. */
export function OtherPicker({
  value,
  onChange,
}: {
  value: string | undefined
  onChange: (value: string | undefined) => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const groups = useQuery(groupList).data ?? []
  const options = groups.map((group) => ({
    key: `${group.kind === 'persona' ? 'p' : 's'}:${group.key}`,
    name: f.say(group.name),
    size: group.n_people,
    detail: group.kind === 'segment' && <SegmentRule segment={group.key} />,
  }))
  const chosen = options.find((option) => option.key === value)
  return (
    <MenuTrigger>
      <Chip label={<Trans>Against</Trans>}>
        {value === undefined
          ? t`the same people`
          : value === EVERYBODY
            ? t`Everybody`
            : (chosen?.name ?? value.slice(2))}
      </Chip>
      <Menu
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[value ?? 'same']}
        onSelectionChange={(keys) => {
          const [key] = keys
          onChange(key === undefined || key === 'same' ? undefined : String(key))
        }}
      >
        <MenuItem id="same">{t`the same people`}</MenuItem>
        <MenuItem id={EVERYBODY}>{t`Everybody`}</MenuItem>
        {options.map((option) => (
          <MenuItem
            key={option.key}
            id={option.key}
            textValue={option.name}
            note={option.size == null ? '' : f.whole(option.size)}
            detail={option.detail}
          >
            {option.name}
          </MenuItem>
        ))}
      </Menu>
    </MenuTrigger>
  )
}
