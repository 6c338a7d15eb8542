import { findings } from './axe.ts'
import { expect, prefer, test } from './fixtures.ts'
import { like } from './words.ts'

const steps = ['Visit', 'Product Viewed', 'Order Completed'].map((event) => ({ event }))

test('a question is kept, found again, pinned to a map, changed and dropped', async ({
  page,
  shop,
  words,
  lang,
  context,
}) => {
  await prefer(context, lang)
  await context.addCookies(shop.state.cookies)
  const bars = page.locator('svg[role="group"]').first().locator('[data-mark^="0:"]')
  const name = 'Buying within 60 days'
  await test.step('kept with a note and a place on the map', async () => {
    const query = new URLSearchParams({ period: 'all', steps: JSON.stringify(steps), window: '60d' })
    await page.goto(`${shop.url}/explore/funnel?${query}`)
    await expect(bars).toHaveCount(3)
    await page.getByRole('button', { name: words('Save'), exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(words('Name'), { exact: true }).fill(name)
    await dialog.getByLabel(words('Note: what was found')).fill('Half stop at the product page.')
    await dialog.getByRole('button', { name: words('Pin to a map') }).click()
    await expect(dialog.getByRole('button', { name: like(words('Stage on map {0}', { 0: 1 })) })).toBeVisible()
    expect(await findings(page)).toEqual([])
    await dialog.getByRole('button', { name: words('Save'), exact: true }).click()
    await expect(page).toHaveURL(/insight=/)
    await expect(page.getByText(name, { exact: true })).toBeVisible()
  })
  await test.step('it stands in the room, and opens as it was', async () => {
    await page.goto(`${shop.url}/explore`)
    // Before the page is there it has no headings.
    await expect(page.getByRole('link', { name })).toBeVisible()
    expect(await findings(page)).toEqual([])
    await page.getByRole('link', { name }).click()
    await expect(page).toHaveURL(/explore\/funnel/)
    await expect(bars).toHaveCount(3)
    await expect(page.getByRole('button', { name: words('Saved'), exact: true })).toBeVisible()
  })
  await test.step('a change is told from what is kept, and kept', async () => {
    await page.getByRole('button', { name: words('Step {0}: move or remove', { 0: 2 }) }).click()
    await page.getByRole('menuitem', { name: words('Remove'), exact: true }).click()
    await expect(bars).toHaveCount(2)
    await page.getByRole('button', { name: words('Save changes'), exact: true }).click()
    await page.getByRole('menuitem', { name: words('Save the changes') }).click()
    await expect(page.getByRole('button', { name: words('Saved'), exact: true })).toBeVisible()
  })
  await test.step('it stands in its stage on the map', async () => {
    await page.goto(`${shop.url}/maps/gift`)
    const chip = page.getByRole('columnheader').getByRole('link', { name })
    await expect(chip).toBeVisible()
    expect(await findings(page)).toEqual([])
    await chip.click()
    await expect(page).toHaveURL(/explore\/funnel/)
    await expect(bars).toHaveCount(2)
  })
  await test.step('renamed, deleted, and back again', async () => {
    await page.goto(`${shop.url}/explore`)
    const more = (of: string) => page.getByRole('button', { name: words('More about {name}', { name: of }) })
    await more(name).click()
    await page.getByRole('menuitem', { name: words('Name, note and maps') }).click()
    await page.getByRole('dialog').getByLabel(words('Name'), { exact: true }).fill('Buying')
    await page
      .getByRole('dialog')
      .getByRole('button', { name: words('Save'), exact: true })
      .click()
    await expect(page.getByRole('link', { name: 'Buying', exact: true })).toBeVisible()
    await more('Buying').click()
    await page.getByRole('menuitem', { name: words('Delete') }).click()
    await expect(page.getByRole('link', { name: 'Buying', exact: true })).toBeHidden()
    await page.getByRole('button', { name: words('Undo') }).click()
    await expect(page.getByRole('link', { name: 'Buying', exact: true })).toBeVisible()
  })
})
