import { useLingui } from '@lingui/react/macro'

/** Short names of the reasons for which events are refused; a reason this page does not know keeps its code. */
export function useReasonName(): (code: string) => string {
  const { t } = useLingui()
  const names: Record<string, string> = {
    'event.no_person': t`Nobody named`,
    'event.json': t`Not JSON`,
    'event.encoding': t`Not UTF-8`,
    'event.too_large': t`Too large`,
    'event.too_deep': t`Nested too deep`,
    'event.not_object': t`Not an object`,
    'event.no_type': t`No type`,
    'event.unknown_type': t`Unknown type`,
    'event.no_name': t`No event name`,
    'event.name_too_long': t`Name too long`,
    'event.field_type': t`Field of the wrong kind`,
    'event.no_previous_id': t`Alias without a previous identifier`,
    'event.id_too_long': t`Identifier too long`,
    'event.half_character': t`Half a character`,
    'event.time': t`Time that cannot be read`,
    'event.time_range': t`Time out of range`,
    'event.amount': t`Amount that is no number`,
    'event.amount_range': t`Amount too large`,
    'event.key_too_long': t`Property name too long`,
    'event.too_many_names': t`Too many event names`,
    'event.too_many_channels': t`Too many channels`,
    'batch.json': t`Body broken off`,
    'batch.no_events': t`Body without events`,
    'dead_letter.cut': t`Only its beginning was kept`,
  }
  return (code) => names[code] ?? code
}
