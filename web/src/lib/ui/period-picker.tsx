import { plural } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import { Button as AriaButton, DialogTrigger } from 'react-aria-components'
import { useDataRange, useWorkspace } from '../api/queries'
import type { Compare, Scope } from '../api/types'
import { readDuration } from '../journey/duration'
import {
  askedPeriod,
  calendarDayOf,
  type Days,
  DEFAULT_PRESET,
  daysOf,
  lastDays,
  nDays,
  type PeriodName,
  presets,
  previousDays,
  resolveView,
  today,
  type ViewSearch,
  viewOfPeriod,
} from '../period'
import { useFormat } from '../use-format'
import { Button } from './button'
import { Chip } from './chip'
import { cx } from './class-names'
import { DaysCalendar, DaysText } from './days-calendar'
import { Choice } from './field'
import { Icon } from './icon'
import { Popover } from './overlay'
import styles from './period-picker.module.css'

/** The last and the first day that count, in the workspace's zone; today while nothing is known. */
export function useDataDays(): { anchor: string; first: string; isKnown: boolean } {
  const { zone } = useWorkspace()
  const range = useDataRange()
  const now = today(zone, Date.now())
  if (!range) return { anchor: now, first: now, isKnown: range === null }
  const last = calendarDayOf(range.last_us, zone)
  return { anchor: last < now ? last : now, first: calendarDayOf(range.first_us, zone), isKnown: true }
}

/**
 * What a page's URL asks: the scope and the comparison of its questions, and the days these are now. `null` until the data's
 * range is known.
 */
export function useScope(view: ViewSearch): { scope: Scope; compare: Compare; days: Days; before: Days | null } | null {
  const { anchor, first, isKnown } = useDataDays()
  if (!isKnown && !view.from) return null
  const { now, before } = resolveView(view, anchor, first)
  const group = {
    ...(view.segment ? { segment: view.segment } : {}),
    ...(view.persona ? { persona: view.persona } : {}),
  }
  return {
    scope: { ...askedPeriod(view, now), ...group },
    compare:
      before === null ? 'nothing' : view.compare === 'custom' ? { scope: { period: before, ...group } } : 'previous',
    days: now,
    before,
  }
}

/** Tells the days of a scope. */
export function useScopeDays() {
  const { anchor, first } = useDataDays()
  return (scope: Scope): Days => daysOf(scope, anchor, first)
}

/** What the period of a scope is called: by its name where it moves with the data, by its days else. */
export function usePeriodText(): (scope: Scope) => string {
  const f = useFormat()
  const { t } = useLingui()
  const name = usePeriodName()
  return (scope) => {
    const { period, from, to } = viewOfPeriod(scope)
    if (from && to) return `${f.calendarDay(from)} – ${f.calendarDay(to)}`
    const isWhole = scope.last == null || lastDays(period) !== null
    // Conditions of segments know hours too.
    return isWhole ? name(period) : t`Last ${f.duration((readDuration(scope.last ?? '') ?? 0) * 1_000_000)}`
  }
}

/** The name of a period that moves with the data. */
function usePeriodName(): (period: PeriodName | undefined) => string {
  const { t } = useLingui()
  const names = {
    month: t`This month`,
    'last-month': t`Last month`,
    quarter: t`This quarter`,
    year: t`This year`,
    all: t`All time`,
  }
  return (period = DEFAULT_PRESET) => {
    const n = lastDays(period)
    return n === null ? names[period as keyof typeof names] : t`${plural(n, { one: 'Last day', other: 'Last # days' })}`
  }
}

export interface PeriodPickerProps {
  view: ViewSearch
  /** Receives the whole new view; keys to be removed from the URL are `undefined`. */
  onChange: (view: ViewSearch) => void
  /** Leaves out the comparison. */
  noCompare?: boolean
}

/** The period chip of the page head: presets, own days, and what to compare with. */
export function PeriodPicker({ view, onChange, noCompare }: PeriodPickerProps) {
  const f = useFormat()
  const name = usePeriodName()
  const { anchor, first } = useDataDays()
  const { now, before } = resolveView(view, anchor, first)
  const label = view.from ? <DaysText days={now} /> : name(view.period)
  return (
    <DialogTrigger>
      <Chip
        label={<Trans>Period</Trans>}
        note={
          !noCompare && before
            ? `↔ ${f.calendarDay(before.from, false)} – ${f.calendarDay(before.to, false)}`
            : undefined
        }
      >
        {label}
      </Chip>
      <Popover label={name(view.period)} placement="bottom end" className={styles.popover}>
        {(close) => <Panel view={view} onChange={onChange} noCompare={noCompare} close={close} />}
      </Popover>
    </DialogTrigger>
  )
}

function Panel({ view, onChange, noCompare, close }: PeriodPickerProps & { close: () => void }) {
  const { t } = useLingui()
  const name = usePeriodName()
  const { anchor, first } = useDataDays()
  const { now, before } = resolveView(view, anchor, first)
  const [picking, setPicking] = useState<'now' | 'before'>('now')
  const days = picking === 'now' ? now : (before ?? previousDays(now))
  const compare = view.compare ?? 'previous'
  const pick = (picked: Days) => {
    if (picking === 'now') onChange({ ...view, period: undefined, from: picked.from, to: picked.to })
    else onChange({ ...view, compare: 'custom', compare_from: picked.from, compare_to: picked.to })
  }
  return (
    <div className={styles.panel}>
      <ul className={styles.presets} aria-label={t`Periods`}>
        {presets.map((preset) => {
          const isOn = !view.from && (view.period ?? DEFAULT_PRESET) === preset
          return (
            <li key={preset}>
              <AriaButton
                className={cx(styles.preset, isOn && styles.on)}
                onPress={() => {
                  onChange({
                    ...view,
                    period: preset === DEFAULT_PRESET ? undefined : preset,
                    from: undefined,
                    to: undefined,
                  })
                  close()
                }}
              >
                {name(preset)}
                {isOn && <Icon name="check" />}
              </AriaButton>
            </li>
          )
        })}
      </ul>
      <div className={styles.side}>
        <p className={styles.days}>
          <DaysText days={days} /> <span className="soft">{t`${nDays(days)} days`}</span>
        </p>
        <DaysCalendar
          key={`${picking}${days.from}${days.to}`}
          label={picking === 'now' ? t`Own period` : t`Period to compare with`}
          days={days}
          onChange={pick}
        />
        {!noCompare && (
          <div className={styles.compare}>
            <Choice
              label={t`Compare with`}
              value={compare}
              onChange={(choice) => {
                setPicking(choice === 'custom' ? 'before' : 'now')
                const base = { ...view, compare_from: undefined, compare_to: undefined }
                if (choice === 'previous') onChange({ ...base, compare: undefined })
                else if (choice === 'none') onChange({ ...base, compare: 'none' })
                else {
                  const previous = previousDays(now)
                  onChange({ ...view, compare: 'custom', compare_from: previous.from, compare_to: previous.to })
                }
              }}
              options={[
                { key: 'previous', label: t`Period before` },
                { key: 'none', label: t`Nothing` },
                { key: 'custom', label: t`Own` },
              ]}
            />
            {compare === 'custom' && (
              <Button size="s" onPress={() => setPicking(picking === 'now' ? 'before' : 'now')}>
                {picking === 'now' ? t`Pick the days to compare with` : t`Pick the days of the period`}
              </Button>
            )}
          </div>
        )}
      </div>
    </div>
  )
}
