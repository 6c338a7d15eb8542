import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** What axe finds, one line for each, so that a failure reads as a list. */
export async function findings(page: Page): Promise<string[]> {
  // Where React Aria reads aloud what just happened; it empties itself after some seconds.
  const { violations } = await new AxeBuilder({ page })
    .exclude('[data-live-announcer]')
    .options({ runOnly: rules })
    .analyze()
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html.slice(0, 120)}`),
  )
}
