import type {
  About,
  AuthState,
  EventView,
  Figure,
  JourneyView,
  PersonView,
  Template,
  TimelineEvent,
  Value,
} from '../src/lib/api/types.ts'

/* A small made-up shop, always the same: drawn by a seeded generator. */

export const DAY = 86_400_000_000
export const NOW = Date.UTC(2025, 9, 31, 5, 20) * 1000

export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

export const workspace: AuthState['workspace'] = {
  name: '길목상점',
  zone: 'Asia/Seoul',
  week_start: 'monday',
  currency: 'KRW',
  lang: 'ko',
}

export const about: About = {
  data_version: 12,
  as_of_us: NOW - 120e6,
  from_us: NOW - 90 * DAY,
  to_us: NOW,
  n_events: 412_906,
  n_people: 18_240,
  warnings: [],
}

export function figure(define: string, unit: Figure['unit'], value: number | null, more: Partial<Figure> = {}): Figure {
  return { define, unit, value, good: 'up', n: value === null ? 0 : Math.round(Math.abs(value)), ...more }
}

function wave(seed: number, n: number, base: number, swing: number, trend = 0): number[] {
  const random = seeded(seed)
  return Array.from(
    { length: n },
    (_, at) => base * (1 + swing * Math.sin(at / 1.7 + seed) + swing * (random() - 0.5) + trend * (at / n)),
  )
}

const stages = (names: [string, string][], entered: number[], here: number[]) =>
  names.map(([ko, en], at) => ({
    key: en.toLowerCase(),
    name: { ko, en },
    entered: entered[at] ?? 0,
    here: here[at] ?? 0,
    dropped: Math.max(0, (entered[at] ?? 0) - (entered[at + 1] ?? 0) - (here[at] ?? 0)),
  }))

export const journeys: JourneyView[] = [
  {
    key: 'gift-purchase',
    name: { ko: '선물 구매 여정', en: 'Buying a gift' },
    description: {
      ko: '광고를 본 사람이 선물을 사고, 다시 사고, 알리기까지',
      en: 'From the first ad to buying, buying again and telling others',
    },
    map: 'gift-purchase',
    people: figure('fact.people', 'people', 18_240, {
      previous: 17_210,
      history: wave(3, 13, 1400, 0.12, 0.2),
      people: { select: 'journey', journey: 'gift-purchase', outcome: 'started' },
    }),
    conversion: figure('fact.conversion', 'share', 0.1321, {
      n: 18_240,
      low: 0.1273,
      high: 0.1371,
      previous: 0.1405,
      history: wave(5, 13, 0.135, 0.06, -0.1),
      people: { select: 'journey', journey: 'gift-purchase', outcome: 'converted' },
    }),
    time_to_convert: figure('fact.time_to_convert', 'seconds', 6.2 * 86_400, {
      n: 2410,
      previous: 6.6 * 86_400,
      good: 'down',
    }),
    stages: stages(
      [
        ['인지', 'Awareness'],
        ['고려', 'Consideration'],
        ['구매', 'Purchase'],
        ['유지', 'Retention'],
        ['옹호', 'Advocacy'],
      ],
      [18_240, 9_120, 2_410, 1_180, 264],
      [3_120, 2_044, 311, 902, 233],
    ),
    buckets: [],
    changed_us: NOW - 12 * DAY,
    problems: [],
  },
  {
    key: 'app-onboarding',
    name: { ko: '앱 첫 주', en: 'First week in the app' },
    description: { ko: '설치에서 첫 주문까지', en: 'From install to the first order' },
    map: 'app-onboarding',
    people: figure('fact.people', 'people', 4_031, {
      previous: 3_560,
      history: wave(9, 13, 310, 0.2, 0.3),
      people: { select: 'journey', journey: 'app-onboarding', outcome: 'started' },
    }),
    conversion: figure('fact.conversion', 'share', 0.314, {
      n: 4_031,
      low: 0.2998,
      high: 0.3285,
      previous: 0.289,
      history: wave(11, 13, 0.3, 0.08, 0.12),
      people: { select: 'journey', journey: 'app-onboarding', outcome: 'converted' },
    }),
    time_to_convert: figure('fact.time_to_convert', 'seconds', 1.8 * 86_400, {
      n: 1266,
      previous: 1.7 * 86_400,
      good: 'down',
    }),
    stages: stages(
      [
        ['설치', 'Install'],
        ['가입', 'Sign-up'],
        ['둘러보기', 'Browse'],
        ['첫 주문', 'First order'],
      ],
      [4_031, 2_980, 2_210, 1_266],
      [402, 511, 388, 1_190],
    ),
    buckets: [],
    changed_us: NOW - 2 * DAY,
    problems: [],
  },
  {
    key: 'store-visit',
    name: { ko: '매장 예약', en: 'Store appointment' },
    description: null,
    map: 'store-visit',
    people: figure('fact.people', 'people', 21, { previous: 34, history: wave(13, 13, 3, 0.6), people: null }),
    conversion: figure('fact.conversion', 'share', 0.4286, {
      n: 21,
      low: 0.2447,
      high: 0.6345,
      previous: 0.41,
      history: [null, null, 0.3, 0.5, 0.4],
    }),
    time_to_convert: figure('fact.time_to_convert', 'seconds', 3.1 * 3600, { n: 9, good: 'down' }),
    stages: stages(
      [
        ['예약', 'Booked'],
        ['방문', 'Visited'],
        ['구매', 'Bought'],
      ],
      [21, 14, 9],
      [4, 3, 9],
    ),
    buckets: [],
    changed_us: NOW - 40 * DAY,
    problems: [],
  },
]

const kinds: [string, string[], number, number][] = [
  ['Page Viewed', ['web', 'app'], 208_412, 16_810],
  ['Product Viewed', ['web', 'app'], 92_117, 12_240],
  ['Ad Clicked', ['search_ad', 'instagram'], 31_220, 11_208],
  ['Product Added', ['web', 'app'], 18_441, 6_120],
  ['Checkout Started', ['web', 'app'], 9_310, 4_480],
  ['Order Completed', ['web', 'app', 'store'], 7_912, 3_906],
  ['Email Opened', ['email'], 24_008, 5_221],
  ['Order Refunded', ['web', 'call'], 398, 371],
  ['Support Contacted', ['call', 'chat'], 2_204, 1_466],
  ['Review Written', ['web', 'app'], 1_310, 980],
  ['Survey Answered', ['email'], 3_118, 2_402],
  ['Referral Sent', ['referral'], 611, 402],
  ['identify', ['web'], 13_845, 12_010],
]

export const events: EventView[] = kinds.map(([name, channels, n_events, n_people], at) => ({
  name,
  n_events,
  n_people,
  first_us: NOW - (360 - at) * DAY,
  last_us: NOW - at * at * 3_600e6,
  channels,
  properties: [
    { key: 'path', kind: 'text', n_events, examples: ['/gift/ribbon-box', '/cart', '/'] },
    { key: 'device', kind: 'text', n_events: Math.round(n_events * 0.97), examples: ['mobile', 'desktop'] },
    ...(name.startsWith('Order')
      ? [{ key: 'n_items', kind: 'number' as const, n_events, examples: [1, 3, 2] as Value[] }]
      : []),
    { key: 'is_member', kind: 'bool', n_events: Math.round(n_events * 0.6), examples: [true, false] },
  ],
  history: wave(at + 1, 24, n_events / 24, 0.25, 0.2).map(Math.round),
}))

const family = ['김', '이', '박', '최', '정', '강', '조', '윤', '장', '임']
const given = ['민지', '서준', '도윤', '하은', '지우', '서연', '예준', '수아', '지호', '유나']
const cities = ['서울', '부산', '대구', '인천', '광주', '대전']

export const people: PersonView[] = Array.from({ length: 237 }, (_, at) => {
  const random = seeded(at * 7 + 1)
  const known = at % 5 !== 4
  const n_events = 3 + Math.floor(random() * 180)
  return {
    person: (0x9e3779b97f4a7c15n * BigInt(at + 1)).toString(16).slice(-16).padStart(16, '0'),
    user_id: known ? `C${String(10_231 + at * 37)}` : null,
    anonymous_ids: known ? [] : [`a-${(at * 7919 + 1e6).toString(36)}`],
    n_events,
    first_us: NOW - Math.floor((40 + random() * 300) * DAY),
    last_us: NOW - Math.floor(random() ** 3 * 90 * DAY),
    amount: random() < 0.4 ? 0 : Math.round(random() * 400) * 900,
    entered_us: null,
    traits: known
      ? ({
          name: `${family[at % 10]}${given[(at * 3) % 10]}`,
          city: cities[at % 6] ?? '서울',
          tier: ['Gold', 'Silver', 'Basic'][at % 3] ?? 'Basic',
          age: 22 + (at % 40),
          marketing_consent: at % 4 !== 0,
        } as Record<string, Value>)
      : {},
  }
})

export function timelineOf(person: PersonView, limit: number): TimelineEvent[] {
  const random = seeded(person.n_events)
  const out: TimelineEvent[] = []
  let time = person.last_us
  for (let at = 0; at < Math.min(limit, person.n_events); at++) {
    const kind = kinds[Math.floor(random() ** 1.6 * (kinds.length - 1))] ?? kinds[0]
    if (!kind) break
    const [name, channels] = kind
    const isOrder = name.startsWith('Order')
    out.push({
      id: at.toString(16).padStart(16, '0'),
      event: name,
      time_us: time,
      channel: channels[Math.floor(random() * channels.length)] ?? null,
      amount: isOrder ? (name.endsWith('Refunded') ? -1 : 1) * (19_000 + Math.floor(random() * 40) * 1_000) : null,
      source: 'orders-2025.csv',
      properties: {
        path: random() < 0.5 ? '/gift/ribbon-box' : '/cart',
        device: random() < 0.6 ? 'mobile' : 'desktop',
      },
    })
    time -= Math.floor(random() < 0.7 ? random() * 900e6 : random() * 6 * DAY)
  }
  return out
}

const five: Template['stages'] = [
  { ko: '인지', en: 'Awareness' },
  { ko: '고려', en: 'Consideration' },
  { ko: '구매', en: 'Purchase' },
  { ko: '유지', en: 'Retention' },
  { ko: '옹호', en: 'Advocacy' },
]
const template = (key: string, ko: string, en: string, stages: Template['stages']): Template => ({
  key,
  name: { ko, en },
  description: { ko: `${ko}에 알맞은 단계와 접점`, en: `Stages and touchpoints for ${en.toLowerCase()}` },
  stages,
})
export const templates: Template[] = [
  template('five-stage', '다섯 단계 기본', 'The usual five stages', five),
  template('e-commerce', '온라인 쇼핑', 'E-commerce', five),
  template('subscription', '구독', 'Subscription', [
    { ko: '알게 됨', en: 'Discover' },
    { ko: '체험', en: 'Trial' },
    { ko: '구독', en: 'Subscribe' },
    { ko: '사용', en: 'Use' },
    { ko: '갱신', en: 'Renew' },
  ]),
  template('saas', 'SaaS · B2B', 'SaaS, B2B', [
    { ko: '관심', en: 'Interest' },
    { ko: '데모', en: 'Demo' },
    { ko: '도입', en: 'Onboard' },
    { ko: '정착', en: 'Adopt' },
    { ko: '확장', en: 'Expand' },
  ]),
  template('appointment', '예약과 방문', 'Appointment', [
    { ko: '문의', en: 'Enquiry' },
    { ko: '예약', en: 'Booking' },
    { ko: '방문', en: 'Visit' },
    { ko: '재방문', en: 'Return' },
  ]),
]
