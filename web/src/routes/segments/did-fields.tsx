import { Trans, useLingui } from '@lingui/react/macro'
import { Button as AriaButton } from 'react-aria-components'
import type { Days } from '~/lib/api/types'
import { presetDays } from '~/lib/period'
import {
  type Condition,
  type Did,
  OFTEN,
  type Often,
  oftenOf,
  type Span,
  spanOf,
  timesOf,
  withOften,
  withSpan,
  withTimes,
} from '~/lib/segment/form'
import { cx, DaysCalendar, DaysText, Icon, OverlayTrigger, Popover, Select, useDataDays } from '~/lib/ui'
import field from '~/lib/ui/field.module.css'
import select from '~/lib/ui/select.module.css'
import { DurationField, NumberText } from '../journey-editor/inputs'
import { RuleFields } from '../journey-editor/rule-fields'
import styles from './rule.module.css'

const LAST_USUAL = '30d'

/** What people did: which events, how often and when. */
export function DidFields({
  negated,
  of,
  onChange,
}: {
  negated: boolean
  of: { did: Did }
  onChange: (condition: Condition, gesture?: string) => void
}) {
  const { did } = of
  const put = (next: Did, gesture?: string) => onChange({ negated, of: { did: next } }, gesture)
  return (
    <>
      <RuleFields rule={did.when} onChange={(when, gesture) => put({ ...did, when }, gesture)} />
      <div className={styles.times}>
        <HowOften negated={negated} of={of} onChange={onChange} />
        <When did={did} onChange={put} />
      </div>
    </>
  )
}

function HowOften({
  negated,
  of,
  onChange,
}: {
  negated: boolean
  of: { did: Did }
  onChange: (condition: Condition, gesture?: string) => void
}) {
  const { t } = useLingui()
  const { did } = of
  const often = oftenOf(did, negated)
  const { least, most } = timesOf(did)
  const words: Record<Often, string> = {
    at_least: t`at least`,
    exactly: t`exactly`,
    at_most: t`at most`,
    between: t`between`,
    never: t`not once`,
  }
  const put = (times: { least: number; most: number | null }, gesture: string) =>
    onChange({ negated, of: { did: withTimes(did, times) } }, gesture)
  return (
    <div className={styles.often}>
      <Select
        label={t`How often`}
        hideLabel
        value={often}
        onChange={(key) => onChange(withOften({ negated, of }, key as Often))}
        options={OFTEN.map((key) => ({ key, label: words[key] }))}
      />
      {(often === 'at_least' || often === 'between') && (
        <NumberText
          label={often === 'between' ? t`Least often` : t`Times`}
          hideLabel
          least={1}
          value={least}
          // The other end gives way.
          onChange={(n) => n !== null && put({ least: n, most: most === null ? null : Math.max(n, most) }, 'least')}
        />
      )}
      {often === 'between' && <span aria-hidden="true">–</span>}
      {(often === 'at_most' || often === 'between') && (
        <NumberText
          label={often === 'between' ? t`Most often` : t`Times`}
          hideLabel
          least={often === 'between' ? least : 0}
          value={most}
          onChange={(n) => n !== null && put({ least, most: n }, 'most')}
        />
      )}
      {often === 'exactly' && (
        <NumberText
          label={t`Times`}
          hideLabel
          least={1}
          value={least}
          onChange={(n) => n !== null && put({ least: n, most: n }, 'exactly')}
        />
      )}
      {often !== 'never' && (
        <span className={styles.unit}>
          <Trans>times</Trans>
        </span>
      )}
    </div>
  )
}

function When({ did, onChange }: { did: Did; onChange: (did: Did, gesture?: string) => void }) {
  const { t } = useLingui()
  const { anchor, first } = useDataDays()
  const span = spanOf(did)
  const to: Record<Span, () => Did> = {
    ever: () => withSpan(did, null),
    last: () => withSpan(did, { last: LAST_USUAL }),
    days: () => withSpan(did, { period: presetDays(LAST_USUAL, anchor, first) }),
  }
  return (
    <div className={styles.span}>
      <Select
        label={t`When`}
        hideLabel
        value={span}
        onChange={(key) => onChange(to[key as Span]())}
        options={[
          { key: 'ever', label: t`at any time` },
          { key: 'last', label: t`in the last …` },
          { key: 'days', label: t`on these days` },
        ]}
      />
      {span === 'last' && (
        <DurationField
          label={t`How long`}
          hideLabel
          value={did.last}
          // Without a length there is no such condition: it stays until another is typed.
          onChange={(last) => last && onChange(withSpan(did, { last }), 'last')}
        />
      )}
      {span === 'days' && did.period && (
        <DaysButton days={did.period} onChange={(period) => onChange(withSpan(did, { period }))} />
      )}
    </div>
  )
}

/** Some days, and a calendar to choose others. */
function DaysButton({ days, onChange }: { days: Days; onChange: (days: Days) => void }) {
  const { t } = useLingui()
  return (
    <OverlayTrigger>
      <AriaButton className={cx(field.input, select.trigger)}>
        <span>
          <DaysText days={days} />
        </span>
        <Icon name="calendar" />
      </AriaButton>
      <Popover label={t`On which days`} className={styles.calendar} placement="bottom start">
        {(close) => (
          <DaysCalendar
            label={t`On which days`}
            days={days}
            onChange={(next) => {
              onChange(next)
              close()
            }}
          />
        )}
      </Popover>
    </OverlayTrigger>
  )
}
