import type { Document, EventView } from '../api/types'
import { asList, rulesOf } from '../journey/rule'
import type { Touchpoint } from '../journey/types'
import type { Text } from '../text'
import { literal, quoted, type Table } from './tables'

export type ExampleKey = 'kinds' | 'days' | 'funnel' | 'channels' | 'months' | 'repeat' | 'hours' | 'silent'

/** A query that runs on the data there is. */
export interface Example {
  key: ExampleKey
  query: string
}

/** A step of the funnel: what it is called and which events enter it. */
interface Step {
  name: Text
  condition: string
}

const anyOf = (column: string, values: string[]) =>
  values.length === 1 ? `${column} = ${literal(values[0] ?? '')}` : `${column} IN (${values.map(literal).join(', ')})`

/** The rules of a touchpoint as a condition; `null` where it looks at properties, which columns alone do not tell. */
function conditionOf(touchpoint: Touchpoint): string | null {
  if (touchpoint.enters === false || touchpoint.after) return null
  const parts = rulesOf(touchpoint).map((rule) => {
    if (rule.where && rule.where.length > 0) return null
    const channels = asList(rule.channel)
    const event = anyOf('e.event', asList(rule.event))
    return channels.length > 0 ? `${event} AND ${anyOf('e.channel', channels)}` : event
  })
  if (parts.includes(null)) return null
  return parts.length === 1 ? (parts[0] ?? null) : parts.map((part) => `(${part})`).join(' OR ')
}

/** The longest row of stages that plain events tell, of any journey; else the events that most people have. */
export function funnelSteps(journeys: Document[], events: EventView[], most = 5): Step[] {
  let best: Step[] = []
  for (const { body } of journeys) {
    if (body.kind !== 'journey') continue
    const steps = body.stages.flatMap((stage): Step[] => {
      const conditions = (stage.touchpoints ?? [])
        .map(conditionOf)
        .filter((one): one is string => one !== null)
        .slice(0, 3)
      const condition = conditions.length === 1 ? conditions[0] : conditions.map((one) => `(${one})`).join(' OR ')
      return condition ? [{ name: stage.name, condition }] : []
    })
    if (steps.length > best.length) best = steps
  }
  if (best.length >= 2) return best.slice(0, most)
  return [...events]
    .sort((a, b) => b.n_people - a.n_people)
    .slice(0, 3)
    .map((event) => ({ name: event.name, condition: anyOf('e.event', [event.name]) }))
}

/** People who came so far in this order: each step counts from the first time of the one before. */
function funnel(steps: Step[], lang: 'ko' | 'en'): string {
  const withs = steps.map((step, at) => {
    const before = at === 0 ? '' : `\n  JOIN s${at} ON s${at}.person = e.person AND e.time >= s${at}.at`
    return `s${at + 1} AS (\n  SELECT e.person, MIN(e.time) AS at FROM events e${before}\n  WHERE ${step.condition}\n  GROUP BY e.person\n)`
  })
  const counts = steps.map((step, at) => {
    const name = literal(typeof step.name === 'string' ? step.name : step.name[lang])
    return at === 0
      ? `SELECT 1 AS step, ${name} AS name, COUNT(*) AS people FROM s1`
      : `SELECT ${at + 1}, ${name}, COUNT(*) FROM s${at + 1}`
  })
  return `WITH ${withs.join(', ')}\n${counts.join('\nUNION ALL ')}\nORDER BY step`
}

interface Workplace {
  zone: string
  lang: 'ko' | 'en'
  events: EventView[]
  journeys: Document[]
  tables: Table[]
}

/** Queries to begin from, each made of the events, journeys and calendar of this workspace. */
export function examplesOf({ zone, lang, events, journeys, tables }: Workplace): Example[] {
  if (events.length === 0) return []
  const local = `time AT TIME ZONE ${literal(zone)}`
  const columns = new Set(tables.find((table) => table.name === 'events')?.columns.map((column) => column.name))
  const steps = funnelSteps(journeys, events)
  const buying = events.find((event) => /purchase|order|paid|구매|결제|주문/i.test(event.name))?.name
  const found: Example[] = [
    {
      key: 'kinds',
      query:
        'SELECT event, COUNT(*) AS events, COUNT(DISTINCT person) AS people,\n  MIN(time) AS first, MAX(time) AS last\nFROM events\nGROUP BY event\nORDER BY events DESC',
    },
    {
      key: 'days',
      query: `SELECT CAST(date_trunc('day', ${local}) AS DATE) AS day,\n  COUNT(*) AS events, COUNT(DISTINCT person) AS people\nFROM events\nGROUP BY day\nORDER BY day DESC`,
    },
  ]
  if (steps.length >= 2) found.push({ key: 'funnel', query: funnel(steps, lang) })
  found.push({
    key: 'channels',
    query:
      'WITH first AS (\n  SELECT person, first_value(channel ORDER BY time) AS channel\n  FROM events\n  WHERE channel IS NOT NULL\n  GROUP BY person\n)\nSELECT channel, COUNT(*) AS people\nFROM first\nGROUP BY channel\nORDER BY people DESC',
  })
  if (columns.has('amount'))
    found.push({
      key: 'months',
      query: `SELECT to_char(${local}, '%Y-%m') AS month,\n  COUNT(*) AS payments, COUNT(DISTINCT person) AS people,\n  SUM(amount) AS amount, ROUND(AVG(amount)) AS mean\nFROM events\nWHERE amount > 0\nGROUP BY month\nORDER BY month DESC`,
    })
  if (buying)
    found.push({
      key: 'repeat',
      query: `SELECT times, COUNT(*) AS people\nFROM (\n  SELECT person, COUNT(*) AS times\n  FROM events\n  WHERE event = ${literal(buying)}\n  GROUP BY person\n)\nGROUP BY times\nORDER BY times`,
    })
  found.push(
    {
      key: 'hours',
      query: `SELECT date_part('dow', ${local}) AS weekday, date_part('hour', ${local}) AS hour,\n  COUNT(*) AS events\nFROM events\nGROUP BY weekday, hour\nORDER BY weekday, hour`,
    },
    {
      key: 'silent',
      query: `SELECT person, MAX(${quoted('user_id')}) AS user_id, COUNT(*) AS events, MAX(time) AS last\nFROM events\nGROUP BY person\nHAVING MAX(time) < (SELECT MAX(time) FROM events) - INTERVAL '30 days'\nORDER BY events DESC\nLIMIT 1000`,
    },
  )
  return found
}
