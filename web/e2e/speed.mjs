/*
 * How soon each screen paints and answers, in Chromium against a running server with the demo company:
 *
 *   gilmok --data /tmp/d demo --password PASSWORD
 *   npm run speed -- http://localhost:7070 demo@gilmok.local PASSWORD [--rounds 20] [--json]
 *
 * Each round opens every screen in a browser of its own, with nothing cached there, over a period no round before asked for,
 * so that the server works the answer out anew. Painted: the first content (FCP). Answered: the slowest request for data that
 * the screen makes, from when it is sent to its last byte. Whole: until nothing of it is loading any more.
 */
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const args = process.argv.slice(2)
const option = (name, otherwise) => {
  const at = args.indexOf(name)
  return at < 0 ? otherwise : args.splice(at, 2)[1]
}
const rounds = Number(option('--rounds', 20))
const isJson = args.includes('--json')
const [url, email, password] = args.filter((one) => one !== '--json')
if (!url || !email || !password) {
  console.error('npm run speed -- URL E-MAIL PASSWORD [--rounds 20] [--json]')
  process.exit(2)
}

/** The address of a question over the last `days` days. */
const asked = (path, days, search = {}) => {
  const query = new URLSearchParams({ period: `${days}d` })
  for (const [key, value] of Object.entries(search))
    query.set(key, typeof value === 'string' ? value : JSON.stringify(value))
  return `/explore/${path}?${query}`
}
const steps = ['view_item', 'add_to_cart', 'begin_checkout', 'purchase'].map((event) => ({ event }))
const purchase = { event: 'purchase' }
const design = steps.map(({ event }) => ({ name: event, event }))

/** The screens by name, each with its address in a round of so many days. */
const screens = {
  journeys: (days) => `/journeys?period=${days}d`,
  'journey editor': () => '/journeys/gift-purchase/edit',
  map: (days) => `/maps/gift-purchase?period=${days}d`,
  funnel: (days) => asked('funnel', days, { steps, window: '30d' }),
  'funnel by channel': (days) => asked('funnel', days, { steps, window: '30d', by: 'channel' }),
  trends: (days) => asked('trends', days, { when: purchase, by: 'channel' }),
  'paths: graph': (days) => asked('paths', days),
  'paths: Sankey': (days) => asked('paths', days, { tab: 'sankey', after: { event: 'add_to_cart' } }),
  'paths: variants': (days) => asked('paths', days, { tab: 'variants' }),
  'designed vs actual': (days) => asked('conformance', days, { design }),
  channels: (days) => asked('channels', days),
  'hand-overs': (days) => asked('channels', days, { tab: 'handovers', goal: purchase, journey: 'gift-purchase' }),
  retention: (days) => asked('retention', days, { start: purchase, back: purchase }),
  lifecycle: (days) => asked('lifecycle', days),
  attribution: (days) =>
    asked('attribution', days, { conversion: purchase, touches: { event: ['visit', 'email_clicked', 'ad_click'] } }),
  'cross-sell': (days) => asked('cross-sell', days, { items: purchase, by: 'category' }),
  compare: (days) => asked('compare', days, { ask: 'funnel', steps, with: 's:loyal' }),
  people: () => '/people',
  'people of a segment': () => '/people?segment=loyal',
  segments: () => '/segments',
  'segment editor': () => '/segments/lapsing/edit',
  events: () => '/data/events',
  sources: () => '/data/sources',
}

const quantile = (values, share) => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0
}

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path))
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })

/** One screen in a browser that has seen nothing of it. */
async function opened(state, path) {
  const context = await browser.newContext({
    baseURL: url,
    storageState: state,
    viewport: { width: 1440, height: 1000 },
  })
  const page = await context.newPage()
  const answers = []
  page.on('requestfinished', (request) => {
    if (!new URL(request.url()).pathname.startsWith('/api/')) return
    const { requestStart, responseEnd } = request.timing()
    answers.push({
      what: request.postDataJSON()?.ask ?? new URL(request.url()).pathname,
      ms: responseEnd - requestStart,
    })
  })
  const start = performance.now()
  await page.goto(path)
  await page.waitForLoadState('networkidle')
  await page
    .locator('[aria-busy=true]')
    .waitFor({ state: 'detached' })
    .catch(() => {})
  // Half a second of it is the silence that is waited for.
  const whole_ms = performance.now() - start - 500
  const painted_ms = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  )
  await context.close()
  return { painted_ms, whole_ms, slowest: answers.toSorted((a, b) => b.ms - a.ms)[0] ?? { what: '', ms: 0 } }
}

const visitor = await browser.newContext({ baseURL: url })
const entry = await visitor.request.post('/api/v1/auth/login', { data: { email, password } })
if (!entry.ok()) throw new Error(`cannot sign in: ${await entry.text()}`)
const state = await visitor.storageState()
await visitor.close()

const seen = Object.fromEntries(Object.keys(screens).map((name) => [name, []]))
for (let round = 0; round < rounds; round += 1)
  for (const [name, addressOf] of Object.entries(screens)) seen[name].push(await opened(state, addressOf(60 + round)))
await browser.close()

const rows = Object.entries(seen).map(([screen, all]) => {
  const answered = all.map((one) => one.slowest.ms)
  const slowest = all.toSorted((a, b) => b.slowest.ms - a.slowest.ms)[0]?.slowest.what ?? ''
  return {
    screen,
    painted_p50_ms: Math.round(
      quantile(
        all.map((one) => one.painted_ms),
        0.5,
      ),
    ),
    painted_p95_ms: Math.round(
      quantile(
        all.map((one) => one.painted_ms),
        0.95,
      ),
    ),
    answered_p50_ms: Math.round(quantile(answered, 0.5)),
    answered_p95_ms: Math.round(quantile(answered, 0.95)),
    slowest,
    whole_p50_ms: Math.round(
      quantile(
        all.map((one) => one.whole_ms),
        0.5,
      ),
    ),
  }
})
if (isJson) console.log(JSON.stringify({ rounds, screens: rows }, null, 1))
else console.table(rows)
