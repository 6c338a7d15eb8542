import type { APIRequestContext, Page } from '@playwright/test'
import { findings } from './axe.ts'
import { expect, prefer, test } from './fixtures.ts'
import type { Words } from './words.ts'

const at = (path: string, search: Record<string, unknown> = {}) => {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries({ period: 'all', ...search }))
    query.set(key, typeof value === 'string' ? value : JSON.stringify(value))
  return `/explore/${path}?${query}`
}
const marks = (page: Page) => page.locator('svg[role="group"] [data-mark]')

/** Opens the page and waits for its answer; what the server answers the same question. */
async function opens(page: Page, words: Words, path: string, request: APIRequestContext, question: object) {
  const answer = await request.post('/api/v1/ask', { data: question })
  expect(answer.ok()).toBe(true)
  await page.goto(path)
  await expect(page.getByRole('button', { name: words('Explain these numbers') })).toBeVisible()
  expect(await findings(page)).toEqual([])
  return (await answer.json()).answer as Record<string, never>
}

test.beforeEach(async ({ shop, lang, context }) => {
  await prefer(context, lang)
  await context.addCookies(shop.state.cookies)
})

test('paths: a Sankey followed by arrow keys, the matrix, whole paths', async ({ page, shop, words, playwright }) => {
  const request = await playwright.request.newContext({ baseURL: shop.url, storageState: shop.state })
  const question = { ask: 'paths', gap: '3d', steps: 4, scope: {} }
  const search = { gap: '3d', steps: 4 }
  await opens(page, words, shop.url + at('paths', { ...search, tab: 'sankey' }), request, question)
  await marks(page)
    .filter({ has: page.locator('rect') })
    .first()
    .focus()
  const start = await page.evaluate(() => document.activeElement?.getAttribute('data-mark'))
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  const next = await page.evaluate(() => document.activeElement?.getAttribute('data-mark'))
  expect(next).not.toBe(start)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeVisible()
  await opens(page, words, shop.url + at('paths', { ...search, tab: 'steps' }), request, question)
  await opens(page, words, shop.url + at('paths', { tab: 'variants' }), request, {
    ask: 'variants',
    of: { case: 'person' },
    scope: {},
  })
  await request.dispose()
})

test('retention: a cohort, its cell, its people', async ({ page, shop, words, playwright }) => {
  const request = await playwright.request.newContext({ baseURL: shop.url, storageState: shop.state })
  await opens(page, words, shop.url + at('retention'), request, { ask: 'retention', scope: {} })
  await expect(page.getByRole('rowheader', { name: words('Weighted average') })).toBeVisible()
  const cell = page.getByRole('main').getByRole('table').getByRole('button').first()
  const n = /([\d,]+)/.exec((await cell.getAttribute('aria-label'))?.split(', ').at(1) ?? '')?.[1]
  await cell.press('Enter')
  await expect(
    page
      .getByRole('dialog')
      .getByText(new RegExp(`^${n}`))
      .first(),
  ).toBeVisible()
  await opens(page, words, shop.url + at('retention', { tab: 'value' }), request, { ask: 'cohorts', scope: {} })
  await request.dispose()
})

test('lifecycle: who is new, returning, gone', async ({ page, shop, words, playwright }) => {
  const request = await playwright.request.newContext({ baseURL: shop.url, storageState: shop.state })
  await opens(page, words, shop.url + at('lifecycle'), request, { ask: 'lifecycle', scope: {} })
  await marks(page).first().focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeVisible()
  await opens(page, words, shop.url + at('lifecycle', { tab: 'stickiness' }), request, { ask: 'stickiness', scope: {} })
  await request.dispose()
})

test('attribution: a conversion is chosen, the models stand side by side', async ({
  page,
  shop,
  words,
  playwright,
}) => {
  const request = await playwright.request.newContext({ baseURL: shop.url, storageState: shop.state })
  await page.goto(shop.url + at('attribution'))
  await expect(page.getByText(words('Choose the conversion'))).toBeVisible()
  expect(await findings(page)).toEqual([])
  const conversion = { event: 'Order Completed' }
  await opens(page, words, shop.url + at('attribution', { conversion }), request, {
    ask: 'attribution',
    conversion,
    touches: [{ event: 'Visit' }],
    scope: {},
  })
  expect(await marks(page).count()).toBeGreaterThan(3)
  await page.getByText(words('Table'), { exact: true }).click()
  await expect(page.getByRole('columnheader', { name: words('Linear') })).toBeVisible()
  await opens(page, words, shop.url + at('channels', { tab: 'handovers' }), request, { ask: 'handovers', scope: {} })
  await request.dispose()
})

test('these pages on a phone', async ({ page, shop }) => {
  await page.setViewportSize({ width: 390, height: 844 })
  for (const path of ['retention', 'lifecycle', 'attribution']) {
    await page.goto(shop.url + at(path))
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await page.waitForLoadState('networkidle')
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(wider, `${path} scrolls sideways on a phone`).toBeLessThanOrEqual(0)
    expect(await findings(page)).toEqual([])
  }
})
