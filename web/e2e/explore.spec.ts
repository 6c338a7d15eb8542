import type { Page } from '@playwright/test'
import { findings } from './axe.ts'
import { expect, prefer, test } from './fixtures.ts'
import { N_PEOPLE } from './shop.ts'
import type { Words } from './words.ts'

test.use({ acceptDownloads: true })

const steps = [
  { event: 'Visit' },
  { event: 'Product Viewed' },
  { event: 'Checkout Started' },
  { event: 'Order Completed' },
]
const at = (path: string, search: Record<string, unknown> = {}) => {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries({ period: 'all', ...search }))
    query.set(key, typeof value === 'string' ? value : JSON.stringify(value))
  return `/explore/${path}?${query}`
}
/** The chart that answers; others may stand below it. */
const chart = (page: Page) => page.locator('svg[role="group"]').first()
const marks = (page: Page) => chart(page).locator('[data-mark]')
/** The bars of one funnel, without what is lost between them. */
const bars = (page: Page) => chart(page).locator('[data-mark^="0:"]')

/** The answer is there, and nothing on the page is out of reach. */
async function isAnswered(page: Page, words: Words) {
  await expect(page.getByRole('button', { name: words('Explain these numbers') })).toBeVisible()
  expect(await findings(page)).toEqual([])
}

test.beforeEach(async ({ shop, lang, context }) => {
  await prefer(context, lang)
  await context.addCookies(shop.state.cookies)
})

test('the room: every question has its card, and each leads to its page', async ({ page, shop, words }) => {
  await page.goto(`${shop.url}/explore`)
  for (const name of ['Funnel', 'Trends', 'Paths', 'Channels', 'Compare'])
    await expect(
      page
        .getByRole('main')
        .getByRole('link', { name: words(name) })
        .first(),
    ).toBeVisible()
  expect(await findings(page)).toEqual([])
  await page
    .getByRole('main')
    .getByRole('link', { name: words('Trends') })
    .first()
    .click()
  await expect(page).toHaveURL(/\/explore\/trends/)
  await expect(page.getByRole('heading', { level: 1, name: words('Trends') })).toBeVisible()
})

test('a funnel: from a journey, walked by keys, its people, table, files and link', async ({
  page,
  shop,
  words,
  lang,
}) => {
  await page.goto(shop.url + at('funnel'))
  await test.step('starts from the stages of a journey', async () => {
    await page
      .getByRole('button', {
        name: words('Stages of “{0}”', { 0: lang === 'ko' ? '선물 구매 여정' : 'Buying a gift' }),
      })
      .click()
    await expect(page).toHaveURL(/steps=/)
    await isAnswered(page, words)
  })
  await page.goto(shop.url + at('funnel', { steps, window: '60d' }))
  await test.step('everybody entered, and the bars are walked by arrow keys', async () => {
    await expect(bars(page)).toHaveCount(4)
    await expect(bars(page).first()).toHaveAttribute('aria-label', new RegExp(`1\\. Visit.*${N_PEOPLE}`))
    await bars(page).first().focus()
    await page.keyboard.press('ArrowDown')
    await expect(chart(page).locator('[data-mark="1:0"]')).toBeFocused()
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowRight')
    await expect(bars(page).nth(1)).toBeFocused()
    await page.keyboard.press('End')
    await expect(bars(page).nth(3)).toBeFocused()
    await page.keyboard.press('Home')
    await isAnswered(page, words)
  })
  await test.step('the people of the first step are as many as it counts', async () => {
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('dialog')
    await expect(drawer.getByText(new RegExp(`^${N_PEOPLE}`)).first()).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(drawer).toBeHidden()
  })
  await test.step('the same numbers stand in the table and in the file', async () => {
    const bar = await bars(page).nth(3).getAttribute('aria-label')
    const last = /, (\d+)/.exec(bar ?? '')?.[1] ?? 'none'
    await page.getByText(words('Table'), { exact: true }).first().click()
    await expect(page.getByRole('row', { name: /Order Completed/ })).toContainText(last)
    expect(await findings(page)).toEqual([])
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      (async () => {
        await page.getByRole('button', { name: words('Export {title}', { title: words('Funnel') }) }).click()
        await page.getByRole('menuitem', { name: 'CSV' }).click()
      })(),
    ])
    expect(file.suggestedFilename()).toMatch(/\.csv$/)
  })
  await test.step('the link holds the question', async () => {
    const marked = page.url()
    await page.goto(`${shop.url}/journeys`)
    await page.goto(marked)
    await expect(bars(page)).toHaveCount(4)
  })
})

test('a funnel is changed step by step', async ({ page, shop, words }) => {
  await page.goto(shop.url + at('funnel', { steps: steps.slice(0, 2), window: '60d' }))
  await expect(bars(page)).toHaveCount(2)
  await page.getByRole('button', { name: words('Step'), exact: true }).click()
  await page.getByRole('searchbox').fill('Order')
  await page.getByRole('option', { name: /Order Completed/ }).click()
  await expect(bars(page)).toHaveCount(3)
  await page.getByRole('button', { name: words('Step {0}: move or remove', { 0: 2 }) }).click()
  await page.getByRole('menuitem', { name: words('Remove'), exact: true }).click()
  await expect(bars(page)).toHaveCount(2)
  await expect(bars(page).nth(1)).toHaveAttribute('aria-label', /Order Completed/)
  await page.goto(shop.url + at('funnel', { steps, window: '60d', by: 'channel' }))
  await expect(marks(page)).toHaveCount(12)
  await isAnswered(page, words)
})

test('a trend: by time, by channel, as a picture', async ({ page, shop, words }) => {
  await page.goto(shop.url + at('trends', { when: { event: 'Order Completed' }, measure: 'events', grain: 'week' }))
  await isAnswered(page, words)
  const n = await marks(page).count()
  expect(n).toBeGreaterThan(8)
  await marks(page).first().focus()
  await page.keyboard.press('End')
  await expect(marks(page).nth(n - 1)).toBeFocused()
  await page.goto(shop.url + at('trends', { by: 'channel' }))
  await expect(chart(page)).toContainText('store')
  await isAnswered(page, words)
  for (const format of ['PNG', 'SVG']) {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      (async () => {
        await page.getByRole('button', { name: words('Export {title}', { title: words('People') }) }).click()
        await page.getByRole('menuitem', { name: format }).click()
      })(),
    ])
    expect(file.suggestedFilename()).toMatch(new RegExp(`\\.${format.toLowerCase()}$`))
  }
})

test('channels: reach, and the people behind a bar', async ({ page, shop, words }) => {
  await page.goto(shop.url + at('channels'))
  await isAnswered(page, words)
  await expect(marks(page)).toHaveCount(3)
  await marks(page).first().focus()
  const says = (await marks(page).first().getAttribute('aria-label')) ?? ''
  const n = /(\d+)$/.exec(says)?.[1]
  await page.keyboard.press('Enter')
  await expect(
    page
      .getByRole('dialog')
      .getByText(new RegExp(`^${n}`))
      .first(),
  ).toBeVisible()
})

test('the graph of transitions is followed by arrow keys', async ({ page, shop, words }) => {
  await page.goto(shop.url + at('paths', { gap: '3d' }))
  await isAnswered(page, words)
  await page.locator('[data-mark="Visit"]').focus()
  await page.keyboard.press('ArrowRight')
  await expect(page.locator('[data-mark="Product Viewed"]')).toBeFocused()
  await page.keyboard.press('ArrowRight')
  await expect(page.locator('[data-mark="Checkout Started"]')).toBeFocused()
  await page.goto(shop.url + at('paths', { gap: '3d', as: 'matrix' }))
  await expect(page.getByRole('rowheader', { name: 'Visit' })).toBeVisible()
  await isAnswered(page, words)
})

test('a comparison: people against everybody, on every question', async ({ page, shop, words }) => {
  const against = { segment: 'app-people', with: '*' }
  await page.goto(shop.url + at('compare', against))
  await expect(page.getByRole('row', { name: /^(주문|Orders) .*\d/ })).toBeVisible()
  expect(await findings(page)).toEqual([])
  await page.goto(shop.url + at('compare', { ...against, ask: 'funnel', steps, window: '60d' }))
  await expect(marks(page)).toHaveCount(8)
  await isAnswered(page, words)
  await page.goto(shop.url + at('compare', { ...against, ask: 'channels' }))
  await isAnswered(page, words)
  await page.goto(shop.url + at('compare', { ...against, ask: 'trend' }))
  await isAnswered(page, words)
  await page.goto(shop.url + at('compare', { compare: 'none' }))
  await expect(page.getByText(words('Both sides are the same'))).toBeVisible()
})

test('a question that takes long says how far it is, and can be stopped', async ({ page, shop, words }) => {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route('**/api/v1/ask', async (route) => {
    await held
    await route.continue().catch(() => {}) // It was stopped.
  })
  // What the server says of questions at work is tried in its own tests; here they never reach it.
  await page.route('**/api/v1/ask/progress', (route) =>
    route.fulfill({ json: { n_questions: 1, n_buckets: 32, n_done: 8 } }),
  )
  await page.goto(shop.url + at('channels'))
  const bar = page.getByRole('progressbar', { name: words('Events read so far') })
  await expect(bar).toHaveAttribute('aria-valuenow', '25')
  expect(await findings(page)).toEqual([])
  await page.getByRole('button', { name: words('Stop'), exact: true }).click()
  await expect(page.getByText(words('Stopped'))).toBeVisible()
  await expect(bar).toBeHidden()
  release()
  await page.unroute('**/api/v1/ask')
  await page.getByRole('button', { name: words('Ask again') }).click()
  await expect(chart(page)).toBeVisible()
})

test('states: nobody, a refusal, a phone', async ({ page, shop, words }) => {
  await page.goto(shop.url + at('funnel', { steps: [{ event: 'Unheard Of' }, { event: 'Visit' }] }))
  await expect(page.getByText(words('Nobody is in this selection'))).toBeVisible()
  expect(await findings(page)).toEqual([])
  await page.route('**/api/v1/ask', (route) =>
    route.fulfill({
      status: 422,
      json: {
        problems: [
          {
            code: 'ask.invalid',
            severity: 'error',
            message: { ko: '이 질문에는 답할 수 없습니다.', en: 'This cannot be answered.' },
            remedy: { ko: '질문을 고치십시오.', en: 'Correct the question.' },
          },
        ],
      },
    }),
  )
  await page.goto(shop.url + at('channels'))
  await expect(page.getByRole('alert').getByText(/This cannot be answered|이 질문에는 답할 수 없습니다/)).toBeVisible()
  await expect(chart(page)).toBeHidden()
  await page.unroute('**/api/v1/ask')
  await page.setViewportSize({ width: 390, height: 844 })
  for (const path of ['funnel', 'trends', 'channels', 'paths', 'compare']) {
    await page.goto(shop.url + at(path, path === 'funnel' ? { steps, window: '60d' } : {}))
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await page.waitForLoadState('networkidle')
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(wider, `${path} scrolls sideways on a phone`).toBeLessThanOrEqual(0)
    expect(await findings(page)).toEqual([])
  }
})
