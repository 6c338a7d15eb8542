import { findings } from './axe.ts'
import { expect, prefer, test } from './fixtures.ts'
import { like } from './words.ts'

const pages = [
  '/journeys',
  '/journeys/new',
  '/journeys/new?from=yaml',
  '/journeys/gift/edit',
  '/journeys/gift/edit?as=yaml',
  '/maps/gift',
  '/maps/missing',
  '/people',
  '/segments',
  '/segments/new',
  '/segments/app-people/edit',
  '/sql',
  '/data/sources',
  '/data/dead-letters',
  '/data/events',
  '/settings',
]

for (const theme of ['light', 'dark'] as const)
  for (const [name, viewport] of [
    ['wide', { width: 1440, height: 1000 }],
    ['phone', { width: 390, height: 844 }],
  ] as const)
    test(`axe is clean on every page: ${theme}, ${name}`, async ({ browser, shop, lang, contextOptions }) => {
      const context = await browser.newContext({
        ...contextOptions,
        baseURL: shop.url,
        storageState: shop.state,
        viewport,
        reducedMotion: 'reduce',
      })
      await prefer(context, lang, theme)
      const page = await context.newPage()
      for (const path of pages) {
        await page.goto(path)
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
        await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
        expect(await findings(page), path).toEqual([])
      }
      // A person, by way of the list.
      await page.goto('/people')
      await page.locator('a[href^="/people/"]').first().click()
      await expect(page).toHaveURL(/\/people\/[0-9a-f]+/)
      await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
      expect(await findings(page), '/people/…').toEqual([])
      await context.close()
    })

for (const theme of ['light', 'dark'] as const)
  test(`axe is clean on what opens over the map: ${theme}`, async ({ browser, shop, lang, words, contextOptions }) => {
    const context = await browser.newContext({
      ...contextOptions,
      baseURL: shop.url,
      storageState: shop.state,
      reducedMotion: 'reduce',
    })
    await prefer(context, lang, theme)
    const page = await context.newPage()
    await page.goto('/maps/gift')
    await page.getByRole('button', { name: like(`${words('People in the journey')}, `) }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    expect(await findings(page), 'a number').toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /(버전|version) \d+/ }).click()
    await expect(page.getByRole('dialog', { name: words('Versions') })).toBeVisible()
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
    expect(await findings(page), 'versions').toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: words('Export'), exact: true }).click()
    await expect(page.getByRole('menu')).toBeVisible()
    expect(await findings(page), 'export').toEqual([])
    await page.keyboard.press('Escape')
    await page.locator('[data-card] button').first().focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('textbox')).toBeFocused()
    expect(await findings(page), 'a card being written').toEqual([])
    await context.close()
  })

test('axe is clean before signing in', async ({ browser, fresh, lang, contextOptions }) => {
  for (const theme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ ...contextOptions, baseURL: fresh.url, reducedMotion: 'reduce' })
    await prefer(context, lang, theme)
    const page = await context.newPage()
    for (const path of ['/welcome', '/sign-in']) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      expect(await findings(page), path).toEqual([])
    }
    await context.close()
  }
})

test('at twice the size nothing is cut off', async ({ browser, shop, lang, contextOptions }) => {
  // 200% zoom of a 1280 px window is a window of 640 px.
  const context = await browser.newContext({
    ...contextOptions,
    baseURL: shop.url,
    storageState: shop.state,
    viewport: { width: 640, height: 500 },
    deviceScaleFactor: 2,
  })
  await prefer(context, lang)
  const page = await context.newPage()
  for (const path of pages) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(wide, path).toBeLessThanOrEqual(0)
  }
  await context.close()
})
