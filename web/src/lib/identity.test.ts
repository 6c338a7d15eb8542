import { describe, expect, test } from 'vitest'
import type { PersonView } from './api/types'
import { endsOf, idOf, mergePlan } from './identity'

const person = (key: string, user_id: string | null, ...anonymous_ids: string[]): PersonView => ({
  person: key,
  user_id,
  anonymous_ids,
  n_events: 1,
  first_us: 0,
  last_us: 0,
  amount: 0,
  traits: {},
})
const mina = person('1', 'mina', 'c1')
const jun = person('2', 'jun')
const cookie = person('3', null, 'c9', 'c10')

describe('two persons become one', () => {
  test.each([
    // Whoever is looked at stays,
    [mina, jun, { user_id: 'jun' }, { user_id: 'mina' }, '1'],
    [jun, mina, { user_id: 'mina' }, { user_id: 'jun' }, '2'],
    [mina, cookie, { anonymous_id: 'c9' }, { user_id: 'mina' }, '1'],
    // but for somebody unknown, who joins the known one.
    [cookie, mina, { anonymous_id: 'c9' }, { user_id: 'mina' }, '1'],
  ])('case %#', (here, other, from, into, keeps) => {
    const plan = mergePlan(here, other)
    expect([plan?.from, plan?.into, plan?.keeps.person]).toEqual([from, into, keeps])
  })

  test('not one alone, nor somebody without an identifier', () => {
    expect(mergePlan(mina, mina)).toBeNull()
    expect(mergePlan(mina, person('4', null))).toBeNull()
    expect(idOf(person('4', null))).toBeNull()
  })
})

test('a link that was taken back can be made again', () => {
  const link = { id: 7, from_kind: 'anonymous', from_id: 'c1', into_kind: 'user', into_id: 'mina' } as const
  expect(endsOf({ ...link, time_us: 0, source: 'web', state: 'undone' })).toEqual({
    from: { anonymous_id: 'c1' },
    into: { user_id: 'mina' },
  })
})
