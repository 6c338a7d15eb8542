import type { APIRequestContext, Page } from '@playwright/test'
import { findings } from './axe.ts'
import { expect, prefer, test } from './fixtures.ts'
import { N_PEOPLE, shopCsv } from './shop.ts'
import { like, type Words } from './words.ts'

/* Segments made and changed without code: counted, used, and never losing what the form cannot show. */

let api: APIRequestContext
/** Segments a test made. */
const made: string[] = []

test.beforeEach(async ({ shop, lang, context, playwright }) => {
  api = await playwright.request.newContext({ baseURL: shop.url, storageState: shop.state })
  await prefer(context, lang)
  await context.addCookies(shop.state.cookies)
})
test.afterEach(async () => {
  // The latest first: one may need another.
  for (const key of made.splice(0).toReversed())
    await api.delete(`/api/v1/documents/segment/${encodeURIComponent(key)}`)
  await api.dispose()
})

const condition = (page: Page, words: Words, place: string) =>
  page.getByRole('group', { name: words('Condition {0}', { 0: place }), exact: true })
const side = (page: Page, words: Words) => page.getByRole('complementary', { name: words('Who is in it') })
const isSaved = (page: Page) => expect(page.getByRole('status').filter({ hasText: /^(저장됨|saved)$/ })).toBeVisible()
const keyOf = (page: Page) => decodeURIComponent(/\/segments\/([^/]+)\/edit/.exec(page.url())?.[1] ?? '')
const stored = async (key: string) =>
  (await (await api.get(`/api/v1/documents/segment/${encodeURIComponent(key)}`)).json()).body

/** Writes a segment past the form. */
async function write(body: { key: string; [field: string]: unknown }) {
  made.push(body.key)
  const answer = await api.put(`/api/v1/documents/segment/${body.key}`, {
    data: { body: { kind: 'segment', name: body.key, ...body }, base_version: null },
  })
  expect(answer.ok(), await answer.text()).toBe(true)
}

/** Chooses an event where focus is: the button that opens the catalogue. */
async function pickEvent(page: Page, words: Words, event: string) {
  await expect(page.locator(':focus')).toHaveText(words('Choose an event'))
  await page.keyboard.press('Enter')
  await page.keyboard.type(event)
  await page.getByRole('option', { name: event }).click()
  await page.keyboard.press('Escape')
}

async function choose(page: Page, field: ReturnType<Page['locator']>, option: string) {
  await field.click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

/** People of the shop by what they did, counted here and not by the server. */
function people(belongs: (events: string[]) => boolean): number {
  const did = new Map<string, string[]>()
  for (const line of shopCsv().trim().split('\n').slice(1)) {
    const [person = '', , event = ''] = line.split(',')
    did.set(person, [...(did.get(person) ?? []), event])
  }
  return [...did.values()].filter(belongs).length
}

test('a segment is made without code, is counted and narrows a funnel', async ({ page, shop, words, lang }) => {
  const name = lang === 'ko' ? '조용한 구매자' : 'Quiet buyers'
  const n = people((events) => events.includes('Order Completed') && !events.includes('Review Written'))
  await page.goto(`${shop.url}/segments`)
  await page.getByRole('link', { name: words('New segment') }).click()
  await expect(page.getByText(words('No condition yet: everybody belongs.'))).toBeVisible()
  expect(await findings(page)).toEqual([])

  await test.step('not without a name', async () => {
    await page.getByRole('button', { name: words('Save'), exact: true }).click()
    const field = page.getByRole('textbox', { name: words('Name of the segment') })
    await expect(field).toBeFocused()
    await expect(page.getByText(words('Give it a name, in every language that is written.'))).toBeVisible()
    expect(await findings(page)).toEqual([])
    await field.fill(name)
  })
  await test.step('of what people did, and what they never did', async () => {
    const add = page.getByRole('button', { name: words('What people did'), exact: true })
    await add.press('Enter')
    await pickEvent(page, words, 'Order Completed')
    await add.press('Enter')
    await pickEvent(page, words, 'Review Written')
    await choose(
      page,
      condition(page, words, '2').getByRole('button', { name: like(words('How often')) }),
      words('not once'),
    )
    const says = words('never did {what}', { what: 'Review Written' })
    await expect(side(page, words)).toContainText(`Order Completed`)
    await expect(side(page, words)).toContainText(says)
    // Before it is stored.
    await expect(side(page, words)).toContainText(String(n))
    await expect(side(page, words)).toContainText(`${((n / N_PEOPLE) * 100).toFixed(1)}%`)
    expect(await findings(page)).toEqual([])
  })
  await test.step('saved by keyboard, it has an address and a size', async () => {
    await page.keyboard.press('Control+s')
    await expect(page).toHaveURL(/\/segments\/[^/]+\/edit$/)
    made.push(keyOf(page))
    await isSaved(page)
    await expect(side(page, words)).toContainText(String(n))
    await expect(side(page, words)).toContainText(`${((n / N_PEOPLE) * 100).toFixed(1)}%`)
    expect((await stored(keyOf(page))).rule).toEqual({
      all: [
        { did: { when: { event: 'Order Completed' }, at_least: 1 } },
        { not: { did: { when: { event: 'Review Written' }, at_least: 1 } } },
      ],
    })
    expect(await findings(page)).toEqual([])
  })
  await test.step('and every scope can be narrowed to it', async () => {
    const steps = ['Visit', 'Order Completed'].map((event) => ({ event }))
    await page.goto(`${shop.url}/explore/funnel?period=all&steps=${encodeURIComponent(JSON.stringify(steps))}`)
    await page.getByRole('button', { name: like(words('Segment')) }).click()
    const item = page.getByRole('menuitemradio', { name })
    await expect(item).toContainText(String(n))
    await item.click()
    await expect(page).toHaveURL(/segment=/)
    await expect(page.locator('[data-mark="0:1"]').first()).toHaveAttribute('aria-label', new RegExp(`, ${n}\\D`))
  })
})

test('changes are taken back, kept by asking, and counted again', async ({ page, shop, words }) => {
  await write({ key: 'visits', rule: { did: { when: { event: 'Visit' } } } })
  await page.goto(`${shop.url}/segments/visits/edit`)
  await expect(side(page, words)).toContainText(String(N_PEOPLE))
  const times = condition(page, words, '1').getByRole('textbox', { name: words('Times') })
  await times.fill('2')
  await expect(page.getByRole('status').filter({ hasText: words('changes not saved') })).toBeVisible()
  const twice = people((events) => events.filter((event) => event === 'Visit').length >= 2)
  await expect(side(page, words).getByRole('status')).toContainText(String(twice))
  await test.step('a number that is none is not taken', async () => {
    await times.fill('0.5')
    await expect(page.getByText(words('A whole number from {least}', { least: 1 }))).toBeVisible()
    await times.blur()
    await expect(times).toHaveValue('2')
  })
  await test.step('undone and done again by keyboard', async () => {
    await page.keyboard.press('Control+z')
    await expect(times).toHaveValue('1')
    await isSaved(page)
    await page.keyboard.press('Control+Shift+z')
    await expect(times).toHaveValue('2')
  })
  await test.step('leaving asks first', async () => {
    await page.getByRole('link', { name: words('Segments'), exact: true }).click()
    const dialog = page.getByRole('dialog', { name: words('Changes are not saved') })
    await dialog.getByRole('button', { name: words('Save and leave') }).click()
    await expect(page).toHaveURL(/\/segments$/)
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'visits', exact: true }) })
    await expect(row).toContainText(String(twice))
    expect((await stored('visits')).rule).toEqual({ did: { when: { event: 'Visit' }, at_least: 2 } })
  })
})

test('what the form cannot show is kept as it was written', async ({ page, shop, words }) => {
  const did = (event: string) => ({ did: { when: { event }, at_least: 1 } })
  const deep = { all: [did('Order Completed'), { not: { any: [did('Review Written')] } }] }
  const number = { selected: { of: { select: 'everybody' }, scope: { last: '30d' } } }
  const rule = {
    any: [did('Visit'), { all: [did('Product Viewed'), deep, { not: { not: number } }] }, { not: number }],
  }
  await write({ key: 'deep', rule })
  await page.goto(`${shop.url}/segments/deep/edit`)
  await expect(page.getByText(words('The form does not open groups so deep. They are kept as they are.'))).toHaveCount(
    2,
  )
  await expect(condition(page, words, '2.2')).toContainText('Review Written')
  await expect(condition(page, words, '3').getByRole('link', { name: words('See the people') })).toBeVisible()
  expect(await findings(page)).toEqual([])
  await page.getByRole('textbox', { name: words('Name of the segment') }).fill('Deep')
  await choose(
    page,
    condition(page, words, '2.1').getByRole('button', { name: like(words('How often')) }),
    words('exactly'),
  )
  await page.getByRole('button', { name: words('Save'), exact: true }).click()
  await isSaved(page)
  const kept = await stored('deep')
  expect(kept.name).toBe('Deep')
  const once = { did: { when: { event: 'Product Viewed' }, at_least: 1, at_most: 1 } }
  expect(kept.rule).toEqual({ any: [rule.any[0], { all: [once, deep, { not: { not: number } }] }, { not: number }] })
})

test('what the server refuses stands where it is mended', async ({ page, shop, words }) => {
  await write({ key: 'visits', rule: { all: [{ did: { when: { event: 'Visit' } } }] } })
  await page.goto(`${shop.url}/segments/visits/edit`)
  await page.getByRole('button', { name: words('Group of conditions') }).click()
  await expect(page.locator(':focus')).toHaveText(words('Choose an event'))
  // What is not finished does not count yet; the other condition does.
  await expect(side(page, words)).toContainText(words('All data. Conditions that are not finished do not count yet.'))
  await expect(side(page, words).getByRole('status')).toContainText(String(N_PEOPLE))
  await page.keyboard.press('Control+s')
  const notice = page.getByRole('alert')
  const place = words('Condition {name}', { name: '2.1' })
  await notice.getByRole('button', { name: place }).click()
  await expect(condition(page, words, '2.1')).toBeFocused()
  await expect(condition(page, words, '2.1')).toContainText(/no event is named|이벤트 이름이 없습니다/)
  expect(await findings(page)).toEqual([])
  await condition(page, words, '2.1')
    .getByRole('button', { name: words('Choose an event') })
    .focus()
  await pickEvent(page, words, 'Order Completed')
  // What was refused is another rule now.
  await expect(notice).toHaveCount(0)
  await page.keyboard.press('Control+s')
  await isSaved(page)
  expect((await stored('visits')).rule.all[1]).toEqual({
    any: [{ did: { when: { event: 'Order Completed' }, at_least: 1 } }],
  })
})

test('the list copies and deletes, with a way back; what is used stays', async ({ page, shop, words, lang }) => {
  await write({ key: 'visits', name: { ko: '방문', en: 'Visits' }, rule: { did: { when: { event: 'Visit' } } } })
  await write({ key: 'visitors', rule: { selected: { of: { select: 'segment', segment: 'visits' } } } })
  await page.goto(`${shop.url}/segments`)
  const name = lang === 'ko' ? '방문' : 'Visits'
  const row = page
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name, exact: true }) })
    .first()
  await expect(row.getByRole('link', { name: 'visitors' })).toBeVisible()
  const act = async (what: string) => {
    await row.getByRole('button', { name: words('More about {name}', { name }) }).click()
    await page.getByRole('menuitem', { name: words(what), exact: true }).click()
  }
  expect(await findings(page)).toEqual([])
  await test.step('deleting one that is used says where', async () => {
    await act('Delete')
    await expect(page.getByText(/visitors/).last()).toBeVisible()
    expect((await api.get('/api/v1/documents/segment/visits')).ok()).toBe(true)
  })
  await test.step('a copy has another name and the same rule', async () => {
    await act('Duplicate')
    const copy = lang === 'ko' ? '방문 사본' : 'Visits copy'
    await expect(page.getByRole('heading', { level: 1, name: copy })).toBeVisible()
    await page.getByRole('button', { name: words('Save'), exact: true }).click()
    await expect(page).toHaveURL(/visits-copy\/edit$/)
    made.push('visits-copy')
    expect((await stored('visits-copy')).name).toEqual({ ko: '방문 사본', en: 'Visits copy' })
  })
  await test.step('it goes and comes back', async () => {
    await page.getByRole('link', { name: words('Segments'), exact: true }).click()
    const copy = lang === 'ko' ? '방문 사본' : 'Visits copy'
    await page.getByRole('button', { name: words('More about {name}', { name: copy }) }).click()
    await page.getByRole('menuitem', { name: words('Delete'), exact: true }).click()
    const link = page.getByRole('link', { name: copy, exact: true })
    await expect(link).toHaveCount(0)
    await page.getByRole('button', { name: words('Undo'), exact: true }).click()
    await expect(link).toBeVisible()
  })
})

test('who may only read can open a segment and not save it', async ({ page, shop, words }) => {
  await page.route('**/api/v1/auth/state', async (route) => {
    const response = await route.fetch()
    const state = await response.json()
    await route.fulfill({ response, json: { ...state, user: { ...state.user, role: 'viewer' } } })
  })
  await page.goto(`${shop.url}/segments`)
  await expect(page.getByRole('link', { name: words('New segment') })).toHaveCount(0)
  await page.getByRole('row').getByRole('link').first().click()
  await expect(side(page, words)).toContainText('%')
  await expect(page.getByRole('button', { name: words('Save'), exact: true })).toBeDisabled()
})

test('a count that fails says so, keeps the last one and can be tried again', async ({ page, shop, words }) => {
  await write({ key: 'visits', rule: { did: { when: { event: 'Visit' } } } })
  await page.goto(`${shop.url}/segments/visits/edit`)
  await expect(side(page, words).getByRole('status')).toContainText(String(N_PEOPLE))
  const problem = {
    code: 'segment.too_many_rules',
    severity: 'error',
    message: { ko: '규칙이 너무 많습니다.', en: 'Too many rules.' },
    remedy: { ko: '줄이십시오.', en: 'Use fewer.' },
  }
  await page.route('**/api/v1/ask', (route) => route.fulfill({ status: 422, json: { problems: [problem] } }))
  await condition(page, words, '1')
    .getByRole('textbox', { name: words('Times') })
    .fill('2')
  await expect(side(page, words).getByText(/Too many rules|규칙이 너무 많습니다/)).toBeVisible()
  await page.unroute('**/api/v1/ask')
  await side(page, words)
    .getByRole('button', { name: words('Try again') })
    .click()
  const twice = people((events) => events.filter((event) => event === 'Visit').length >= 2)
  await expect(side(page, words).getByRole('status')).toContainText(String(twice))
})
