import { parseDate } from '@internationalized/date'
import {
  Button as AriaButton,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  Heading,
  RangeCalendar,
} from 'react-aria-components'
import { useWorkspace } from '../api/queries'
import type { Days } from '../period'
import { useFormat } from '../use-format'
import styles from './days-calendar.module.css'
import { Icon } from './icon'

/** A month to choose days from: the first, then the last. */
export function DaysCalendar({ label, days, onChange }: { label: string; days: Days; onChange: (days: Days) => void }) {
  const { week_start } = useWorkspace()
  return (
    <RangeCalendar
      aria-label={label}
      value={{ start: parseDate(days.from), end: parseDate(days.to) }}
      onChange={(range) => onChange({ from: range.start.toString(), to: range.end.toString() })}
      firstDayOfWeek={week_start === 'sunday' ? 'sun' : 'mon'}
      defaultFocusedValue={parseDate(days.to)}
      className={styles.calendar}
    >
      <header className={styles.month}>
        <AriaButton slot="previous" className={styles.step}>
          <Icon name="left" />
        </AriaButton>
        <Heading className={styles.heading} />
        <AriaButton slot="next" className={styles.step}>
          <Icon name="right" />
        </AriaButton>
      </header>
      <CalendarGrid>
        <CalendarGridHeader>
          {(day) => <CalendarHeaderCell className={styles.weekday}>{day}</CalendarHeaderCell>}
        </CalendarGridHeader>
        <CalendarGridBody>{(date) => <CalendarCell date={date} className={styles.day} />}</CalendarGridBody>
      </CalendarGrid>
    </RangeCalendar>
  )
}

/** `Oct 1 – Oct 31, 2025`; the year once where both share it. */
export function DaysText({ days }: { days: Days }) {
  const f = useFormat()
  const sameYear = days.from.slice(0, 4) === days.to.slice(0, 4)
  if (days.from === days.to) return <>{f.calendarDay(days.from)}</>
  // Korean puts the year first, English last: it stays with the end that carries it.
  return f.lang === 'ko' ? (
    <>
      {f.calendarDay(days.from)} – {f.calendarDay(days.to, !sameYear)}
    </>
  ) : (
    <>
      {f.calendarDay(days.from, !sameYear)} – {f.calendarDay(days.to)}
    </>
  )
}
