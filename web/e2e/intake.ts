import { type Browser, type BrowserContextOptions, expect, type Page, request } from '@playwright/test'
import { owner, prefer } from './fixtures.ts'
import type { Server } from './server.ts'
import type { Lang } from './words.ts'

/** A server with an owner, and a page on which they are signed in. */
export async function ownedPage(
  server: Server,
  browser: Browser,
  contextOptions: BrowserContextOptions,
  lang: Lang,
): Promise<Page> {
  const api = await request.newContext({ baseURL: server.url })
  const made = await api.post('/api/v1/auth/setup', {
    data: { ...owner, workspace: 'Shop', zone: 'Asia/Seoul', currency: 'KRW', lang },
  })
  expect(made.ok(), await made.text()).toBe(true)
  const context = await browser.newContext({
    ...contextOptions,
    baseURL: server.url,
    storageState: await api.storageState(),
    acceptDownloads: true,
    reducedMotion: 'reduce',
  })
  await api.dispose()
  await prefer(context, lang)
  return context.newPage()
}

/** Makes a source by the API and answers its key. */
export async function makeKey(page: Page, name: string): Promise<string> {
  const made = await page.request.post('/api/v1/sources', { data: { name, channel: 'web' } })
  expect(made.ok(), await made.text()).toBe(true)
  return (await made.json()).key
}

/** Sends events as an SDK would: with the key alone, without a cookie. */
export async function send(server: Server, key: string, batch: object[]) {
  const outside = await request.newContext({ baseURL: server.url })
  const answer = await outside.post('/v1/batch', { data: { batch }, headers: { authorization: `Bearer ${key}` } })
  const status = answer.status()
  const body = status === 200 ? await answer.json() : null
  await outside.dispose()
  return { status, body }
}
