import { readFileSync } from 'node:fs'
import type { APIRequestContext, Page } from '@playwright/test'
import { findings } from './axe.ts'
import { expect, prefer, test } from './fixtures.ts'
import { N_PEOPLE } from './shop.ts'
import { like, type Words } from './words.ts'

/* The people behind a number: their order, the file of them, the segment made of them, and that they are as many as it says. */

test.use({ acceptDownloads: true })

const steps = ['Visit', 'Product Viewed', 'Checkout Started', 'Order Completed'].map((event) => ({ event }))
const at = (path: string, search: Record<string, unknown> = {}) => {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries({ period: 'all', ...search }))
    query.set(key, typeof value === 'string' ? value : JSON.stringify(value))
  return `/explore/${path}?${query}`
}
const isAnswered = (page: Page, words: Words) =>
  expect(page.getByRole('button', { name: words('Explain these numbers') })).toBeVisible()
const drawer = (page: Page) => page.getByRole('dialog').first()
const rows = (page: Page) => drawer(page).getByRole('listitem').getByRole('link')
const marks = (page: Page) => page.locator('svg[role="group"] [data-mark]')
/** The drawer is open, and has so many people. */
async function has(page: Page, n: number | string) {
  await expect(
    drawer(page)
      .getByText(new RegExp(`^${n}\\D`))
      .first(),
  ).toBeVisible()
  await expect(rows(page)).toHaveCount(Math.min(50, Number(String(n).replace(',', ''))))
}
/** The first number in what a mark or button says after `before`. */
const numberIn = (says: string | null, before: RegExp) =>
  new RegExp(`${before.source}([\\d,]+)`).exec(says ?? '')?.[1] ?? 'none'

let api: APIRequestContext

test.beforeEach(async ({ shop, lang, context, playwright }) => {
  api = await playwright.request.newContext({ baseURL: shop.url, storageState: shop.state })
  await prefer(context, lang)
  await context.addCookies(shop.state.cookies)
})
test.afterEach(() => api.dispose())

/** Opens the people of a step of the funnel. */
async function openStep(page: Page, shop: { url: string }, step: number, search = {}) {
  await page.goto(shop.url + at('funnel', { steps, window: '60d', ...search }))
  // The bars come first; the charts below have marks of their own.
  const bar = page.locator(`[data-mark="0:${step}"]`).first()
  await bar.press('Enter')
  await expect(rows(page).first()).toBeVisible()
  return numberIn(await bar.getAttribute('aria-label'), /, /)
}

test('they are sorted by keyboard, and all of them leave as a file', async ({ page, shop, words }) => {
  const n = await openStep(page, shop, 1)
  await has(page, n)
  expect(await findings(page)).toEqual([])
  await test.step('by when they entered, earliest first', async () => {
    const answer = await api.post('/api/v1/ask', {
      data: {
        ask: 'people',
        of: { select: 'funnel', funnel: { steps, window: '60d' }, at: { step: 2 } },
        sort: 'entered',
        oldest_first: true,
        limit: 50,
      },
    })
    const wanted = (await answer.json()).answer.people.map(
      (person: { person: string }) => `/people/${person.person}`,
    ) as string[]
    const order = drawer(page).getByRole('button', { name: like(words('Last seen, latest first')) })
    await order.focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('option', { name: words('Entered, latest first') })).toBeVisible()
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await expect(drawer(page).getByRole('button', { name: like(words('Entered, earliest first')) })).toBeVisible()
    await expect(rows(page).first()).toHaveAttribute('href', wanted[0] ?? '')
    expect(await rows(page).evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual(wanted)
    expect(await findings(page)).toEqual([])
  })
  await test.step('as CSV, everybody and not just those on the screen', async () => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      drawer(page)
        .getByRole('button', { name: words('Export CSV') })
        .click(),
    ])
    expect(file.suggestedFilename()).toMatch(/\.csv$/)
    const text = readFileSync(await file.path(), 'utf8')
    expect(text.startsWith('\uFEFFperson,user_id,anonymous_id,last_seen,entered')).toBe(true)
    expect(text.trim().split('\n').length - 1).toBe(Number(n))
  })
})

test('they become a segment, and the scope has as many', async ({ page, shop, words, lang }) => {
  const name = lang === 'ko' ? '상품을 본 사람' : 'Looked at a product'
  const n = await openStep(page, shop, 1)
  await drawer(page)
    .getByRole('button', { name: words('Save as a segment') })
    .click()
  const dialog = page.getByRole('dialog', { name: words('Save as a segment') })
  await expect(dialog.getByText(words('It stays current with the data.'))).toBeVisible()
  await test.step('a refusal stands at the field, and nothing is lost', async () => {
    const problem = {
      code: 'document.refused',
      severity: 'error',
      message: { ko: '이 이름은 쓸 수 없습니다.', en: 'This name cannot be used.' },
      remedy: { ko: '다른 이름을 쓰십시오.', en: 'Use another name.' },
    }
    await page.route('**/api/v1/documents/segment/*', (route) =>
      route.fulfill({ status: 422, json: { problems: [problem] } }),
    )
    await dialog.getByRole('textbox').fill(name)
    await dialog.getByRole('button', { name: words('Save'), exact: true }).click()
    await expect(dialog.getByText(/This name cannot be used|이 이름은 쓸 수 없습니다/)).toBeVisible()
    await expect(dialog.getByRole('textbox')).toBeFocused()
    await expect(dialog.getByRole('textbox')).toHaveValue(name)
    expect(await findings(page)).toEqual([])
    await page.unroute('**/api/v1/documents/segment/*')
  })
  await dialog.getByRole('button', { name: words('Save'), exact: true }).click()
  await expect(dialog).toBeHidden()
  const link = drawer(page).getByRole('status').getByRole('link', { name })
  await test.step('its people are as many as the number', async () => {
    await link.click()
    await expect(page).toHaveURL(/\/people\?segment=/)
    await expect(page.getByText(new RegExp(`^${n}\\D`)).first()).toBeVisible()
    await expect(page.getByText(/Visit → Product Viewed/)).toBeVisible()
    expect(await findings(page)).toEqual([])
  })
  await test.step('and every scope can be narrowed to them', async () => {
    await page.goto(shop.url + at('channels'))
    await isAnswered(page, words)
    await page.getByRole('button', { name: like(words('Segment')) }).click()
    const item = page.getByRole('menuitemradio', { name })
    await expect(item).toContainText(n)
    await expect(item).toContainText('Visit → Product Viewed')
    expect(await findings(page)).toEqual([])
    await item.click()
    await expect(page).toHaveURL(/segment=/)
    await isAnswered(page, words)
    await expect(page.getByText(new RegExp(`(^|\\D)${n}\\D`)).first()).toBeVisible()
  })
  const key = new URL(page.url()).searchParams.get('segment') ?? ''
  expect((await api.delete(`/api/v1/documents/segment/${encodeURIComponent(key)}`)).ok()).toBe(true)
})

test('who may only read cannot take them along', async ({ page, shop, words }) => {
  await page.route('**/api/v1/auth/state', async (route) => {
    const response = await route.fetch()
    const state = await response.json()
    await route.fulfill({ response, json: { ...state, user: { ...state.user, role: 'viewer' } } })
  })
  await openStep(page, shop, 0)
  await has(page, N_PEOPLE)
  await expect(drawer(page).getByRole('button', { name: like(words('Last seen, latest first')) })).toBeVisible()
  await expect(drawer(page).getByRole('button', { name: words('Export CSV') })).toHaveCount(0)
  await expect(drawer(page).getByRole('button', { name: words('Save as a segment') })).toHaveCount(0)
})

test('hand-overs, stays and stages open their people', async ({ page, shop, words }) => {
  const goal = { event: 'Order Completed' }
  await page.goto(shop.url + at('channels', { tab: 'handovers', gap: '3d', goal, journey: 'gift' }))
  await isAnswered(page, words)
  await test.step('of a hand-over, as many as it says', async () => {
    const cell = page.getByRole('button', { name: /^web → store: / })
    const n = /, ([\d,]+)/.exec((await cell.getAttribute('aria-label')) ?? '')?.[1] ?? 'none'
    await cell.press('Enter')
    await has(page, n)
    await page.keyboard.press('Escape')
  })
  await test.step('of a channel’s broken stays', async () => {
    await marks(page).first().press('Enter')
    await expect(rows(page).first()).toBeVisible()
    await page.keyboard.press('Escape')
    await page.getByText(words('Table'), { exact: true }).first().click()
    const stays = page.getByRole('button', { name: like(`web, ${words('Stays')}: `) })
    await stays.press('Enter')
    await expect(rows(page).first()).toBeVisible()
    await page.keyboard.press('Escape')
    expect(await findings(page)).toEqual([])
  })
  await test.step('of a stage: all, and who reached the goal', async () => {
    const cell = page.getByRole('button', { name: /, web: .*, n [\d,]+$/ }).first()
    await cell.press('Enter')
    await expect(rows(page).first()).toBeVisible()
    const all = Number(/\d+/.exec((await drawer(page).locator('header').innerText()).replace(',', ''))?.[0])
    await page.keyboard.press('Escape')
    await page.getByText(words('who reached the goal'), { exact: true }).click()
    await cell.press('Enter')
    await expect(rows(page).first()).toBeVisible()
    await expect
      .poll(async () => {
        const text = (await drawer(page).locator('header').innerText()).replace(',', '')
        return Number(/\d+/.exec(text.split('\n').at(-1) ?? '')?.[0])
      })
      .toBeLessThan(all)
  })
})

test('pairs and drivers open as many people as they say', async ({ page, shop, words }) => {
  await page.goto(
    shop.url + at('cross-sell', { items: { event: ['Visit', 'Order Completed', 'Review Written'] }, by: 'event' }),
  )
  await isAnswered(page, words)
  await page.getByText(words('Table'), { exact: true }).first().click()
  const row = page
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader') })
    .first()
  const n = (await row.getByRole('cell').nth(1).innerText()).trim()
  await row.getByRole('button').press('Enter')
  await has(page, n)
  await page.keyboard.press('Escape')
  await page.goto(shop.url + at('funnel', { steps: [steps[0], steps[3]], window: '60d' }))
  const part = page.getByRole('table', { name: words('Why they part') })
  for (const says of ['Finished', 'Did not']) {
    const cell = part.getByRole('button', { name: like(`, ${words(says)}: `) }).last()
    const count = numberIn(await cell.getAttribute('aria-label'), /: /)
    await cell.press('Enter')
    await has(page, count)
    await page.keyboard.press('Escape')
  }
})

test('the last days stay the last days: in the address, in an insight, in a segment', async ({
  page,
  shop,
  words,
  lang,
}) => {
  const name = lang === 'ko' ? '최근 구매' : 'Recent buying'
  const last = lang === 'ko' ? '최근 30일' : 'Last 30 days'
  await openStep(page, shop, 0, { period: '30d' })
  await drawer(page)
    .getByRole('button', { name: words('Save as a segment') })
    .click()
  const dialog = page.getByRole('dialog', { name: words('Save as a segment') })
  await expect(dialog.getByText(/always the last 30 days|늘 최근 30일/)).toBeVisible()
  await expect(dialog.getByRole('textbox')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(drawer(page).locator(':focus')).toHaveCount(1)
  await page.keyboard.press('Escape')
  await expect(drawer(page)).toBeHidden()
  await page.getByRole('button', { name: words('Save'), exact: true }).click()
  await page.getByRole('dialog').getByLabel(words('Name'), { exact: true }).fill(name)
  await page
    .getByRole('dialog')
    .getByRole('button', { name: words('Save'), exact: true })
    .click()
  await expect(page).toHaveURL(/insight=/)
  const key = new URL(page.url()).searchParams.get('insight') ?? ''
  const kept = await (await api.get(`/api/v1/documents/insight/${encodeURIComponent(key)}`)).json()
  expect(kept.body.question.scope).toEqual({ last: '30d' })
  await page.goto(`${shop.url}/explore`)
  await expect(page.getByRole('listitem').filter({ hasText: name })).toContainText(last)
  await page.getByRole('link', { name }).click()
  await expect(page).toHaveURL(/period=30d/)
  await expect(page.getByRole('button', { name: like(last) })).toBeVisible()
  await expect(page.getByRole('button', { name: words('Saved'), exact: true })).toBeVisible()
  expect((await api.delete(`/api/v1/documents/insight/${encodeURIComponent(key)}`)).ok()).toBe(true)
})
