import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Figure } from '../src/lib/api/types.ts'
import { fixtureDocument, fixtureView, hugeBody } from '../src/lib/map/fixture.ts'
import type { MapDocument, MapView } from '../src/lib/map/types.ts'

/*
 * Answers for the map page. The map `huge` has 500 cards, `broken` fails, `slow` takes 3 s; the segment `tiny` holds 12
 * people, `nobody` none. Whatever is stored by “somebody else” comes from `POST maps/{key}/meanwhile`.
 */

const versions = new Map<string, MapDocument[]>()

function historyOf(key: string): MapDocument[] {
  const known = versions.get(key)
  if (known) return known
  const body = { ...(key === 'huge' ? hugeBody(500) : fixtureDocument.body), key }
  const cards = body.lanes.map((lane) =>
    lane.key === 'friction' ? { ...lane, cards: lane.cards?.filter((card) => card.id !== 'f3') } : lane,
  )
  const made: MapDocument[] = [
    { ...fixtureDocument, body },
    {
      ...fixtureDocument,
      version: 13,
      author: '박도윤',
      created_us: fixtureDocument.created_us - 86_400e6,
      body: { ...body, assumed_emotion: { ...body.assumed_emotion, buy: 0.8 }, lanes: cards },
    },
  ]
  versions.set(key, made)
  return made
}

/** The view of a map for other people: every count scaled by `part`. */
function scaled(view: MapView, part: number): MapView {
  const figure = (one: Figure): Figure => ({
    ...one,
    n: Math.round(one.n * part),
    value:
      one.value == null || part === 0
        ? one.unit === 'people'
          ? 0
          : null
        : one.unit === 'people' || one.unit === 'events' || one.unit === 'money'
          ? Math.round(one.value * part)
          : one.value,
    history: part === 0 ? [] : one.history,
  })
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    if ('define' in value && 'unit' in value) return figure(value as Figure)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]))
  }
  return { ...(walk(view) as MapView), changes: part > 0.01 ? view.changes : [] }
}

function viewOf(key: string, query: URLSearchParams): MapView {
  const [document] = historyOf(key)
  const part = { tiny: 12 / 18_240, nobody: 0, mobile: 0.5, new: 0.7 }[query.get('segment') ?? ''] ?? 1
  const view = scaled(fixtureView, query.get('persona') ? part * 0.23 : part)
  const days = query.get('from') ? { from: query.get('from') ?? '', to: query.get('to') ?? '' } : undefined
  const hasCompare = query.get('compare') !== 'none' && query.get('compare') !== null
  return {
    ...view,
    key,
    version: document?.version ?? 1,
    segments: [
      ...view.segments,
      { key: 'tiny', name: { ko: '제주', en: 'Jeju' }, n_people: 12 },
      { key: 'nobody', name: { ko: '탈퇴한 사람', en: 'Gone' }, n_people: 0 },
    ],
    scope: { ...(days ? { period: days } : {}), segment: query.get('segment') },
    compare: hasCompare ? view.compare : null,
    changes: hasCompare ? view.changes : [],
  }
}

/** Answers a request of the map page; `false` when it is not one. */
export function answerMap(request: IncomingMessage, response: ServerResponse, url: URL): boolean {
  const [, kind, key = '', tail] =
    /^\/api\/v1\/(maps|documents\/map)\/([^/]+)(?:\/(\w+))?$/.exec(decodeURIComponent(url.pathname)) ?? []
  if (!kind) return false
  const send = (status: number, body: unknown, type = 'application/json') => {
    response.statusCode = status
    response.setHeader('content-type', type)
    if (tail === 'export') response.setHeader('content-disposition', `attachment; filename="${key}.svg"`)
    response.end(type === 'application/json' ? JSON.stringify(body) : body)
  }
  if (key === 'broken') {
    const message = {
      ko: '이 여정을 잴 수 없습니다: 없는 이벤트 “Pay”를 씁니다.',
      en: 'This journey cannot be measured: it uses the unknown event “Pay”.',
    }
    const remedy = { ko: '정의에서 이벤트 이름을 고치십시오.', en: 'Mend the name of the event in its definition.' }
    send(422, {
      problems: [
        { code: 'journey.event', severity: 'error', message, remedy, where: { path: 'stages[2].touchpoints[0].when' } },
      ],
    })
    return true
  }
  const history = historyOf(key)
  if (kind === 'maps' && tail === 'export') send(200, '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml')
  else if (kind === 'maps' && tail === 'meanwhile') {
    const [newest] = history
    if (newest) {
      const lanes = newest.body.lanes.map((lane) => ({
        ...lane,
        cards: lane.cards?.map((card) => (card.id === 'q1' ? { ...card, text: '여기 믿을 만해?' } : card)),
      }))
      const body = { ...newest.body, lanes }
      history.unshift({ body, author: '박도윤', version: newest.version + 1, created_us: Date.now() * 1000 })
    }
    send(204, undefined)
  } else if (kind === 'maps') setTimeout(() => send(200, viewOf(key, url.searchParams)), key === 'slow' ? 3000 : 60)
  else if (tail === 'history') send(200, history)
  else if (request.method === 'PUT') void put(request, history, send)
  else send(200, history[0])
  return true
}

async function put(
  request: IncomingMessage,
  history: MapDocument[],
  send: (status: number, body: unknown) => void,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const { body, base_version } = JSON.parse(Buffer.concat(chunks).toString())
  const [newest] = history
  if (newest && base_version !== null && newest.version !== base_version) {
    const message = { ko: '그 사이 다른 사람이 저장했습니다.', en: 'Somebody else saved meanwhile.' }
    const remedy = { ko: '합치거나 다시 읽으십시오.', en: 'Put both together or reload.' }
    send(409, {
      problems: [{ code: 'document.conflict', severity: 'error', message, remedy }],
      current: newest.version,
    })
    return
  }
  const document = { body, author: '김하늘', version: (base_version ?? 0) + 1, created_us: Date.now() * 1000 }
  history.unshift(document)
  send(200, document)
}
