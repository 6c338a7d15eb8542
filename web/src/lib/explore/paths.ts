import type { EventRule, Scope } from '../api/types'
import { asList } from '../journey/rule'
import { type FunnelSearch, PATH_STEPS, PATH_TOP, type PathSearch } from './address'
import { askedRule, isNamed } from './rules'
import type { AskOf, CaseUnit } from './types'

export const DEFAULT_PATH_WINDOW = '7d'
/** Whole paths asked for: what the table has. */
export const PATHS_ASKED = 50
/** More names than this make a funnel's address longer than browsers and mail programs carry. */
const NAMES_MAX = 150

const namedRule = (rule: EventRule | undefined) => (rule && isNamed(rule) ? askedRule(rule) : undefined)

/** The question of an address; rules that are still being written do not count. */
export function pathsAsk(search: PathSearch, scope: Scope): AskOf<'paths'> {
  const after = namedRule(search.after)
  const before = namedRule(search.before)
  return {
    ask: 'paths',
    scope,
    steps: search.steps ?? PATH_STEPS,
    top: search.top ?? PATH_TOP,
    limit: PATHS_ASKED,
    ...(after ? { after } : {}),
    ...(before ? { before } : {}),
    ...(after || before ? { window: search.window ?? DEFAULT_PATH_WINDOW } : search.gap ? { gap: search.gap } : {}),
    ...(search.hide ? { nodes: { hide: search.hide } } : {}),
  }
}

/** What one case is, as the address says it. */
export function caseOf(of: string | undefined, gap: string | undefined): CaseUnit {
  if (of === 'session') return gap ? { case: 'session', gap } : { case: 'session' }
  return of?.startsWith('j:') ? { case: 'trip', journey: of.slice(2) } : { case: 'person' }
}

/** Says who somebody is rather than what they do: paths never see it. */
const IDENTIFY = 'identify'

/** Whether paths pass over the event: by one of the names (`page_*` hides all that start so), or always. */
const isHidden = (hide: string[], name: string) =>
  name === IDENTIFY || hide.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : one === name))

/**
 * The funnel that counts exactly who took a path after an event, from its start: first entry, and between two steps no event
 * but repeats of the earlier one and hidden ones. `null` where that cannot be said: paths of sessions or up to an event,
 * events seen as something else, or too many names to rule out.
 */
export function funnelOfPath(
  question: AskOf<'paths'>,
  nodes: string[],
  names: string[],
): Pick<FunnelSearch, 'steps' | 'window' | 'entry' | 'without'> | null {
  const { after, before, nodes: seen } = question
  if (!after || before || nodes.length < 2 || seen?.groups || seen?.split || seen?.repeats) return null
  const hide = seen?.hide ?? []
  if (names.length > NAMES_MAX) return null
  const between = names.filter((name) => !isHidden(hide, name))
  const without = nodes.slice(1).map((next, index) => ({
    when: { event: between.filter((name) => name !== nodes[index] && name !== next) },
    from: index + 1,
    to: index + 2,
  }))
  return {
    steps: [after, ...nodes.slice(1).map((event) => ({ event }))],
    window: question.window ?? DEFAULT_PATH_WINDOW,
    entry: 'first',
    without: without.filter(({ when }) => asList(when.event).length > 0),
  }
}
