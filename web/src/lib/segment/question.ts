import type { components } from '../api/schema'
import type { Ask, Scope } from '../api/types'

/* From a number that a segment follows back to the question it is of. */

type Selected = components['schemas']['Selected']

const isSaid = (scope: Scope | undefined): scope is Scope => Object.keys(scope ?? {}).length > 0

/** The question a number is of, within its scope; `null` where it is of none. */
export function questionOf({ of, scope }: Selected): Ask | null {
  const within = <Question extends { scope?: Scope }>(question: Question): Question =>
    isSaid(scope) ? { ...question, scope } : question
  switch (of.select) {
    case 'funnel':
      return { ask: 'funnel', ...within(of.funnel) }
    case 'paths':
      return { ask: 'paths', ...within(of.paths) }
    case 'retention':
      return { ask: 'retention', ...within(of.retention) }
    case 'lifecycle':
      return { ask: 'lifecycle', ...within(of.lifecycle) }
    case 'stickiness':
      return { ask: 'stickiness', ...within(of.stickiness) }
    case 'cohorts':
      return { ask: 'cohorts', ...within(of.cohorts) }
    case 'variants':
      return { ask: 'variants', ...within(of.variants) }
    case 'conformance':
      return { ask: 'conformance', ...within(of.conformance) }
    case 'handovers':
      return { ask: 'handovers', ...within(of.handovers) }
    case 'cross_sell':
      return { ask: 'cross_sell', ...within(of.cross_sell) }
    case 'attribution':
      return { ask: 'attribution', ...within(of.of) }
    case 'drivers': {
      // What parts people is asked below the funnel of the two steps it lies between.
      const { start, conversion, within: window, scope: own } = of.drivers
      return start
        ? {
            ask: 'funnel',
            ...within({ steps: [start, conversion], window: window ?? '30d', ...(own ? { scope: own } : {}) }),
          }
        : null
    }
    case 'did':
      return { ask: 'trend', when: of.when, scope: scope ?? {} }
    default:
      return null
  }
}
