import { describe, expect, it } from 'vitest'
import { applyEdit, type Edit, findCard, newCardId, placeCard } from './edit'
import { fixtureDocument as document } from './fixture'
import { type Log, nextRedo, nextUndo, openLog, perform, rebase, redo, saved, undo } from './log'
import type { MapDocument } from './types'

const text = (id: string, words: string): Edit => ({ edit: 'change_card', id, fields: { text: words } })
const assume = (value: number): Edit => ({ edit: 'assume', stage: 'buy', value })
const textOf = (log: Log, id: string) => findCard(log.map, id)?.card.text

describe('undo and redo', () => {
  it('walks back and forth', () => {
    let log = perform(perform(openLog(document), text('q1', 'a')), text('q1', 'b'))
    expect([nextUndo(log), nextRedo(log)]).toEqual([text('q1', 'b'), null])
    log = undo(log)
    expect(textOf(log, 'q1')).toBe('a')
    log = undo(log)
    expect(log.map).toEqual(document.body)
    expect(undo(log)).toBe(log)
    log = redo(redo(log))
    expect(textOf(log, 'q1')).toBe('b')
    expect(redo(log)).toBe(log)
  })

  it('forgets what was undone once something new is done', () => {
    const log = perform(undo(perform(openLog(document), text('q1', 'a'))), text('q2', 'b'))
    expect(nextRedo(log)).toBeNull()
  })

  it('ignores edits that change nothing', () => {
    const log = openLog(document)
    expect(perform(log, assume(1.4))).toBe(log)
  })

  it('takes a whole drag back at once, but not two', () => {
    let log = perform(openLog(document), assume(1.3), 'drag 1')
    log = perform(perform(log, assume(1.2), 'drag 1'), assume(1.1), 'drag 1')
    log = perform(log, assume(0.2), 'drag 2')
    expect(log.pending).toEqual([assume(1.1), assume(0.2)])
    expect(undo(log).map.assumed_emotion?.buy).toBe(1.1)
    expect(undo(undo(log)).map.assumed_emotion?.buy).toBe(1.4)
    expect(redo(redo(undo(undo(log)))).map.assumed_emotion?.buy).toBe(0.2)
  })

  it('agrees with replaying what is pending, whatever is done and undone', () => {
    let seed = 7
    const random = () => {
      seed = (seed * 48271) % 2147483647
      return seed / 2147483647
    }
    const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]
    let log = openLog(document)
    let stored = document.body
    for (let round = 0; round < 600; round += 1) {
      const ids = log.map.lanes.flatMap((lane) => lane.cards ?? []).map((card) => card.id)
      const id = pick(ids) ?? ''
      const lane = pick(['questions', 'friction', 'opportunities']) ?? ''
      const stage = pick(['aware', 'buy', 'share']) ?? ''
      const dice = random()
      if (dice < 0.2) log = undo(log)
      else if (dice < 0.35) log = redo(log)
      else if (dice < 0.5) log = perform(log, text(id, `t${round}`))
      else if (dice < 0.65) log = perform(log, placeCard(log.map, id, lane, stage, round % 3) ?? assume(0))
      else if (dice < 0.75) log = perform(log, { edit: 'remove_card', id })
      else if (dice < 0.9)
        log = perform(log, { edit: 'add_card', lane, card: { id: newCardId(random), stage, text: 'n' }, before: id })
      else if (dice < 0.95) log = perform(log, { edit: 'remove_lane', key: lane })
      else {
        stored = log.map
        log = saved(log, log.version + 1, log.map, log.pending.length)
      }
      const replayed = log.pending.reduce((map, edit) => applyEdit(map, edit)?.map ?? map, stored)
      expect(replayed).toEqual(log.map)
    }
    while (nextUndo(log)) log = undo(log)
    while (nextRedo(log)) log = redo(log)
    while (nextUndo(log)) log = undo(log)
    expect(log.map).toEqual(document.body)
  })
})

describe('saving beside somebody else', () => {
  const theirs = (edits: Edit[]): MapDocument => ({
    ...document,
    version: 15,
    body: edits.reduce((map, edit) => applyEdit(map, edit)?.map ?? map, document.body),
  })

  it('keeps edits made while a save was on its way', () => {
    let log = perform(openLog(document), text('q1', 'a'))
    const sent = log.map
    log = saved(perform(log, text('q2', 'b')), 15, sent, 1)
    expect([log.version, log.pending, log.base]).toEqual([15, [text('q2', 'b')], sent])
  })

  it('merges edits of different cards', () => {
    const mine = perform(openLog(document), text('q1', 'mine'))
    const { log, lost, overwriting } = rebase(mine, theirs([text('q2', 'theirs'), { edit: 'remove_card', id: 'f1' }]))
    expect([textOf(log, 'q1'), textOf(log, 'q2'), textOf(log, 'f1')]).toEqual(['mine', 'theirs', undefined])
    expect([lost, overwriting, log.version]).toEqual([[], [], 15])
    expect(textOf(undo(log), 'q1')).toBe('이 브랜드 믿어도 돼?')
  })

  it('tells what is lost and what is overwritten', () => {
    const mine = perform(perform(openLog(document), text('q1', 'mine')), text('q2', 'mine'))
    const { log, lost, overwriting } = rebase(mine, theirs([text('q2', 'theirs'), { edit: 'remove_card', id: 'q1' }]))
    expect(lost).toEqual([text('q1', 'mine')])
    expect(overwriting).toEqual([text('q2', 'mine')])
    expect(textOf(log, 'q2')).toBe('mine')
    // Undo passes over the card that is gone.
    expect(
      undo(undo(log))
        .map.lanes.flatMap((lane) => lane.cards ?? [])
        .some((card) => card.id === 'q1'),
    ).toBe(false)
  })

  it('is quiet when both did the same', () => {
    const mine = perform(openLog(document), text('q1', 'same'))
    const { log, lost } = rebase(mine, theirs([text('q1', 'same')]))
    expect([log.pending, lost]).toEqual([[], []])
  })
})
