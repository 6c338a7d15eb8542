import { describe, expect, test } from 'vitest'
import type { Document, EventView } from '../api/types'
import { examplesOf, funnelSteps } from './examples'

const event = (name: string, n_people: number): EventView => ({
  name,
  n_people,
  n_events: n_people,
  first_us: 0,
  last_us: 0,
  channels: [],
  properties: [],
  history: [],
})
const events = [event('visit', 100), event("Mother's day", 300), event('purchase', 20)]

const journey = (touchpoints: object[]): Document =>
  ({
    version: 1,
    author: '',
    created_us: 0,
    body: {
      kind: 'journey',
      key: 'j',
      name: 'j',
      stages: touchpoints.map((touchpoint, at) => ({
        key: `s${at}`,
        name: { ko: `단계 ${at}`, en: `Stage ${at}` },
        touchpoints: [touchpoint],
      })),
    },
  }) as unknown as Document

describe('the steps of the funnel', () => {
  test('are the stages of a journey that plain events tell', () => {
    const steps = funnelSteps(
      [
        journey([
          { key: 'a', name: 'a', when: { event: ['visit', 'open'], channel: 'web' } },
          { key: 'b', name: 'b', when: { event: 'view', where: [{ property: 'x', op: 'is', value: 1 }] } },
          { key: 'c', name: 'c', when: [{ event: 'purchase' }, { event: 'order' }] },
        ]),
      ],
      events,
    )
    expect(steps.map((step) => step.condition)).toEqual([
      "e.event IN ('visit', 'open') AND e.channel = 'web'",
      "(e.event = 'purchase') OR (e.event = 'order')",
    ])
  })

  test('are the events most people have where no journey tells', () => {
    expect(funnelSteps([], events).map((step) => step.condition)).toEqual([
      "e.event = 'Mother''s day'",
      "e.event = 'visit'",
      "e.event = 'purchase'",
    ])
  })
})

test('there is none while there is no data, and each is asked for in the zone of the workspace', () => {
  const place = { zone: 'Asia/Seoul', lang: 'ko' as const, journeys: [], tables: [] }
  expect(examplesOf({ ...place, events: [] })).toEqual([])
  const found = examplesOf({ ...place, events })
  expect(found.map((one) => one.key)).toEqual(['kinds', 'days', 'funnel', 'channels', 'repeat', 'hours', 'silent'])
  expect(found.find((one) => one.key === 'days')?.query).toContain("AT TIME ZONE 'Asia/Seoul'")
})
