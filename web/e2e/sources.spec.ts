import { findings } from './axe.ts'
import { expect, test } from './fixtures.ts'
import { ownedPage, send } from './intake.ts'
import { like } from './words.ts'

/** From no source to an event that was refused, mended and taken. */
test('a key, an event, a dead letter, its way back', async ({ browser, fresh, lang, words, contextOptions }) => {
  test.setTimeout(120_000)
  const page = await ownedPage(fresh, browser, contextOptions, lang)
  await page.goto('/data/sources')
  let key = ''

  await test.step('nothing sends yet', async () => {
    await expect(page.getByText(words('Nothing sends events yet'))).toBeVisible()
    await expect(page.getByText(words('taking events'))).toBeVisible()
    expect(await findings(page)).toEqual([])
  })

  await test.step('the key is shown once, with a way to use it', async () => {
    await page.getByRole('button', { name: words('New source') }).click()
    await page.getByLabel(words('Name'), { exact: true }).fill('web')
    await page.getByRole('button', { name: words('Make the key') }).click()
    const dialog = page.getByRole('dialog')
    key = (await dialog.getByRole('region', { name: words('Key'), exact: true }).innerText()).trim()
    expect(key).toMatch(/^gk_\S{40,}$/)
    await expect(dialog.getByRole('region', { name: words('Example: {0}', { 0: 'curl' }) })).toContainText(key)
    expect(await findings(page)).toEqual([])
    // A stray Escape warns before the key is gone.
    await page.keyboard.press('Escape')
    await expect(
      dialog.getByText(words('The key was not copied. Closing now means making another source.')),
    ).toBeVisible()
  })

  await test.step('the dialog sees the first event come', async () => {
    const { status, body } = await send(fresh, key, [{ type: 'track', event: 'Hello', userId: 'u1' }])
    expect([status, body.accepted]).toEqual([200, 1])
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByText(words('The first event has come'))).toBeVisible()
    await dialog.getByRole('button', { name: words('Close without the key') }).click()
    await expect(page.getByRole('row', { name: like('web') })).toBeVisible()
  })

  await test.step('an event of nobody is kept with its reason', async () => {
    const { body } = await send(fresh, key, [{ type: 'track', event: 'Order Completed', userId: '' }])
    expect(body.rejected).toBe(1)
    await expect(async () => {
      await page.goto('/data/dead-letters')
      await expect(page.getByRole('table').getByText(words('Nobody named'))).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 30_000 })
    expect(await findings(page)).toEqual([])
  })

  await test.step('it is mended and taken', async () => {
    await page.getByRole('table').getByRole('link').first().click()
    const dialog = page.getByRole('dialog')
    const raw = dialog.getByRole('textbox')
    const came = await raw.inputValue()
    await raw.fill(came.replace('"userId": ""', '"userId": '))
    await expect(dialog.getByRole('button', { name: words('Replay as mended') })).toBeDisabled()
    // Still nobody: it says so again and keeps what was typed.
    await raw.fill(came.replace('"userId": ""', '"userId": "" '))
    await dialog.getByRole('button', { name: words('Replay as mended') }).click()
    await expect(dialog.getByRole('alert')).toBeVisible()
    expect(await findings(page)).toEqual([])
    await raw.fill(came.replace('"userId": ""', '"userId": "u2"'))
    await dialog.getByRole('button', { name: words('Replay as mended') }).click()
    await expect(page.getByText(words('The event is accepted'))).toBeVisible()
    await expect(dialog).toBeHidden()
    await expect(async () => {
      await page.goto('/data/events?search=Order')
      await expect(page.getByRole('table').getByText('Order Completed')).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 30_000 })
  })

  await test.step('a revoked key sends nothing more', async () => {
    await page.goto('/data/sources')
    await page.getByRole('button', { name: words('Revoke the key of {0}', { 0: 'web' }) }).click()
    await page.getByRole('button', { name: words('Revoke the key'), exact: true }).click()
    await expect(page.getByText(words('The key of {0} no longer counts', { 0: 'web' }))).toBeVisible()
    expect((await send(fresh, key, [{ type: 'track', event: 'Hello', userId: 'u1' }])).status).toBe(401)
  })
  await page.context().close()
})
