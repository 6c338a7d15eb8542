import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { findings } from './axe.ts'
import { expect, prefer, test } from './fixtures.ts'
import { N_PEOPLE } from './shop.ts'
import { like } from './words.ts'

const editor = (page: Page) => page.locator('.cm-content')
const grid = (page: Page) => page.getByRole('grid')

/** Puts a query into the editor, in place of what is there. */
async function write(page: Page, query: string) {
  await editor(page).click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(query)
}

test.beforeEach(async ({ context, lang }) => prefer(context, lang))

test('a question in SQL: run, read, copied, sent on, taken along', async ({
  browser,
  shop,
  lang,
  words,
  contextOptions,
}) => {
  const context = await browser.newContext({
    ...contextOptions,
    baseURL: shop.url,
    storageState: shop.state,
    acceptDownloads: true,
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  await prefer(context, lang)
  const page = await context.newPage()
  await page.goto('/sql')

  await test.step('tables and columns are there', async () => {
    await expect(page.getByRole('option', { name: like('channel') })).toBeVisible()
    expect(await findings(page)).toEqual([])
  })

  await test.step('columns and event names are suggested', async () => {
    await editor(page).click()
    await page.keyboard.type('select chan')
    await expect(page.locator('.cm-tooltip-autocomplete').getByText('channel')).toBeVisible()
    await page.keyboard.press('Escape')
    await write(page, '')
    await page.keyboard.type("select * from events where event = 'Order C")
    await expect(page.locator('.cm-tooltip-autocomplete').getByText('Order Completed')).toBeVisible()
    await page.keyboard.press('Escape')
  })

  await test.step('the answer is that of the shop', async () => {
    await write(page, 'SELECT COUNT(DISTINCT person) AS people, 1 AS one FROM events')
    await page.keyboard.press('ControlOrMeta+Enter')
    await expect(grid(page).getByRole('gridcell').first()).toHaveText(String(N_PEOPLE))
    await expect(page).toHaveURL(/\/sql\?.*q=/)
    expect(await findings(page)).toEqual([])
  })

  await test.step('cells are copied by the keyboard', async () => {
    await grid(page).focus()
    await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('ControlOrMeta+c')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${N_PEOPLE}\t1`)
  })

  await test.step('all rows go into a file of either kind', async () => {
    for (const [item, ending] of [
      ['CSV, all rows', 'csv'],
      ['Parquet, all rows', 'parquet'],
    ] as const) {
      await page.getByRole('button', { name: words('Download'), exact: true }).click()
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: like(words(item)) }).click(),
      ])
      expect(file.suggestedFilename()).toMatch(new RegExp(`\\.${ending}$`))
      const bytes = await readFile(await file.path())
      if (ending === 'csv')
        expect(bytes.toString('utf8')).toMatch(new RegExp(`^\\uFEFF?people,one\\r?\\n${N_PEOPLE},1\\r?\\n$`))
      else expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1'])
    }
  })

  await test.step('its address brings it back', async () => {
    await page.reload()
    await expect(grid(page).getByRole('gridcell').first()).toHaveText(String(N_PEOPLE))
    await expect(editor(page)).toContainText('COUNT(DISTINCT person)')
  })

  await test.step('it stays in the history and runs again', async () => {
    await page.getByRole('tab', { name: words('History') }).click()
    const past = page.getByRole('tabpanel').getByRole('listitem')
    await expect(past.first()).toContainText('COUNT(DISTINCT person)')
    await page.getByRole('searchbox', { name: words('Find a query') }).fill('no such words')
    await expect(page.getByText(words('No query has these words'))).toBeVisible()
    await page.getByRole('searchbox', { name: words('Find a query') }).fill('distinct')
    await past
      .first()
      .getByRole('button', { name: words('Run again') })
      .click()
    await expect(grid(page)).toBeVisible()
  })
  await context.close()
})

test('a wrong query is marked at its place and mended', async ({ browser, shop, lang, words, contextOptions }) => {
  const context = await browser.newContext({ ...contextOptions, baseURL: shop.url, storageState: shop.state })
  await prefer(context, lang)
  const page = await context.newPage()
  await page.goto('/sql')
  await write(page, 'SELECT evnt FROM events')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(page.getByText(words('The query did not run'))).toBeVisible()
  await expect(page.locator('.cm-lintRange-error')).toHaveText('evnt')
  await expect(editor(page)).toHaveAttribute('aria-invalid', 'true')
  expect(await findings(page)).toEqual([])
  await page.getByRole('button', { name: words('Put {0} there', { 0: 'event' }) }).click()
  await expect(editor(page)).toContainText('SELECT event FROM events')
  await context.close()
})

test('ten thousand rows are there without being drawn', async ({ browser, shop, lang, words, contextOptions }) => {
  const context = await browser.newContext({ ...contextOptions, baseURL: shop.url, storageState: shop.state })
  await prefer(context, lang)
  const page = await context.newPage()
  const tens = Array.from({ length: 10 }, (_, n) => `(${n})`).join(', ')
  const query = `SELECT event, time, n FROM events CROSS JOIN (VALUES ${tens}) AS tens(n) LIMIT 10000`
  await page.goto(`/sql?rows=10000&q=${encodeURIComponent(query)}`)
  await expect(grid(page)).toHaveAttribute('aria-rowcount', '10001')
  expect(await grid(page).getByRole('row').count()).toBeLessThan(80)
  await grid(page).focus()
  await page.keyboard.press('ControlOrMeta+End')
  await expect(grid(page).locator('[aria-rowindex="10001"]')).toBeInViewport()
  await expect(page.getByText(words('Press a cell to read all of it'))).toBeHidden()
  await context.close()
})

test('a Korean syllable that Ctrl+Enter ends does not run the query', async ({
  browser,
  shop,
  lang,
  contextOptions,
}) => {
  const context = await browser.newContext({ ...contextOptions, baseURL: shop.url, storageState: shop.state })
  await prefer(context, lang)
  const page = await context.newPage()
  await page.goto('/sql')
  await editor(page).click()
  await page.keyboard.insertText("select '")
  const keys = await context.newCDPSession(page)
  await keys.send('Input.imeSetComposition', { text: '하', selectionStart: 1, selectionEnd: 1 })
  await keys.send('Input.imeSetComposition', { text: '한', selectionStart: 1, selectionEnd: 1 })
  for (const type of ['rawKeyDown', 'keyUp'] as const)
    await keys.send('Input.dispatchKeyEvent', {
      type,
      key: 'Enter',
      code: 'Enter',
      windowsVirtualKeyCode: 229,
      modifiers: 2,
    })
  await expect(page).not.toHaveURL(/q=/)
  await keys.send('Input.insertText', { text: '한' })
  await expect(editor(page)).toHaveText(/select '한/)
  await context.close()
})
