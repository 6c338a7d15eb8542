import { readFile } from 'node:fs/promises'
import { findings } from './axe.ts'
import { expect, test } from './fixtures.ts'
import { makeKey, ownedPage, send } from './intake.ts'
import { like } from './words.ts'

test('a person: merged, taken back, exported, erased', async ({ browser, fresh, lang, words, contextOptions }) => {
  test.setTimeout(120_000)
  const page = await ownedPage(fresh, browser, contextOptions, lang)
  const key = await makeKey(page, 'web')
  const event = (userId: string, name: string) => ({ type: 'track', event: name, userId })
  await send(fresh, key, [
    event('mina', 'Visit'),
    event('mina', 'Order Completed'),
    event('mina-phone', 'Visit'),
    { type: 'track', event: 'Visit', userId: 'mina', anonymousId: 'cookie-7' },
  ])
  const open = async (id: string) => {
    await expect(async () => {
      await page.goto(`/people?search=${id}`)
      await expect(page.getByRole('link', { name: id, exact: true })).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 30_000 })
    await page.getByRole('link', { name: id, exact: true }).click()
    await expect(page.getByRole('heading', { level: 1, name: id })).toBeVisible()
  }
  const n_events = (n: number) =>
    expect(
      page
        .getByRole('definition')
        .filter({ hasText: new RegExp(`^${n}$`) })
        .first(),
    ).toBeVisible()

  await test.step('what was joined by itself is shown', async () => {
    await open('mina')
    await expect(page.getByRole('region', { name: words('Identity') })).toContainText('cookie-7')
    await n_events(3)
    expect(await findings(page)).toEqual([])
  })

  await test.step('two become one, and two again', async () => {
    await page.getByRole('button', { name: words('Merge'), exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('searchbox').fill('mina-phone')
    await dialog
      .getByRole('listitem')
      .getByRole('button', { name: like('mina-phone') })
      .click()
    await expect(dialog).toContainText(words('It can be taken back at any time; your name stays with it.'))
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: words('Merge'), exact: true }).click()
    await expect(dialog).toBeHidden()
    await n_events(4)
    await page.getByRole('button', { name: words('Take back: {0}', { 0: 'mina-phone' }) }).click()
    await n_events(3)
  })

  await test.step('everything stored leaves as a file', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: words('Export'), exact: true }).click(),
    ])
    const stored = JSON.parse(await readFile(await download.path(), 'utf8'))
    expect(stored.user_ids).toContain('mina')
    expect(stored.events).toHaveLength(3)
  })

  await test.step('erasing takes two steps and says what it did', async () => {
    await page.getByRole('button', { name: words('More') }).click()
    await page.getByRole('menuitem', { name: words('Erase this person') }).click()
    const dialog = page.getByRole('dialog')
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: words('Go on') }).click()
    const sure = dialog.getByRole('button', { name: words('Erase for good') })
    await expect(sure).toBeDisabled()
    await dialog.getByRole('textbox').fill('mina')
    await sure.click()
    await expect(dialog.getByText(words('events taken out'))).toBeVisible()
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: words('Done') }).click()
    await expect(page).toHaveURL(/\/people/)
    await page.goto('/people?search=mina')
    await expect(page.getByRole('link', { name: 'mina-phone', exact: true })).toBeVisible()
    await expect(page.getByRole('link', { name: 'mina', exact: true })).toHaveCount(0)
  })

  await test.step('a backup is made from the settings', async () => {
    await page.goto('/settings')
    await page.getByRole('button', { name: words('Back up now') }).click()
    await expect(page.getByRole('listitem').getByText(words('done'), { exact: true })).toBeVisible({ timeout: 60_000 })
    expect(await findings(page)).toEqual([])
  })

  await test.step('what is older than it is kept is taken out', async () => {
    const long = { type: 'track', event: 'Visit', userId: 'long-ago', timestamp: '2019-05-01T00:00:00Z' }
    expect((await send(fresh, key, [long])).status).toBe(200)
    const card = page.getByRole('region', { name: words('How long data is kept') })
    await expect(async () => {
      await page.goto('/settings')
      await card.getByText(words('13 months'), { exact: true }).click()
      const due = lang === 'ko' ? /이벤트 1개, .*고객 1명/ : /1 event, 1 person/
      await expect(card.getByText(due)).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 30_000 })
    await card.getByRole('button', { name: words('Save'), exact: true }).click()
    await card.getByRole('button', { name: words('Take out now…') }).click()
    const dialog = page.getByRole('dialog')
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: words('Take out for good') }).click()
    await expect(dialog).toBeHidden()
    await expect(card.getByRole('button', { name: words('Take out now…') })).toHaveCount(0)
    await page.goto('/people?search=long-ago')
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.getByRole('link', { name: 'long-ago', exact: true })).toHaveCount(0)
  })
  await page.context().close()
})
