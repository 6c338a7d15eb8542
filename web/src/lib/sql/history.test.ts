import { describe, expect, test } from 'vitest'
import {
  HISTORY_MAX,
  type PastQuery,
  QUERY_CHARS_MAX,
  readDraft,
  readHistory,
  withRun,
  writeDraft,
  writeHistory,
} from './history'

const run = (query: string, at_ms = 1): PastQuery => ({ query, at_ms, took_ms: 5, n_rows: 3 })

/** Storage with room for so many characters. */
function storage(room = Number.POSITIVE_INFINITY) {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    removeItem: (key: string) => void kept.delete(key),
    setItem: (key: string, value: string) => {
      if (value.length > room) throw new DOMException('full', 'QuotaExceededError')
      kept.set(key, value)
    },
  }
}

describe('the history of queries', () => {
  test('the newest stands first, the same query once', () => {
    const past = [run('select 1', 1), run('select 2', 2)].reduce(withRun, [] as PastQuery[])
    expect(past.map((one) => one.query)).toEqual(['select 2', 'select 1'])
    expect(withRun(past, run('  select 1\n', 3))).toEqual([run('select 1', 3), run('select 2', 2)])
  })

  test('the oldest beyond the limit go', () => {
    let past: PastQuery[] = []
    for (let n = 0; n < HISTORY_MAX + 5; n += 1) past = withRun(past, run(`select ${n}`))
    expect(past).toHaveLength(HISTORY_MAX)
    expect(past.at(-1)?.query).toBe('select 5')
  })

  test('nothing and what is too long are not kept', () => {
    expect(withRun([], run(' \n'))).toEqual([])
    expect(withRun([], run('x'.repeat(QUERY_CHARS_MAX + 1)))).toEqual([])
  })

  test('comes back as it was written, for its own account only', () => {
    const store = storage()
    writeHistory(store, 'a@x', [run('select 1')])
    expect(readHistory(store, 'a@x')).toEqual([run('select 1')])
    expect(readHistory(store, 'b@x')).toEqual([])
    writeHistory(store, 'a@x', [])
    expect(store.kept.size).toBe(0)
  })

  test('what others wrote there does no harm', () => {
    const store = storage()
    for (const bad of ['{', '7', '{"a":1}', '[null, 7, {"query": 1}, {"query": "select 1"}]']) {
      store.kept.set('gilmok.sql.history:a@x', bad)
      expect(readHistory(store, 'a@x')).toEqual([])
    }
    expect(readHistory(undefined, 'a@x')).toEqual([])
  })

  test('full storage gives up the older half, not the history', () => {
    const store = storage(200)
    const past = Array.from({ length: 8 }, (_, n) => run(`select ${n}`, n))
    writeHistory(store, 'a@x', past)
    expect(readHistory(store, 'a@x')).toEqual(past.slice(0, 2))
    writeHistory(storage(0), 'a@x', past)
  })

  test('the draft is kept until it is emptied', () => {
    const store = storage()
    writeDraft(store, 'a@x', 'select 한')
    expect(readDraft(store, 'a@x')).toBe('select 한')
    writeDraft(store, 'a@x', '  ')
    expect(readDraft(store, 'a@x')).toBe('')
  })
})
