import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Problem } from '../src/lib/api/types.ts'
import type { JourneyBody, JourneyDocument } from '../src/lib/journey/types.ts'
import * as sample from './sample.ts'

/* Answers for the journey editor: documents of journeys with versions, conflicts and the server's main checks. */

const started = (key: string): JourneyBody => ({
  kind: 'journey',
  key,
  name: { ko: '선물 구매 여정', en: 'Buying a gift' },
  description: { ko: '광고를 본 사람이 선물을 사고, 다시 사기까지', en: 'From the first ad to buying again' },
  window: '90d',
  timeout: '30d',
  conversion: 'purchase',
  emotion: [{ when: { event: 'survey_answered' }, property: 'score', worst: 0, best: 10 }],
  stages: [
    {
      key: 'awareness',
      name: { ko: '인지', en: 'Awareness' },
      goal: { customer: { ko: '빨리 알아보고 싶다', en: 'Find out fast' } },
      touchpoints: [
        {
          key: 'search-ad',
          name: { ko: '검색 광고', en: 'Search ad' },
          channel: 'search_ad',
          when: { event: 'ad_click' },
        },
        { key: 'visit', name: { ko: '방문', en: 'Visit' }, when: { event: sample.events[0]?.name ?? 'visit' } },
      ],
    },
    {
      key: 'consideration',
      name: { ko: '고려', en: 'Consideration' },
      touchpoints: [
        {
          key: 'product',
          name: { ko: '상품 보기', en: 'Product page' },
          when: {
            event: [sample.events[1]?.name ?? 'view', sample.events[2]?.name ?? 'search'],
            where: [{ property: 'device', value: ['mobile'] }],
          },
        },
      ],
    },
    {
      key: 'purchase',
      name: { ko: '구매', en: 'Purchase' },
      touchpoints: [{ key: 'order', name: { ko: '주문', en: 'Order' }, when: { event: 'Order Completed' } }],
      kpis: ['cart-rate'],
    },
    {
      key: 'retention',
      name: { ko: '유지', en: 'Retention' },
      touchpoints: [
        {
          key: 'again',
          name: { ko: '다시 주문', en: 'Again' },
          when: { event: 'Order Completed' },
          after: 'purchase',
          within: '60d',
        },
      ],
    },
    { key: 'lapsed', name: { ko: '휴면', en: 'Lapsed' }, after_silence: '60d' },
  ],
})

const stored = new Map<string, JourneyDocument>()
const documentOf = (key: string): JourneyDocument => {
  const known = stored.get(key) ?? { version: 3, author: '김하늘', created_us: sample.NOW, body: started(key) }
  stored.set(key, known)
  return known
}

const problem = (code: string, path: string, ko: string, en: string): Problem => ({
  code,
  severity: 'error',
  message: { ko, en },
  remedy: { ko: '이벤트를 고르세요.', en: 'Choose an event.' },
  where: { path },
})

function check(body: JourneyBody): Problem[] {
  return body.stages.flatMap((stage, at) =>
    (stage.touchpoints ?? []).flatMap((touchpoint, index) =>
      [touchpoint.when].flat().some((rule) => Array.isArray(rule.event) && rule.event.length === 0)
        ? [
            problem(
              'rule.no_event',
              `stages[${at}].touchpoints[${index}].when`,
              '이벤트 이름이 없습니다.',
              'no event is named.',
            ),
          ]
        : [],
    ),
  )
}

/** Answers a request of the journey editor; `false` when it is not one. */
export function answerJourney(request: IncomingMessage, response: ServerResponse, url: URL): boolean {
  const [, key, tail] =
    /^\/api\/v1\/documents\/journey\/([^/]+)(?:\/(\w+))?$/.exec(decodeURIComponent(url.pathname)) ?? []
  const send = (status: number, body: unknown) => {
    response.statusCode = status
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(body))
  }
  if (!key || request.method === 'DELETE') return false
  const now = documentOf(key)
  if (tail === 'meanwhile') {
    stored.set(key, { ...now, version: now.version + 1, author: '박도윤', created_us: Date.now() * 1000 })
    send(200, null)
  } else if (request.method === 'PUT') {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { body, base_version } = JSON.parse(Buffer.concat(chunks).toString())
      const problems = check(body)
      if (problems.length > 0) return send(422, { problems })
      // `null` makes a new one; the mock gives every key a document, so that is always free.
      if (base_version !== null && base_version !== now.version)
        return send(409, {
          problems: [problem('document.conflict', '', '그 사이 바뀌었습니다.', 'Changed meanwhile.')],
        })
      const next = { version: (base_version ?? 0) + 1, author: '김하늘', created_us: Date.now() * 1000, body }
      stored.set(key, next)
      send(200, next)
    })
  } else send(200, now)
  return true
}

/** The stages of a journey, as `ask: stages` answers. */
export function stagesAnswer(key: string) {
  const { body } = documentOf(key)
  return {
    answer: 'stages',
    facts: [],
    moves: [],
    about: sample.about,
    stages: body.stages.map((stage, at) => {
      const people = Math.round(18_240 * 0.52 ** at)
      const figure = (value: number) => sample.figure('stage.entered', 'people', value)
      return {
        key: stage.key,
        name: stage.name,
        entered: figure(people),
        here: figure(people / 4),
        dropped: figure(people / 3),
      }
    }),
  }
}

export const metrics = [
  { kind: 'metric', key: 'cart-rate', name: { ko: '장바구니율', en: 'Cart rate' } },
  { kind: 'metric', key: 'nps', name: 'NPS' },
].map((body) => ({ version: 1, author: '김하늘', created_us: sample.NOW, body }))
