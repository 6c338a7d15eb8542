import type { IncomingMessage } from 'node:http'
import type { Erasure, Link } from '../src/lib/api/person.ts'
import type { BackupView } from '../src/lib/api/system.ts'

/* Links, erasure and backups; what is done lasts as long as the server. */

const nowUs = () => Date.now() * 1000
let links: Link[] = []
let seenFor = new Set<string>()
const backups: BackupView[] = [
  {
    ...nothing('2026-11-20T0300'),
    state: 'done',
    made_us: nowUs() - 2 * 86_400e6,
    n_files: 214,
    size_bytes: 1_840_000_000,
  },
  {
    ...nothing('2026-11-19T0300'),
    made_us: nowUs() - 3 * 86_400e6,
    problem: {
      code: 'backup.disk',
      severity: 'error',
      message: {
        ko: '디스크가 가득 차 백업을 쓰지 못했습니다.',
        en: 'The disk was full: the backup could not be written.',
      },
      remedy: { ko: '공간을 비우고 다시 만드십시오.', en: 'Make room and make another one.' },
    },
  },
]

function nothing(name: string): BackupView {
  return { name, state: 'failed', made_us: 0, n_files: 0, size_bytes: 0, bytes_done: 0, bytes_total: 0, problem: null }
}

/** What these routes answer; `undefined` for routes that are not theirs. */
export function answerPerson(
  request: IncomingMessage,
  url: URL,
  body: string,
): { status: number; body?: unknown } | undefined {
  const path = url.pathname.replace('/api/v1/', '')
  const route = `${request.method} ${path}`
  if (route === 'GET identity/links') {
    const id = url.searchParams.get('id') ?? ''
    if (!seenFor.has(id)) {
      seenFor = seenFor.add(id)
      const made = { from_kind: 'anonymous', into_kind: 'user', into_id: id, source: 'web' } as const
      links.push(
        {
          ...made,
          id: links.length + 1,
          from_id: `web-${id.slice(0, 6)}-81aa`,
          time_us: nowUs() - 9 * 86_400e6,
          state: 'in_force',
        },
        {
          ...made,
          id: links.length + 2,
          from_id: 'shared-kiosk-2',
          time_us: nowUs() - 40 * 86_400e6,
          state: 'refused',
        },
      )
    }
    return { status: 200, body: links.filter((link) => link.from_id === id || link.into_id === id) }
  }
  if (route === 'POST identity/unmerge') {
    const { link } = JSON.parse(body)
    links = links.map((one) => (one.id === link ? { ...one, state: 'undone' } : one))
    return { status: 204 }
  }
  if (route === 'POST identity/merge') {
    const { from, into } = JSON.parse(body)
    const link: Link = {
      id: links.length + 1,
      from_kind: from.user_id ? 'user' : 'anonymous',
      from_id: from.user_id ?? from.anonymous_id,
      into_kind: into.user_id ? 'user' : 'anonymous',
      into_id: into.user_id ?? into.anonymous_id,
      time_us: nowUs(),
      source: 'owner@example.com',
      state: 'in_force',
    }
    links.push(link)
    return { status: 200, body: { link: link.id } }
  }
  if (/^GET people\/\w+\/export$/.test(route)) return { status: 200, body: { person: path.split('/')[1], events: [] } }
  if (/^POST people\/\w+\/erase$/.test(route)) {
    const done: Erasure = {
      person: path.split('/')[1] ?? '',
      erased_us: nowUs(),
      n_rows: 41,
      n_parts: 3,
      n_links: 2,
      n_dead_letters: 1,
      files: [{ file: 'uploads/u1/shop.csv', searched: true }],
      backups: ['2026-11-20T0300'],
      remaining: [{ kind: 'documents', key: 'segment vip' }],
      log_emptied: true,
    }
    return { status: 200, body: done }
  }
  if (route === 'GET backups') {
    for (const one of backups)
      if (one.state === 'running') {
        one.bytes_done = Math.min(one.bytes_total, one.bytes_done + 300_000_000)
        if (one.bytes_done === one.bytes_total)
          Object.assign(one, { state: 'done', n_files: 220, size_bytes: one.bytes_total })
      }
    return { status: 200, body: backups }
  }
  if (route === 'POST backups') {
    const name = new Date().toISOString().slice(0, 19).replaceAll(':', '')
    backups.unshift({ ...nothing(name), state: 'running', made_us: nowUs(), bytes_total: 1_840_000_000 })
    return { status: 202, body: { id: name } }
  }
  return undefined
}
