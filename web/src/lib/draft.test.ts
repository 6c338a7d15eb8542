import { describe, expect, it } from 'vitest'
import * as draft from './draft'

const journey = { name: '선물 여정', stages: ['a', 'b'] }

describe('the way back', () => {
  const open = () => draft.openDraft({ version: 3, body: journey })
  const named = (words: string) => ({ ...journey, name: words })

  it('takes the keystrokes of a field back together', () => {
    let log = open()
    for (const words of ['선', '선무', '선물']) log = draft.change(log, named(words), 'name')
    log = draft.change(log, { ...log.now, stages: ['b', 'a'] })
    expect(draft.undo(log).now.name).toBe('선물')
    expect(draft.undo(draft.undo(log)).now).toEqual(journey)
    expect(draft.redo(draft.redo(draft.undo(draft.undo(log)))).now).toEqual(log.now)
  })

  it('forgets what was undone once something new is done', () => {
    const log = draft.change(draft.undo(draft.change(open(), named('a'))), named('b'))
    expect(draft.redo(log)).toBe(log)
  })

  it('does nothing at the ends and for no change', () => {
    const log = open()
    expect(draft.undo(log)).toBe(log)
    expect(draft.redo(log)).toBe(log)
    expect(draft.change(log, structuredClone(journey))).toBe(log)
  })

  it('is dirty until saved; what is written meanwhile stays so', () => {
    const sent = draft.change(open(), named('a'))
    expect(draft.isDirty(sent)).toBe(true)
    const meanwhile = draft.change(sent, named('b'))
    expect(draft.isDirty(draft.saved(sent, 4, sent.now))).toBe(false)
    expect(draft.isDirty(draft.saved(meanwhile, 4, sent.now))).toBe(true)
    expect(draft.isDirty(draft.undo(sent))).toBe(false)
  })
})
