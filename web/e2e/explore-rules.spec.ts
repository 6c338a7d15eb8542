import type { Page } from '@playwright/test'
import { findings } from './axe.ts'
import { expect, prefer, test } from './fixtures.ts'
import { like, type Words } from './words.ts'

/* Rules of funnels, series and formulas, designs and pairs; and that every page is sound in both themes and on phones. */

const steps = ['Visit', 'Product Viewed', 'Checkout Started', 'Order Completed'].map((event) => ({ event }))
const design = [{ event: 'Visit', repeats: true }, ...steps.slice(1)]
const at = (path: string, search: Record<string, unknown> = {}) => {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries({ period: 'all', ...search }))
    query.set(key, typeof value === 'string' ? value : JSON.stringify(value))
  return `/explore/${path}?${query}`
}
const chart = (page: Page) => page.locator('svg[role="group"]').first()
const bars = (page: Page) => chart(page).locator('[data-mark^="0:"]')
const isAnswered = (page: Page, words: Words) =>
  expect(page.getByRole('button', { name: words('Explain these numbers') })).toBeVisible()
/** The number a bar says first. */
const peopleOf = async (page: Page, bar: number) =>
  /, ([\d,]+)/.exec((await bars(page).nth(bar).getAttribute('aria-label')) ?? '')?.[1] ?? ''

test.beforeEach(async ({ shop, lang, context }) => {
  await prefer(context, lang)
  await context.addCookies(shop.state.cookies)
})

test('a funnel by every rule: order, what is counted, exclusions, optional steps', async ({ page, shop, words }) => {
  await page.goto(shop.url + at('funnel', { steps, window: '60d' }))
  await isAnswered(page, words)
  const ordered = await peopleOf(page, 3)
  await test.step('directly after one another there are no more of them', async () => {
    await page.getByRole('button', { name: like(words('in turn, others may lie between')) }).click()
    await page.getByRole('option', { name: words('directly after one another') }).click()
    await expect(page).toHaveURL(/order=strict/)
    await expect(bars(page)).toHaveCount(4)
    expect(Number((await peopleOf(page, 3)).replace(',', ''))).toBeLessThanOrEqual(Number(ordered.replace(',', '')))
  })
  await test.step('a step may be passed by', async () => {
    await page.goto(shop.url + at('funnel', { steps, window: '60d' }))
    await page.getByRole('button', { name: words('Step {0}: move or remove', { 0: 2 }) }).click()
    await page.getByRole('menuitem', { name: words('May be passed by') }).click()
    await expect(page).toHaveURL(/optional=/)
    await expect(bars(page)).toHaveCount(4)
    await expect(page.getByText(words('may be passed by'), { exact: true })).toBeVisible()
  })
  await test.step('more rules are folded, and open where one is set', async () => {
    await page.goto(shop.url + at('funnel', { steps, window: '60d' }))
    await page.getByRole('button', { name: words('More rules') }).click()
    await page.getByRole('button', { name: words('Exclude an event') }).click()
    await page.getByRole('searchbox').fill('Review')
    await page.getByRole('option', { name: /Review Written/ }).click()
    await expect(page).toHaveURL(/without=/)
    await isAnswered(page, words)
    await page.reload()
    await expect(page.getByRole('button', { name: like(words('drops off there')) })).toBeVisible()
    await isAnswered(page, words)
    expect(await findings(page)).toEqual([])
  })
  await test.step('what takes longer stands below: over time, time to convert', async () => {
    await expect(page.getByRole('region', { name: words('Conversion over time') })).toBeVisible()
    await expect(page.getByRole('region', { name: words('Time to convert') })).toBeVisible()
  })
})

test('groups of a funnel differ or do not, and each has its people', async ({ page, shop, words }) => {
  await page.goto(shop.url + at('funnel', { steps, window: '60d', by: 'channel' }))
  await isAnswered(page, words)
  await chart(page).locator('[data-mark="1:3"]').focus()
  const says = (await chart(page).locator('[data-mark="1:3"]').getAttribute('aria-label')) ?? ''
  await page.keyboard.press('Enter')
  const n = /([\d,]+)(명| people)/.exec(says)?.[1]
  await expect(
    page
      .getByRole('dialog')
      .getByText(new RegExp(`^${n}`))
      .first(),
  ).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByText(words('Table'), { exact: true }).first().click()
  await expect(page.getByRole('columnheader', { name: words('Against all others') })).toBeVisible()
})

test('a path opens as a funnel that counts the same people', async ({ page, shop, words, playwright }) => {
  const request = await playwright.request.newContext({ baseURL: shop.url, storageState: shop.state })
  const question = { after: { event: 'Visit' }, window: '7d', steps: 5, top: 8, limit: 50 }
  const { answer } = await (await request.post('/api/v1/ask', { data: { ask: 'paths', ...question } })).json()
  const path = answer.paths.find((one: { nodes: string[] }) => one.nodes.length > 2)
  const of = { select: 'paths', paths: question, at: { point: 'prefix', nodes: path.nodes } }
  const people = await (await request.post('/api/v1/ask', { data: { ask: 'people', of, limit: 1 } })).json()
  await page.goto(shop.url + at('paths', { tab: 'sankey', after: { event: 'Visit' } }))
  await isAnswered(page, words)
  await page
    .getByRole('button', { name: words('Open as a funnel: {0}', { 0: path.nodes.join(' → ') }), exact: true })
    .click()
  await expect(page).toHaveURL(/explore\/funnel/)
  await expect(bars(page)).toHaveCount(path.nodes.length)
  expect(Number((await peopleOf(page, path.nodes.length - 1)).replace(',', ''))).toBe(people.answer.n_people)
  await request.dispose()
})

test('transitions have their people, exactly as many', async ({ page, shop, words }) => {
  await page.goto(shop.url + at('paths', { gap: '3d' }))
  await isAnswered(page, words)
  await page.getByText(words('Table'), { exact: true }).first().click()
  const row = page.getByRole('row', { name: /Visit.*Product Viewed/ })
  const n = (await row.getByRole('cell').nth(2).innerText()).trim()
  await row.getByRole('button').click()
  await expect(
    page
      .getByRole('dialog')
      .getByText(new RegExp(`^${n}(명| )`))
      .first(),
  ).toBeVisible()
})

test('several series and a formula', async ({ page, shop, words }) => {
  await page.goto(shop.url + at('trends', { when: { event: 'Visit' } }))
  await isAnswered(page, words)
  await page.getByRole('button', { name: words('Another series, or a formula') }).click()
  await expect(page).toHaveURL(/series=/)
  await page
    .getByRole('button', { name: words('Only some events') })
    .last()
    .click()
  await page.getByRole('searchbox').fill('Order')
  await page.getByRole('option', { name: /Order Completed/ }).click()
  await page.getByRole('button', { name: words('Formula'), exact: true }).click()
  await expect(page.getByRole('region', { name: words('Computed') })).toBeVisible()
  await isAnswered(page, words)
  await expect(page.locator('svg[role="group"]')).toHaveCount(2)
  expect(await findings(page)).toEqual([])
})

test('a design against what people did', async ({ page, shop, words, lang }) => {
  await page.goto(shop.url + at('conformance'))
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  expect(await findings(page)).toEqual([])
  await page
    .getByRole('button', {
      name: words('Stages of “{0}”', { 0: lang === 'ko' ? '선물 구매 여정' : 'Buying a gift' }),
    })
    .click()
  await isAnswered(page, words)
  await page.goto(shop.url + at('conformance', { design }))
  await isAnswered(page, words)
  await expect(page.getByRole('rowheader', { name: /Product Viewed/ })).toBeVisible()
  await expect(page.getByRole('region', { name: words('Events outside the design') }).first()).toBeVisible()
  expect(await findings(page)).toEqual([])
  const mark = chart(page).locator('[data-mark="3:0"]')
  await mark.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeVisible()
})

test('pairs: chosen, none, loosened', async ({ page, shop, words }) => {
  await page.goto(shop.url + at('cross-sell'))
  await expect(page.getByText(words('Choose what people buy or do'))).toBeVisible()
  await page.goto(shop.url + at('cross-sell', { items: { event: ['Visit', 'Order Completed', 'Review Written'] } }))
  await isAnswered(page, words)
  await expect(bars(page).first()).toBeVisible()
  expect(await findings(page)).toEqual([])
  await page.goto(shop.url + at('cross-sell', { items: { event: 'Visit' } }))
  await expect(page.getByText(words('No two items have enough people in common'))).toBeVisible()
})

const pages: [string, Record<string, unknown>][] = [
  ['funnel', {}],
  ['funnel', { steps, window: '60d', count: 'session', without: [{ when: { event: 'Review Written' } }] }],
  ['funnel', { steps, window: '60d', by: 'channel', at: 'last' }],
  ['trends', { by: 'channel' }],
  ['trends', { series: [{ measure: 'people' }, { measure: 'count' }], formulas: ['B / A'] }],
  ['paths', { gap: '3d' }],
  ['paths', { tab: 'sankey', after: { event: 'Visit' } }],
  ['paths', { tab: 'variants' }],
  ['conformance', { design }],
  ['channels', {}],
  ['channels', { tab: 'handovers' }],
  ['retention', {}],
  ['lifecycle', {}],
  ['attribution', { conversion: { event: 'Order Completed' } }],
  ['cross-sell', { items: { event: ['Visit', 'Order Completed'] } }],
  ['compare', { segment: 'app-people', with: '*', ask: 'funnel', steps, window: '60d' }],
]

// Few pages to a test: a browser that looks at sixteen whole pages runs out of time on a busy machine.
const parts = [pages.slice(0, 6), pages.slice(6, 11), pages.slice(11)]
for (const [name, viewport] of [
  ['dark, wide', { width: 1440, height: 1000 }],
  ['dark, phone', { width: 390, height: 844 }],
  ['light, phone', { width: 390, height: 844 }],
] as const)
  for (const [index, part] of parts.entries())
    test(`every page is sound: ${name}, ${index + 1} of ${parts.length}`, async ({
      browser,
      shop,
      lang,
      contextOptions,
    }) => {
      test.slow()
      const context = await browser.newContext({
        ...contextOptions,
        baseURL: shop.url,
        storageState: shop.state,
        viewport,
        reducedMotion: 'reduce',
      })
      await prefer(context, lang, name.startsWith('dark') ? 'dark' : 'light')
      const page = await context.newPage()
      for (const [path, search] of part) {
        const said = `${path} ${JSON.stringify(search)}`
        await page.goto(at(path, search))
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await page.waitForLoadState('networkidle')
        await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
        const wider = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect(wider, `${said} scrolls sideways`).toBeLessThanOrEqual(0)
        expect(await findings(page), said).toEqual([])
      }
      await context.close()
    })
