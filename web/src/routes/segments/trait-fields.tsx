import { useLingui } from '@lingui/react/macro'
import { type KnownProperty, propertiesOf } from '~/lib/journey/rule'
import type { Filter } from '~/lib/journey/types'
import { useEvents } from '../journey-editor/context'
import { FilterFields } from '../journey-editor/rule-fields'

/** The event that tells the traits of people, as the server knows it. */
const IDENTIFY = 'identify'

/** The traits that came in, most told first; `null` until the catalogue is known. */
export function useTraits(): KnownProperty[] | null {
  const events = useEvents()
  const identify = events?.get(IDENTIFY)
  return events && propertiesOf(identify ? [identify] : [])
}

/** A test on the latest value of a trait. */
export function TraitFields({
  filter,
  onChange,
}: {
  filter: Filter
  onChange: (filter: Filter, gesture?: string) => void
}) {
  const { t } = useLingui()
  return <FilterFields filter={filter} properties={useTraits() ?? []} label={t`Trait`} onChange={onChange} />
}
