import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'
import type { EventTarget, ImportView, Mapping, PreviewColumn, Problem, Source } from '../src/lib/api/types.ts'
import { keyOf } from '../src/lib/journey/draft.ts'
import { answerIngest } from './ingest.ts'
import { answerJourney, metrics, stagesAnswer } from './journey.ts'
import { answerMap } from './map.ts'
import { answerPerson } from './person.ts'
import * as sample from './sample.ts'

/* Answers the API from `sample.ts`, for working on screens without a server. `GILMOK_MOCK_EMPTY=1` starts with no account and no data. */

const empty = process.env.GILMOK_MOCK_EMPTY === '1'
let setUp = !empty
let signedIn = !empty
let hasData = !empty
const journeys = empty ? [] : [...sample.journeys]
const uploads = new Map<string, { name: string; head: string; bytes: number }>()
const imports: ImportView[] = empty
  ? []
  : [
      {
        id: 'i1',
        file: 'orders-2025.csv.gz',
        mapping: 'orders',
        state: 'done',
        bytes_total: 48_200_000,
        bytes_read: 48_200_000,
        n_rows: 541_909,
        n_added: 405_818,
        n_duplicates: 812,
        n_rejected: 135_080,
        n_skipped: 199,
        started_us: sample.NOW - 3 * 3_600e6,
        ended_us: sample.NOW - 3 * 3_600e6 + 4.1e6,
        has_rejects: true,
        warnings: [],
        problem: null,
      },
      {
        id: 'i0',
        file: 'contacts.tsv',
        mapping: 'contacts',
        state: 'failed',
        bytes_total: 3_200_000,
        bytes_read: 1_100_000,
        n_rows: 20_000,
        n_added: 0,
        n_duplicates: 0,
        n_rejected: 0,
        n_skipped: 0,
        started_us: sample.NOW - 26 * 3_600e6,
        ended_us: sample.NOW - 26 * 3_600e6 + 1e6,
        has_rejects: false,
        warnings: [],
        problem: {
          code: 'import.truncated',
          severity: 'error',
          message: { ko: '압축 파일이 중간에 끊겼습니다.', en: 'The compressed file ends early.' },
          remedy: {
            ko: '파일을 다시 내려받아 올리십시오. 더해진 것은 없습니다.',
            en: 'Fetch the file again and upload it. Nothing was added.',
          },
          where: { file: 'contacts.tsv', line: 20_001 },
        },
      },
    ]

const problem = (code: string, ko: string, en: string, ko2: string, en2: string): Problem => ({
  code,
  severity: 'error',
  message: { ko, en },
  remedy: { ko: ko2, en: en2 },
})

class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.code)
  }
}

async function read(request: IncomingMessage, most = 200_000_000): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= most) chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const authState = () => ({
  setup_needed: !setUp,
  setup_code_needed: process.env.GILMOK_MOCK_CODE === '1',
  user: signedIn ? { name: '김하늘', email: 'sky@example.com', role: 'owner' } : null,
  workspace: sample.workspace,
})

function kindOf(values: string[]): PreviewColumn['kind'] {
  const known = values.filter(Boolean)
  if (known.length > 0 && known.every((value) => /^-?\d+(\.\d+)?$/.test(value))) return 'number'
  if (known.length > 0 && known.every((value) => /^\d{4}-\d\d-\d\d/.test(value))) return 'time'
  return 'text'
}

function preview(head: string, mapping: Mapping | undefined) {
  const lines = head.split(/\r?\n/).filter(Boolean)
  const delimiter = lines[0]?.includes('\t') ? '\t' : ','
  const names = (lines[0] ?? '').split(delimiter)
  const rows = lines.slice(1, 21).map((line) => line.split(delimiter))
  const columns: PreviewColumn[] = names.map((name, at) => {
    const samples = rows.map((row) => row[at] ?? '')
    const kind = kindOf(samples)
    const suggestion = /user|customer|household|person/i.test(name)
      ? 'user_id'
      : kind === 'time'
        ? 'time'
        : /event|action|type/i.test(name)
          ? 'event'
          : /amount|price|revenue/i.test(name)
            ? 'amount'
            : null
    return { name, kind, samples: samples.slice(0, 4), suggestion }
  })
  const at = (what: string) => columns.find((column) => column.suggestion === what)?.name
  const guess: Mapping = mapping ?? {
    key: 'my-file',
    events: {
      person: { user_id: at('user_id') },
      time: { column: at('time'), zone: 'Asia/Seoul' },
      event: at('event') ?? { constant: 'Row' },
      ...(at('amount') ? { amount: at('amount') } : {}),
      properties: Object.fromEntries(
        columns.filter((column) => !column.suggestion).map((column) => [column.name, column.name]),
      ),
    },
  }
  const target: Partial<EventTarget> = 'events' in guess ? guess.events : {}
  const value = (source: Source | null | undefined, row: string[]): string | undefined => {
    if (source == null) return undefined
    if (typeof source === 'string') return row[names.indexOf(source)]
    if (source.constant != null) return source.constant
    if (source.template != null)
      return String(source.template).replace(/\{([^}]+)\}/g, (_, name) => row[names.indexOf(name)] ?? '')
    return row[names.indexOf(source.column ?? '')]
  }
  const problems: Problem[] = []
  if (!value(target.person?.user_id, rows[0] ?? []) && !value(target.person?.anonymous_id, rows[0] ?? []))
    problems.push(
      problem(
        'mapping.person',
        '누구의 일인지 정해지지 않았습니다.',
        'No column says whose event a row is.',
        '고객 열을 고르십시오.',
        'Choose a person column.',
      ),
    )
  return {
    format: delimiter === '\t' ? 'tsv' : 'csv',
    encoding: 'utf-8',
    delimiter,
    compression: null,
    columns,
    mapping: guess,
    events: rows.slice(0, 8).map((row, index) => ({
      line: index + 2,
      user_id: value(target.person?.user_id, row) ?? null,
      anonymous_id: value(target.person?.anonymous_id, row) ?? null,
      time_us: Date.parse((value(target.time, row) ?? '').replace(' ', 'T')) * 1000 || null,
      event: value(target.event, row) ?? '',
      channel: value(target.channel, row) ?? null,
      amount: target.amount ? Number(value(target.amount, row)) : null,
      properties: Object.fromEntries(
        Object.entries(target.properties ?? {}).map(([key, source]) => [key, value(source, row) ?? '']),
      ),
    })),
    problems,
  }
}

function advance() {
  for (const one of imports)
    if (one.state === 'running') {
      one.bytes_read = Math.min(one.bytes_total, one.bytes_read + Math.ceil(one.bytes_total / 8))
      one.n_rows = Math.round((one.bytes_read / one.bytes_total) * 18_000)
      one.n_added = one.n_rows - 12
      one.n_rejected = 12
      if (one.bytes_read === one.bytes_total) {
        one.has_rejects = one.n_rejected > 0
        one.state = 'done'
        one.ended_us = Date.now() * 1000
        hasData = true
      }
    }
}

async function answer(request: IncomingMessage, url: URL): Promise<unknown> {
  const path = url.pathname.replace('/api/v1/', '')
  const route = `${request.method} ${path}`
  const json = async () => JSON.parse((await read(request)).toString() || '{}')
  if (route === 'GET auth/state') return authState()
  if (route === 'POST auth/setup') {
    const body = await json()
    setUp = true
    signedIn = true
    sample.workspace.name = body.workspace
    return authState()
  }
  if (route === 'POST auth/login') {
    const body = await json()
    if (body.password === 'wrong')
      throw new Refused(
        401,
        problem(
          'auth.wrong',
          '이메일이나 비밀번호가 맞지 않습니다.',
          'Email or password is wrong.',
          '다시 확인해 입력하십시오.',
          'Check both and try again.',
        ),
      )
    signedIn = true
    return authState()
  }
  if (route === 'POST auth/logout') {
    signedIn = false
    return undefined
  }
  if (!signedIn)
    throw new Refused(
      401,
      problem('auth.needed', '로그인이 필요합니다.', 'Sign in first.', '로그인하십시오.', 'Sign in.'),
    )
  if (route === 'GET journeys') return hasData ? journeys : []
  if (route === 'GET templates') return sample.templates
  if (request.method === 'POST' && /^templates\/[^/]+\/use$/.test(path)) {
    const body = await json()
    const first = sample.journeys[0]
    const key = body.key ?? keyOf(body.name)
    if (first) journeys.unshift({ ...first, key, name: body.name, map: key })
    hasData = true
    return { journey: key, map: key }
  }
  if (route === 'GET events') return hasData ? sample.events : []
  if (route === 'GET people' || route === 'POST ask') {
    const search = url.searchParams.get('search')?.toLowerCase()
    const found = (hasData ? sample.people : [])
      .filter((one) => !search || JSON.stringify([one.user_id, one.traits.name]).toLowerCase().includes(search))
      .sort((a, b) => b.last_us - a.last_us)
    const body = request.method === 'POST' ? await json() : { offset: Number(url.searchParams.get('offset') ?? 0) }
    if (body.ask === 'stages') return { question: body, answer: stagesAnswer(body.journey) }
    const page = found.slice(body.offset ?? 0, (body.offset ?? 0) + 50)
    const view = { n_people: found.length, people: page, about: sample.about }
    return request.method === 'POST' ? { question: body, answer: { answer: 'people', ...view } } : view
  }
  if (route === 'GET groups')
    return [
      { kind: 'segment', key: 'members', name: { ko: '회원', en: 'Members' }, n_people: 12_010, problems: [] },
      { kind: 'segment', key: 'vip', name: 'VIP', n_people: 842, problems: [] },
      { kind: 'persona', key: 'minji', name: { ko: '민지, 29', en: 'Minji, 29' }, n_people: 4_212, problems: [] },
    ]
  if (route === 'PUT workspace') return Object.assign(sample.workspace, await json())
  if (/^people\/[^/]+\/timeline$/.test(path)) {
    const person = sample.people.find((one) => one.person === path.split('/')[1])
    if (!person)
      throw new Refused(
        404,
        problem(
          'person.unknown',
          '이 고객을 찾을 수 없습니다.',
          'There is no such person.',
          '목록에서 다시 찾으십시오.',
          'Look again in the list.',
        ),
      )
    const limit = Number(url.searchParams.get('limit') ?? 100)
    const before = Number(url.searchParams.get('before_us') ?? Number.POSITIVE_INFINITY)
    const older = sample.timelineOf(person, 1_000).filter((one) => one.time_us < before)
    return { person, events: older.slice(0, limit), more: older.length > limit }
  }
  if (path === 'documents' && request.method === 'GET') {
    const kind = url.searchParams.get('kind')
    if (kind === 'metric') return metrics
    return kind === 'segment'
      ? [
          {
            version: 1,
            author: '김하늘',
            created_us: sample.NOW,
            body: { kind, key: 'members', name: { ko: '회원', en: 'Members' } },
          },
          { version: 1, author: '김하늘', created_us: sample.NOW, body: { kind, key: 'vip', name: 'VIP' } },
        ]
      : []
  }
  if (route === 'POST documents/apply') {
    const text = (await read(request)).toString()
    if (!text.includes('kind:'))
      throw new Refused(422, {
        ...problem(
          'document.kind',
          '무엇의 정의인지 없습니다.',
          'It does not say what it defines.',
          '`kind: journey`처럼 종류를 적으십시오.',
          'Write a kind, such as `kind: journey`.',
        ),
        where: { line: 1, path: 'kind' },
      })
    return [{ kind: 'journey', key: 'gift-purchase', version: 2, change: 'changed' }]
  }
  if (path.startsWith('documents/') && request.method === 'DELETE') {
    const at = journeys.findIndex((one) => one.key === path.split('/')[2])
    if (at >= 0) journeys.splice(at, 1)
    return undefined
  }
  if (path.startsWith('documents/')) {
    const [, kind = '', key = ''] = path.split('/')
    if (request.method === 'PUT') {
      const { body } = await json()
      const back = sample.journeys.find((one) => one.key === key)
      if (back && !journeys.includes(back)) journeys.push(back)
      return { version: 4, author: '김하늘', created_us: sample.NOW, body }
    }
    return { version: 3, author: '김하늘', created_us: sample.NOW, body: { kind, key, name: key } }
  }
  if (route === 'POST uploads') {
    const body = await read(request)
    const id = `u${uploads.size + 1}`
    uploads.set(id, {
      name: url.searchParams.get('name') ?? 'file',
      head: body.subarray(0, 65_536).toString(),
      bytes: body.length,
    })
    return { upload: id, file: url.searchParams.get('name'), bytes: body.length }
  }
  if (route === 'POST imports/preview') {
    const body = await json()
    return preview(uploads.get(body.upload)?.head ?? '', body.mapping)
  }
  if (route === 'POST imports') {
    const body = await json()
    const file = uploads.get(body.upload)
    const id = `i${imports.length + 2}`
    imports.unshift({
      id,
      file: file?.name ?? 'file',
      mapping: body.mapping.key,
      state: 'running',
      bytes_total: file?.bytes ?? 1,
      bytes_read: 0,
      n_rows: 0,
      n_added: 0,
      n_duplicates: 0,
      n_rejected: 0,
      n_skipped: 0,
      started_us: Date.now() * 1000,
      ended_us: null,
      has_rejects: false,
      warnings: [],
      problem: null,
    })
    return { id }
  }
  if (route === 'GET imports') {
    advance()
    return imports
  }
  if (/^imports\/[^/]+\/cancel$/.test(path)) {
    const one = imports.find((entry) => entry.id === path.split('/')[1])
    if (one) Object.assign(one, { state: 'cancelled', ended_us: Date.now() * 1000 })
    return undefined
  }
  throw new Refused(
    404,
    problem(
      'route.unknown',
      '없는 주소입니다.',
      'There is no such address.',
      '주소를 확인하십시오.',
      'Check the address.',
    ),
  )
}

function handle(request: IncomingMessage, response: ServerResponse, next: () => void) {
  const url = new URL(request.url ?? '/', 'http://mock')
  if (!url.pathname.startsWith('/api/v1/')) return next()
  if (!empty && (answerMap(request, response, url) || answerJourney(request, response, url))) return
  if (/^\/api\/v1\/(ingest|sources|dead-letters|identity|backups|people\/\w+\/(export|erase))/.test(url.pathname)) {
    void read(request).then((body) => {
      const found = answerIngest(request, url, body.toString()) ??
        answerPerson(request, url, body.toString()) ?? { status: 404, body: { problems: [] } }
      response.statusCode = found.status
      response.setHeader('content-type', 'application/json')
      response.end(found.body === undefined ? undefined : JSON.stringify(found.body))
    })
    return
  }
  answer(request, url)
    .then((body) => {
      response.statusCode = body === undefined ? 204 : 200
      response.setHeader('content-type', 'application/json')
      response.end(body === undefined ? undefined : JSON.stringify(body))
    })
    .catch((error: unknown) => {
      response.statusCode = error instanceof Refused ? error.status : 500
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(error instanceof Refused ? error.problem : { message: String(error) }))
    })
}

export function mockApi(): Plugin {
  return {
    name: 'gilmok-mock-api',
    configureServer: (server) => void server.middlewares.use(handle),
    configurePreviewServer: (server) => void server.middlewares.use(handle),
  }
}
