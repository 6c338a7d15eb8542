import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { documentList } from '../api/queries'
import type { Choice } from '../api/types'
import { useFormat } from '../use-format'
import { Chip } from './chip'
import { Menu, MenuItem, MenuTrigger } from './menu'

export interface SegmentPickerProps {
  segment: string | undefined
  onChange: (segment: string | undefined) => void
  /** Segments with their sizes, where the page knows them; otherwise all of the workspace are offered. */
  choices?: Choice[]
  label?: string
}

const EVERYBODY = '*'

/** The segment chip of the page head: whose numbers these are. */
export function SegmentPicker({ segment, onChange, choices, label }: SegmentPickerProps) {
  const f = useFormat()
  const { t } = useLingui()
  const { data } = useQuery({ ...documentList('segment'), enabled: choices === undefined })
  const options: { key: string; name: string; size?: number }[] = choices
    ? choices.map((choice) => ({ key: choice.key, name: f.say(choice.name), size: choice.n_people }))
    : (data ?? []).map(({ body }) => ({ key: body.key, name: f.say(body.name) || body.key }))
  const chosen = options.find((option) => option.key === segment)
  return (
    <MenuTrigger>
      <Chip label={label ?? <Trans>Who</Trans>} note={chosen?.size !== undefined ? f.whole(chosen.size) : undefined}>
        {segment === undefined ? t`Everybody` : (chosen?.name ?? segment)}
      </Chip>
      <Menu
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[segment ?? EVERYBODY]}
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
            note={option.size !== undefined && f.whole(option.size)}
          >
            {option.name}
          </MenuItem>
        ))}
      </Menu>
    </MenuTrigger>
  )
}
