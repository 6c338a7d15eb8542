import { expect, prefer, test } from './fixtures.ts'
import { like } from './words.ts'

test('a number leads to its meaning, its people and a person', async ({ map, words, lang }) => {
  const stage = lang === 'ko' ? '고려' : 'Consideration'
  await map
    .getByRole('button', { name: like(words('{name}: share that moved on', { name: stage })) })
    .first()
    .click()
  const meaning = map.getByRole('dialog')
  await expect(meaning.getByText(words('95% interval'))).toBeVisible()
  await meaning.getByRole('button', { name: words('Show people') }).click()
  const people = map.getByRole('dialog', { name: like(words('{name}: share that moved on', { name: stage })) }).last()
  await people.getByRole('link').first().click()
  await expect(map).toHaveURL(/\/people\/[0-9a-f]{16}/)
})

test('the history of a metric is read value by value', async ({ map, words, lang }) => {
  await map.getByRole('button', { name: like(lang === 'ko' ? '구매: 주문, ' : 'Purchase: Orders, ') }).click()
  const meaning = map.getByRole('dialog')
  const history = meaning.getByRole('slider')
  await history.focus()
  const last = await history.getAttribute('aria-valuetext')
  await map.keyboard.press('ArrowLeft')
  await expect(history).not.toHaveAttribute('aria-valuetext', last ?? '')
  await meaning.getByText(words('As a table')).click()
  await expect(meaning.getByRole('row')).not.toHaveCount(0)
})

test('the people behind a number are as many as it says', async ({ map, words, lang }) => {
  const stage = lang === 'ko' ? '옹호' : 'Advocacy'
  const label = words('{name}: people who entered', { name: stage })
  const figure = map.getByRole('button', { name: like(label) })
  const said = Number(/(\d[\d,]*)/.exec((await figure.textContent()) ?? '')?.[1]?.replaceAll(',', ''))
  expect(said).toBeGreaterThan(0)
  await figure.click()
  await map
    .getByRole('dialog')
    .getByRole('button', { name: words('Show people') })
    .click()
  const drawer = map.getByRole('dialog', { name: label }).last()
  const more = drawer.getByRole('button', { name: words('Show more') })
  await expect(drawer.getByRole('link').first()).toBeVisible()
  const links = drawer.getByRole('link')
  while (await more.isVisible()) {
    const n = await links.count()
    await more.click()
    await expect.poll(() => links.count()).toBeGreaterThan(n)
  }
  await expect(links).toHaveCount(said)
})

test('the address holds the view', async ({ map, words, lang }) => {
  const people = map.getByRole('button', { name: like(`${words('People in the journey')}, `) })
  const all = (await people.textContent()) ?? ''
  await map.goto('/maps/gift?segment=app-people')
  await expect(people).not.toHaveText(all)
  await expect(people).toHaveText(/\d/)
  const some = (await people.textContent()) ?? ''
  await map.getByRole('button', { name: like(lang === 'ko' ? '앱으로 온 사람' : 'Came by app') }).click()
  await map.getByRole('button', { name: like(words('Whose numbers')) }).click()
  await map.getByRole('option', { name: words('Everybody') }).click()
  await expect(people).toHaveText(all)
  await expect(map).not.toHaveURL(/segment=/)
  expect(Number(some.replace(/\D/g, ''))).toBeLessThan(Number(all.replace(/\D/g, '')))
})

test('what changed is told and leads to its evidence', async ({ map, words }) => {
  await map.goto('/maps/gift?from=2025-09-20&to=2025-10-31')
  await expect(map.getByText(words('What changed against the comparison'))).toBeVisible()
  await map.getByRole('button', { name: words('See the evidence →') }).click()
  await expect(map.getByRole('dialog').getByText(words('Compared with'))).toBeVisible()
})

test('a period with few people says so instead of guessing', async ({ map, words }) => {
  await map.goto('/maps/gift?from=2025-08-04&to=2025-08-05')
  await expect(map.getByText(/^n \d+: (판단하기 이릅니다|too early to judge)\.$/)).toBeVisible()
  await map.goto('/maps/gift?from=2024-01-01&to=2024-01-31')
  await expect(map.getByText(words('Nobody began this journey in the period, among the people chosen.'))).toBeVisible()
})

test.describe('on a phone', () => {
  test('one stage at a time, by tab and by swipe', async ({ browser, shop, lang, words, contextOptions }) => {
    const context = await browser.newContext({
      ...contextOptions,
      baseURL: shop.url,
      storageState: shop.state,
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    })
    await prefer(context, lang)
    const page = await context.newPage()
    await page.goto('/maps/gift')
    const tabs = page.getByRole('tab')
    await expect(tabs).toHaveCount(4)
    await expect(tabs.first()).toHaveAttribute('aria-selected', 'true')
    await page.getByRole('button', { name: words('Next stage'), exact: true }).tap()
    await expect(tabs.nth(1)).toHaveAttribute('aria-selected', 'true')
    const touch = await context.newCDPSession(page)
    const at = (x: number) => [{ x, y: 600 }]
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(320) })
    for (const x of [260, 200, 140, 80])
      await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(x) })
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await expect(tabs.nth(2)).toHaveAttribute('aria-selected', 'true')
    // Nothing is wider than the screen.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await context.close()
  })
})
