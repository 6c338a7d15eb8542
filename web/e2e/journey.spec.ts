import { readFile } from 'node:fs/promises'
import { cardOf, expect, owner, prefer, test } from './fixtures.ts'
import { N_PEOPLE, shopCsv, shopYaml } from './shop.ts'
import { like } from './words.ts'

/** The main way through the house: an empty folder, a file, a journey, its map, a change, a picture of it. */
test('import, journey, map, edit, undo, export', async ({ browser, fresh, lang, words, contextOptions }) => {
  test.setTimeout(180_000)
  const context = await browser.newContext({ ...contextOptions, baseURL: fresh.url, acceptDownloads: true })
  await prefer(context, lang)
  const page = await context.newPage()
  const csv = shopCsv()
  const n_orders = csv.split('\n').filter((row) => row.includes('Order Completed')).length

  await test.step('the first account', async () => {
    await page.goto('/')
    await page.getByLabel(words('Company or team')).fill('길목상점')
    await page.getByLabel(words('Your name')).fill(owner.name)
    await page.getByLabel(words('Email')).fill(owner.email)
    await page.getByLabel(words('Password')).fill(owner.password)
    await page.getByRole('button', { name: words('Start'), exact: true }).click()
    await expect(page).toHaveURL(/\/journeys/)
  })

  await test.step('a file comes in', async () => {
    await page.goto('/data/sources')
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'shop.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
    await expect(page.getByRole('heading', { name: words('The first rows as events') })).toBeVisible()
    await expect(page.getByRole('table').getByText('Visit').first()).toBeVisible()
    await page.getByRole('button', { name: words('Start the import') }).click()
    await expect(page.getByText(words('done'), { exact: true })).toBeVisible({ timeout: 60_000 })
    const n_rows = (csv.trim().split('\n').length - 1).toLocaleString(lang)
    await expect(page.getByRole('list').getByText(n_rows, { exact: true }).first()).toBeVisible()
  })

  await test.step('a journey with its map', async () => {
    await page.goto('/journeys/new?from=yaml')
    await page.getByRole('textbox').fill(shopYaml)
    await page.getByRole('button', { name: words('Apply'), exact: true }).click()
    await expect(page).toHaveURL(/\/maps\/gift/)
    await expect(page.getByRole('grid')).toBeVisible()
  })

  await test.step('its numbers are those of the file', async () => {
    const started = page.getByRole('button', { name: like(`${words('People in the journey')}, ${N_PEOPLE}`) })
    await expect(started).toBeVisible()
    const stage = lang === 'ko' ? '구매' : 'Purchase'
    const bought = page.getByRole('button', {
      name: like(`${words('{name}: people who entered', { name: stage })}, ${n_orders}`),
    })
    await expect(bought).toBeVisible()
    await bought.click()
    const meaning = page.getByRole('dialog')
    await expect(
      meaning.getByText(words('People who entered this stage at least once during their trip.')),
    ).toBeVisible()
    await page.keyboard.press('Escape')
  })

  await test.step('a card is changed, undone, made again', async () => {
    const [old, mended] = lang === 'ko' ? ['결제 창이 느리다', '결제 창이 6.8초 걸린다'] : ['slow', 'takes 6.8 s']
    const card = cardOf(page, 'slow')
    await card.getByRole('button').first().click()
    await page.getByRole('textbox', { name: words('Text of the card') }).fill(mended)
    await page.keyboard.press('Enter')
    await expect(card).toContainText(mended)
    await expect(page.getByRole('status').filter({ hasText: words('saved') })).toBeVisible()
    await page.getByRole('button', { name: like(words('Undo: {0}', { 0: words('change a card') })) }).click()
    await expect(card).toContainText(old)
    await page.keyboard.press('Control+Shift+z')
    await expect(card).toContainText(mended)
    await expect(page.getByRole('status').filter({ hasText: words('saved') })).toBeVisible()
    await page.reload()
    await expect(card).toContainText(mended)
  })

  await test.step('the map leaves as SVG, PNG and PDF', async () => {
    for (const [choice, ending, head] of [
      [/^SVG/, 'svg', '<svg'],
      [/^PNG/, 'png', '\x89PNG'],
      [/^PDF · A4/, 'pdf', '%PDF-'],
    ] as const) {
      await page.getByRole('button', { name: words('Export'), exact: true }).click()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: choice }).click(),
      ])
      expect(download.suggestedFilename()).toBe(`gift.${ending}`)
      const file = await readFile(await download.path())
      expect(file.toString('latin1').slice(0, 400)).toContain(head)
    }
  })
  await context.close()
})
