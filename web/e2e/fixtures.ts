import { type BrowserContext, test as base, expect, type Page, request } from '@playwright/test'
import { type Server, startServer } from './server.ts'
import { shopCsv, shopMapping, shopYaml } from './shop.ts'
import { type Lang, type Words, wordsOf } from './words.ts'

export { expect }

export interface Options {
  lang: Lang
}

/** Signs in to every test's server. */
export const owner = { email: 'owner@example.com', password: 'a quiet road at night', name: 'Kim Haneul' }

interface Shop {
  url: string
  state: Awaited<ReturnType<BrowserContext['storageState']>>
}

interface Fixtures {
  words: Words
  /** A server nobody has used yet. */
  fresh: Server
  /** The map of the shop, open. */
  map: Page
}

export const test = base.extend<Fixtures, Options & { shop: Shop }>({
  lang: ['ko', { option: true, scope: 'worker' }],

  words: async ({ lang }, use) => use(wordsOf(lang)),

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern.
  fresh: async ({}, use) => {
    const server = await startServer()
    await use(server)
    await server.stop()
  },

  // One server with the shop in it for all tests of a project that only need something to look at.
  shop: [
    async ({ lang }, use) => {
      const server = process.env.GILMOK_URL ? null : await startServer()
      const url = server?.url ?? process.env.GILMOK_URL ?? ''
      const api = await request.newContext({ baseURL: url })
      const done = async (sent: ReturnType<typeof api.post>) => {
        const answer = await sent
        if (!answer.ok()) throw new Error(`${answer.url()}: ${answer.status()} ${await answer.text()}`)
        return (await answer.json()) as Record<string, string>
      }
      await done(
        api.post('/api/v1/auth/setup', {
          data: { ...owner, workspace: 'Shop', zone: 'Asia/Seoul', currency: 'KRW', lang },
        }),
      )
      const { upload } = await done(
        api.post('/api/v1/uploads?name=shop.csv', {
          data: Buffer.from(shopCsv()),
          headers: { 'content-type': 'application/octet-stream' },
        }),
      )
      const { id } = await done(api.post('/api/v1/imports', { data: { upload, mapping: shopMapping } }))
      await expect
        .poll(async () => (await (await api.get(`/api/v1/imports/${id}`)).json()).state, { timeout: 60_000 })
        .toBe('done')
      await done(
        api.post('/api/v1/documents/apply', { data: shopYaml, headers: { 'content-type': 'application/yaml' } }),
      )
      await use({ url, state: await api.storageState() })
      await api.dispose()
      await server?.stop()
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  map: async ({ browser, shop, lang, contextOptions }, use) => {
    const context = await browser.newContext({ ...contextOptions, baseURL: shop.url, storageState: shop.state })
    await prefer(context, lang)
    const page = await context.newPage()
    await openMap(page)
    await use(page)
    await context.close()
  },
})

/** Sets language and theme as a returning reader would have them. */
export async function prefer(context: BrowserContext, lang: Lang, theme: 'light' | 'dark' = 'light') {
  await context.addInitScript(
    ([chosenLang, chosenTheme]) => {
      localStorage.setItem('gilmok.locale', chosenLang)
      localStorage.setItem('gilmok.theme', chosenTheme)
    },
    [lang, theme] as const,
  )
}

/** Opens the shop's map and waits until its numbers and its document are there. */
export async function openMap(page: Page) {
  await page.goto('/maps/gift')
  await expect(page.getByRole('grid')).toBeVisible()
  // Only who may edit sees how the map is stored.
  await expect(page.getByRole('status').filter({ hasText: /^(저장됨|saved)$/ })).toBeVisible()
}

/** The card with this id, whatever it says. */
export const cardOf = (page: Page, id: string) => page.locator(`[data-card="${id}"]`)
/** The cell of a lane in a stage. */
export const cellOf = (page: Page, lane: string, stage: string) =>
  page.locator(`[data-lane="${lane}"][data-stage="${stage}"]`)
