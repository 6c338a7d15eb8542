import { type RefObject, useEffect } from 'react'
import { dropIndex } from '~/lib/map/grid'
import styles from './drag.module.css'

export interface DragEnds {
  onCard: (id: string, lane: string, stage: string, index: number) => void
  onLane: (key: string, index: number) => void
}

/** Pixels the pointer may tremble before a press becomes a drag, and how long a finger rests before it does. */
const SLACK = 5
const REST_MS = 320
const EDGE = 56

interface Target {
  place: () => void
  top: number
  left: number
  width: number
}

/**
 * Dragging of cards (`data-drag="card"`) and lanes (`data-drag="lane"`) by mouse, pen and finger. What it does, the menu
 * and the keyboard do too. Escape gives up; a drag never counts as a press.
 */
export function useDrag(grid: RefObject<HTMLElement | null>, ends: RefObject<DragEnds>, isOn: boolean) {
  useEffect(() => {
    const root = grid.current
    if (!root || !isOn) return
    let stop: (() => void) | null = null

    const begin = (event: PointerEvent) => {
      const source = (event.target as Element).closest<HTMLElement>('[data-drag]')
      if (!source || event.button !== 0 || stop) return
      if ((event.target as Element).closest('textarea, input, [data-inner], [role=slider]')) return
      stop = follow(root, source, event, ends.current, () => {
        stop = null
      })
    }
    root.addEventListener('pointerdown', begin)
    return () => {
      root.removeEventListener('pointerdown', begin)
      stop?.()
    }
  }, [grid, ends, isOn])
}

/** Follows one press until it ends. Returns what stops it early. */
function follow(root: HTMLElement, source: HTMLElement, start: PointerEvent, ends: DragEnds, done: () => void) {
  const isLane = source.dataset.drag === 'lane'
  let ghost: HTMLElement | null = null
  let mark: HTMLElement | null = null
  let target: Target | null = null
  let last = start
  let frame = 0
  const timer = start.pointerType === 'touch' ? setTimeout(() => lift(), REST_MS) : 0

  const lift = () => {
    const box = source.getBoundingClientRect()
    ghost = source.cloneNode(true) as HTMLElement
    ghost.removeAttribute('data-card')
    ghost.classList.add(styles.ghost ?? '')
    ghost.style.width = `${box.width}px`
    mark = document.createElement('div')
    mark.className = styles.mark ?? ''
    document.body.append(ghost, mark)
    source.classList.add(styles.lifted ?? '')
    frame = requestAnimationFrame(scroll)
    show()
  }
  const show = () => {
    if (!ghost || !mark) return
    const box = source.getBoundingClientRect()
    const dx = Math.min(start.clientX - box.left, box.width - 12)
    ghost.style.translate = `${last.clientX - Math.max(12, dx)}px ${last.clientY - 14}px`
    target = isLane ? laneTarget(root, source, last, ends) : cardTarget(root, source, last, ends)
    mark.hidden = target === null
    if (target) {
      mark.style.translate = `${target.left}px ${target.top - 1}px`
      mark.style.width = `${target.width}px`
    }
  }
  /** Near the edge of the window the page comes along. */
  const scroll = () => {
    const by = last.clientY < EDGE ? -10 : last.clientY > window.innerHeight - EDGE ? 10 : 0
    if (by !== 0) {
      window.scrollBy(0, by)
      show()
    }
    frame = requestAnimationFrame(scroll)
  }
  const move = (event: PointerEvent) => {
    last = event
    if (!ghost) {
      const far = Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > SLACK
      if (far && start.pointerType === 'touch') end()
      else if (far) lift()
      return
    }
    event.preventDefault()
    show()
  }
  const end = () => {
    clearTimeout(timer)
    cancelAnimationFrame(frame)
    ghost?.remove()
    mark?.remove()
    source.classList.remove(styles.lifted ?? '')
    window.removeEventListener('pointermove', move)
    window.removeEventListener('pointerup', drop)
    window.removeEventListener('pointercancel', end)
    window.removeEventListener('keydown', giveUp, true)
    window.removeEventListener('touchmove', hold)
    done()
  }
  const drop = () => {
    const wasDragged = ghost !== null
    const place = target?.place
    end()
    if (!wasDragged) return
    // The click that follows a drag is not a press of the card.
    const swallow = (event: MouseEvent) => {
      event.stopPropagation()
      event.preventDefault()
    }
    window.addEventListener('click', swallow, { capture: true, once: true })
    setTimeout(() => window.removeEventListener('click', swallow, true))
    place?.()
  }
  const giveUp = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !ghost) return
    event.preventDefault()
    event.stopPropagation()
    end()
  }
  const hold = (event: TouchEvent) => {
    if (ghost) event.preventDefault()
  }
  window.addEventListener('pointermove', move)
  window.addEventListener('pointerup', drop)
  window.addEventListener('pointercancel', end)
  window.addEventListener('keydown', giveUp, true)
  window.addEventListener('touchmove', hold, { passive: false })
  return end
}

function cardTarget(root: HTMLElement, source: HTMLElement, at: PointerEvent, ends: DragEnds): Target | null {
  const over = document.elementFromPoint(at.clientX, at.clientY)
  const cell = over?.closest<HTMLElement>('[data-lane][data-stage]')
  const { card } = source.dataset
  if (!cell || !root.contains(cell) || !card) return null
  const { lane, stage } = cell.dataset
  if (lane === undefined || stage === undefined) return null
  const others = [...cell.querySelectorAll<HTMLElement>('[data-card]')].filter(
    (one) => one !== source && one.offsetParent,
  )
  const boxes = others.map((one) => one.getBoundingClientRect())
  const index = dropIndex(
    boxes.map((box) => (box.top + box.bottom) / 2),
    at.clientY,
  )
  const inside = cell.getBoundingClientRect()
  const top = boxes[index]?.top ?? boxes.at(-1)?.bottom ?? inside.top + 8
  const gap = boxes.length === 0 ? 0 : index < boxes.length ? -3 : 3
  return {
    place: () => ends.onCard(card, lane, stage, index),
    top: top + gap,
    left: inside.left + 12,
    width: inside.width - 24,
  }
}

function laneTarget(root: HTMLElement, source: HTMLElement, at: PointerEvent, ends: DragEnds): Target | null {
  const own = source.closest<HTMLElement>('[data-row]')
  const key = own?.dataset.row
  if (!own || key === undefined) return null
  const others = [...root.querySelectorAll<HTMLElement>('[data-row]')].filter((row) => row !== own)
  const boxes = others.map((row) => row.getBoundingClientRect())
  const index = dropIndex(
    boxes.map((box) => (box.top + box.bottom) / 2),
    at.clientY,
  )
  const top = boxes[index]?.top ?? boxes.at(-1)?.bottom
  const inside = root.getBoundingClientRect()
  if (top === undefined) return null
  return { place: () => ends.onLane(key, index), top, left: inside.left, width: inside.width }
}
