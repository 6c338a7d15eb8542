import type { IncomingMessage } from 'node:http'
import type { DeadLetterKind, DeadLetterWhole, IngestView, SourceView } from '../src/lib/api/ingest.ts'

/* What comes in: two sources, an hour of events that goes on, and dead letters that can be mended. */

/** `GILMOK_MOCK_LOG=full` and so on shows the log in trouble. */
const state = (process.env.GILMOK_MOCK_LOG ?? 'ok') as IngestView['log']['state']
const nowUs = () => Date.now() * 1000
const start_us = nowUs() - 5 * 3_600e6
const sources: SourceView[] = [
  source(1, 'web', 'web', 'x7Qk', 40),
  source(2, '마포점 계산대', 'store', 'b0Zt', 12),
  { ...source(3, 'old-app', 'app', 'T1aa', 200), revoked_us: nowUs() - 20 * 86_400e6 },
]

function source(id: number, name: string, channel: string, key_end: string, days: number): SourceView {
  return {
    id,
    name,
    channel,
    key_end,
    author: 'owner@example.com',
    created_us: nowUs() - days * 86_400e6,
    revoked_us: null,
  }
}

const words: Record<string, [string, string, string, string, string]> = {
  'event.no_person': [
    '누구의 이벤트인지 없습니다: `userId`도 `anonymousId`도 비어 있습니다.',
    'It says nobody: both `userId` and `anonymousId` are missing or empty.',
    '둘 가운데 하나를 넣으세요.',
    'Set one of the two.',
    'batch[0].userId',
  ],
  'event.time': [
    '`timestamp`의 `어제`은(는) 시각이 아닙니다.',
    '`어제` in `timestamp` is no time.',
    '`2026-03-02T09:30:00.000Z` 같은 ISO 8601이나 1970년부터의 밀리초로 보내세요.',
    'Send ISO 8601 such as `2026-03-02T09:30:00.000Z`, or milliseconds since 1970.',
    'batch[0].timestamp',
  ],
  'event.json': [
    '이벤트가 올바른 JSON이 아닙니다: 41번째 바이트에서 값이 아닙니다.',
    'The event is no JSON: at byte 41 this is no value.',
    '글을 이어 붙이지 말고 JSON 라이브러리로 만드세요.',
    'Make it with a JSON library instead of joining texts.',
    'batch[0]',
  ],
}
const raws: Record<string, (n: number) => string> = {
  'event.no_person': (n) =>
    JSON.stringify({ type: 'track', event: 'Order Completed', userId: '', properties: { order: n, revenue: 41_200 } }),
  'event.time': (n) => JSON.stringify({ type: 'track', event: 'Visit', userId: `u${n}`, timestamp: '어제' }),
  'event.json': () => '{"type": "track", "event": "Visit", "x": NaN}',
}
let letters = Array.from({ length: 130 }, (_, n): DeadLetterWhole => {
  const code = n % 9 === 0 ? 'event.json' : n % 3 === 0 ? 'event.time' : 'event.no_person'
  const raw = raws[code]?.(n) ?? ''
  return {
    id: 130 - n,
    received_us: nowUs() - n * 9 * 60e6,
    source: n % 5 === 0 ? '마포점 계산대' : 'web',
    code,
    size_bytes: raw.length,
    cut: n === 4,
    replayed_us: null,
    raw,
    exact: n !== 4,
    verdicts: [],
  }
})

const isGood = (raw: string) => {
  try {
    const event = JSON.parse(raw)
    return Boolean(event.userId || event.anonymousId) && event.timestamp !== '어제'
  } catch {
    return false
  }
}

function verdictOf(letter: DeadLetterWhole) {
  const [ko, en, ko2, en2, path] = words[letter.code] ?? ['', '', '', '', '']
  return { index: 0, code: letter.code, message: { ko, en }, remedy: { ko: ko2, en: en2 }, where: { path } }
}

function counts(): DeadLetterKind[] {
  const found = new Map<string, DeadLetterKind>()
  for (const letter of letters) {
    const key = `${letter.code} ${letter.source}`
    const one = found.get(key) ?? { code: letter.code, source: letter.source, n_waiting: 0, n_replayed: 0, last_us: 0 }
    if (letter.replayed_us === null) one.n_waiting += 1
    else one.n_replayed += 1
    one.last_us = Math.max(one.last_us, letter.received_us)
    found.set(key, one)
  }
  return [...found.values()]
}

function view(): IngestView {
  const this_us = Math.floor(nowUs() / 60e6) * 60e6
  const minutes = Array.from({ length: 60 }, (_, at) => {
    const n = Math.round(900 + 500 * Math.sin(at / 7) + ((at * 7_919) % 211))
    return { minute_us: this_us - (59 - at) * 60e6, n_accepted: n, n_rejected: at > 40 && at < 46 ? 120 : 0 }
  })
  return {
    since_us: start_us,
    n_received: 4_218_730,
    n_accepted: 4_218_600,
    n_rejected: 130,
    n_cut: 3,
    minutes: state === 'stopped' ? minutes.map((one) => ({ ...one, n_accepted: 0, n_rejected: 0 })) : minutes,
    sources: sources
      .filter((one) => one.revoked_us === null)
      .map((one, at) => ({
        name: one.name,
        n_accepted: at === 0 ? 4_101_233 : 117_367,
        n_rejected: letters.filter((letter) => letter.source === one.name && letter.replayed_us === null).length,
        last_received_us: nowUs() - at * 240e6,
        last_event_us: nowUs() - at * 240e6,
      })),
    log: { state, size_bytes: 83_400_000, tail_rows: 61_204, tail_bytes: 9_000_000, last_append_us: nowUs() - 400_000 },
  }
}

/** What a route of the door answers; `undefined` for routes that are not its own. */
export function answerIngest(
  request: IncomingMessage,
  url: URL,
  body: string,
): { status: number; body?: unknown } | undefined {
  const path = url.pathname.replace('/api/v1/', '')
  const route = `${request.method} ${path}`
  if (route === 'GET ingest') return { status: 200, body: view() }
  if (route === 'GET sources') return { status: 200, body: sources }
  if (route === 'POST sources') {
    const { name, channel } = JSON.parse(body)
    const made = { ...source(sources.length + 1, name, channel, 'kEy9', 0), created_us: nowUs() }
    sources.push(made)
    return { status: 201, body: { ...made, key: 'gk_3vJxq0sW8mNfT2rYbL5cH7dKpZ9aQeUgXiO4jR6kEy9' } }
  }
  if (/^DELETE sources\/\d+$/.test(route)) {
    const one = sources.find((entry) => entry.id === Number(path.split('/')[1]))
    if (one) one.revoked_us = nowUs()
    return { status: 204 }
  }
  if (route === 'GET dead-letters') {
    const [code, from] = [url.searchParams.get('code'), url.searchParams.get('source')]
    const before = Number(url.searchParams.get('before') ?? Number.POSITIVE_INFINITY)
    const limit = Number(url.searchParams.get('limit') ?? 50)
    const found = letters.filter(
      (one) =>
        one.id < before &&
        (!code || one.code === code) &&
        (!from || one.source === from) &&
        (url.searchParams.get('replayed') === 'true' || one.replayed_us === null),
    )
    const page = found.slice(0, limit)
    const next_before = found.length > limit ? (page.at(-1)?.id ?? null) : null
    return { status: 200, body: { letters: page, next_before, counts: counts() } }
  }
  if (route === 'POST dead-letters/replay') {
    const { code, source: from } = JSON.parse(body)
    const tried = letters.filter((one) => (!code || one.code === code) && (!from || one.source === from))
    const again: Record<string, number> = {}
    for (const one of tried) again[one.code] = (again[one.code] ?? 0) + 1
    return { status: 200, body: { n_replayed: 0, n_events: 0, n_refused: tried.length, reasons: again } }
  }
  const id = Number(/^dead-letters\/(\d+)/.exec(path)?.[1])
  const letter = letters.find((one) => one.id === id)
  if (!letter) return undefined
  if (request.method === 'DELETE') {
    letters = letters.filter((one) => one !== letter)
    return { status: 204 }
  }
  if (request.method === 'GET')
    return { status: 200, body: { ...letter, verdicts: letter.replayed_us === null ? [verdictOf(letter)] : [] } }
  if (!isGood(body || letter.raw)) {
    const { index: _, ...problem } = verdictOf(letter)
    return { status: 422, body: { problems: [{ ...problem, severity: 'error' }] } }
  }
  letter.replayed_us = nowUs()
  return { status: 200, body: { n_replayed: 1, n_events: 1, n_refused: 0, reasons: {} } }
}
