import { cardOf, cellOf, expect, openMap, prefer, test } from './fixtures.ts'
import { like } from './words.ts'

test('a Korean syllable that Enter ends does not save the card', async ({ map, words }) => {
  await cellOf(map, 'questions', 'buy').getByRole('button').first().click()
  const editor = map.getByRole('textbox')
  await expect(editor).toBeFocused()
  const keys = await map.context().newCDPSession(map)
  await keys.send('Input.imeSetComposition', { text: '하', selectionStart: 1, selectionEnd: 1 })
  await keys.send('Input.imeSetComposition', { text: '한', selectionStart: 1, selectionEnd: 1 })
  // The Enter that an input method takes for itself: key code 229.
  for (const type of ['rawKeyDown', 'keyUp'] as const)
    await keys.send('Input.dispatchKeyEvent', { type, key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 })
  await expect(editor).toBeFocused()
  await keys.send('Input.insertText', { text: '한' })
  await expect(editor).toHaveValue('한')
  await map.keyboard.press('Enter')
  await expect(cellOf(map, 'questions', 'buy').locator('[data-card]')).toHaveText(like('한'))
  await map.keyboard.press('Escape')
  await map.keyboard.press('Control+z')
  await expect(cellOf(map, 'questions', 'buy').locator('[data-card]')).toHaveCount(0)
  await expect(map.getByRole('status').filter({ hasText: words('saved') })).toBeVisible()
})

test('Escape leaves a card as it was', async ({ map }) => {
  const card = cardOf(map, 'trust')
  const before = (await card.textContent()) ?? ''
  await card.getByRole('button').first().click()
  await map.getByRole('textbox').fill('never mind')
  await map.keyboard.press('Escape')
  await expect(card).toHaveText(before)
  await expect(card.getByRole('button').first()).toBeFocused()
})

test('everything by keyboard: walk, move, add, delete, undo, redo', async ({ map, words, lang }) => {
  const first = lang === 'ko' ? '인지' : 'Awareness'
  await map.getByRole('button', { name: like(words('{name}: people who entered', { name: first })) }).focus()
  // Home and End walk a row, Control with them the whole map.
  await map.keyboard.press('Control+Home')
  await expect(map.getByRole('columnheader').first()).toBeFocused()
  await map.keyboard.press('ArrowRight')
  await expect(
    map.getByRole('button', { name: like(words('{name}: people who entered', { name: first })) }),
  ).toBeFocused()

  const card = cardOf(map, 'arrives')
  await card.getByRole('button').first().focus()
  await map.keyboard.press('Alt+ArrowRight')
  await expect(cellOf(map, 'questions', 'buy').locator('[data-card="arrives"]')).toBeVisible()
  await expect(card.getByRole('button').first()).toBeFocused()
  await map.keyboard.press('Alt+ArrowDown')
  await expect(cellOf(map, 'friction', 'buy').locator('[data-card]')).toHaveCount(2)
  await map.keyboard.press('Control+z')
  await map.keyboard.press('Control+z')
  await expect(cellOf(map, 'questions', 'consider').locator('[data-card="arrives"]')).toBeVisible()
  await map.keyboard.press('Control+Shift+z')
  await expect(cellOf(map, 'questions', 'buy').locator('[data-card="arrives"]')).toBeVisible()
  await map.keyboard.press('Control+z')

  await card.getByRole('button').first().focus()
  await map.keyboard.press('Delete')
  await expect(card).toHaveCount(0)
  await map.keyboard.press('Control+z')
  await expect(card).toBeVisible()
})

test('a menu does what dragging does', async ({ map, words }) => {
  const card = cardOf(map, 'trust')
  await card.hover()
  await card.getByRole('button', { name: like(words('Menu of the card: {text}', { text: '' })) }).click()
  await map.getByRole('menuitem', { name: words('To the next stage') }).click()
  await expect(cellOf(map, 'questions', 'consider').locator('[data-card="trust"]')).toBeVisible()

  const [from, to] = [await card.boundingBox(), await cellOf(map, 'questions', 'share').boundingBox()]
  if (!from || !to) throw new Error('nothing to drag')
  await map.mouse.move(from.x + 30, from.y + 14)
  await map.mouse.down()
  await map.mouse.move(from.x + 60, from.y + 20, { steps: 3 })
  await map.mouse.move(to.x + 60, to.y + 20, { steps: 6 })
  await map.mouse.up()
  await expect(cellOf(map, 'questions', 'share').locator('[data-card="trust"]')).toBeVisible()
  // The press that ends a drag is not a press of the card.
  await expect(map.getByRole('textbox')).toHaveCount(0)
  await map.keyboard.press('Control+z')
  await map.keyboard.press('Control+z')
  await expect(cellOf(map, 'questions', 'aware').locator('[data-card="trust"]')).toBeVisible()
})

test('the assumed emotion moves in steps of 0.1 and is undone as one', async ({ map, words, lang }) => {
  const stage = lang === 'ko' ? '구매' : 'Purchase'
  const slider = map.getByRole('slider', { name: words('{name}: what the team assumes', { name: stage }) })
  await slider.focus()
  await expect(slider).toHaveAttribute('aria-valuenow', '1.2')
  await map.keyboard.press('ArrowDown')
  await map.keyboard.press('ArrowDown')
  await map.keyboard.press('ArrowDown')
  await expect(slider).toHaveAttribute('aria-valuenow', '0.9')
  await map.keyboard.press('Control+z')
  await expect(slider).toHaveAttribute('aria-valuenow', '1.2')
})

test('lanes are added, moved, hidden for one reader, removed for all', async ({ map, words }) => {
  const keys = () => map.locator('[data-row]').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-row')))
  const before = await keys()
  await map.getByRole('button', { name: words('Add a lane') }).click()
  await map.getByRole('menuitem', { name: words('Expectations') }).click()
  await expect(map.locator('[data-row="expectations"]')).toBeVisible()
  await map.locator('[data-row="expectations"] [role=rowheader] button').focus()
  await map.keyboard.press('Alt+ArrowUp')
  await expect.poll(async () => (await keys()).at(-2)).toBe('expectations')
  await map.keyboard.press('Enter')
  await map.getByRole('menuitem', { name: like(words('Remove')) }).click()
  await expect.poll(keys).toEqual(before)

  await map.locator('[data-row="kpi"] [role=rowheader] button').click()
  await map.getByRole('menuitem', { name: like(words('Hide')) }).click()
  await expect(map.locator('[data-row="kpi"]')).toHaveCount(0)
  await expect(map).toHaveURL(/hide=kpi/)
  await map.reload()
  await expect(map.getByRole('grid')).toBeVisible()
  await expect(map.locator('[data-row="kpi"]')).toHaveCount(0)
  await map.getByRole('button', { name: like(words('{0} hidden', { 0: 1 })) }).click()
  await map.getByRole('menuitem', { name: like(words('Metrics')) }).click()
  await expect(map.locator('[data-row="kpi"]')).toBeVisible()
})

test('two people at once: different cards are put together, nothing is lost', async ({
  map,
  browser,
  shop,
  lang,
  words,
  contextOptions,
}) => {
  const context = await browser.newContext({ ...contextOptions, baseURL: shop.url, storageState: shop.state })
  await prefer(context, lang)
  const other = await context.newPage()
  await openMap(other)
  const write = async (page: typeof map, id: string, text: string) => {
    await cardOf(page, id).getByRole('button').first().click()
    await page.getByRole('textbox').fill(text)
    await page.keyboard.press('Enter')
  }
  const stamp = `${Date.now()}`
  await write(map, 'trust', `mine ${stamp}`)
  await expect(map.getByRole('status').filter({ hasText: words('saved') })).toBeVisible()
  await write(other, 'arrives', `theirs ${stamp}`)
  await other.getByRole('button', { name: words('Put together') }).click()
  await expect(other.getByRole('status').filter({ hasText: words('saved') })).toBeVisible()
  for (const isStored of [false, true]) {
    if (isStored) await openMap(other)
    await expect(cardOf(other, 'trust')).toContainText(`mine ${stamp}`)
    await expect(cardOf(other, 'arrives')).toContainText(`theirs ${stamp}`)
  }
  await context.close()
})

test('an earlier version is read as differences and brought back', async ({ map, words }) => {
  const card = cardOf(map, 'slow')
  const before = (await card.textContent()) ?? ''
  await card.getByRole('button').first().click()
  await map.getByRole('textbox').fill('a text nobody wanted')
  await map.keyboard.press('Enter')
  await expect(map.getByRole('status').filter({ hasText: words('saved') })).toBeVisible()
  await map.getByRole('button', { name: /(버전|version) \d+/ }).click()
  const versions = map.getByRole('dialog', { name: words('Versions') })
  await expect(versions.locator('ins').filter({ hasText: 'a text nobody wanted' })).toBeVisible()
  await versions
    .getByRole('button', {
      name: like(words('Go back to version {number}', { number: '' }).trim().split('  ')[0] ?? ''),
    })
    .first()
    .click()
  await expect(card).not.toContainText('a text nobody wanted')
  await expect(card).toHaveText(before)
})
