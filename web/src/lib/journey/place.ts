import type { Problem } from '../api/types'
import type { JourneyBody } from './types'

/*
 * Where a problem stands in the form. The server names places by index; the form keeps them by key, so that a problem
 * stays with its touchpoint while stages are moved.
 */

/** `head`, `stages`, `exits`, `emotion`, `stage:KEY` or `touchpoint:KEY`. */
export type Anchor = string

/** The part of the form that a path such as `stages[1].touchpoints[0].when.event` leads to. */
export function anchorOf(body: JourneyBody, path: string | null | undefined): Anchor {
  if (!path) return 'head'
  const [, stageAt, touchpointAt] = /^stages\[(\d+)\](?:\.touchpoints\[(\d+)\])?/.exec(path) ?? []
  const stage = stageAt === undefined ? undefined : body.stages[Number(stageAt)]
  const touchpoint = touchpointAt === undefined ? undefined : stage?.touchpoints?.[Number(touchpointAt)]
  if (touchpoint) return `touchpoint:${touchpoint.key}`
  if (stage) return `stage:${stage.key}`
  const [first = ''] = path.split(/[.[]/)
  return first === 'exits' || first === 'emotion' || first === 'stages'
    ? first
    : first === 'touchpoints'
      ? 'stages'
      : 'head'
}

export type Placed = Problem & { anchor: Anchor }

export const placed = (body: JourneyBody, problems: Problem[]): Placed[] =>
  problems.map((problem) => ({ ...problem, anchor: anchorOf(body, problem.where?.path) }))
