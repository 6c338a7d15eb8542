import type { Figure, Select } from '../api/types'
import type { Card, CellView, LaneKind, MapBody, MapDocument, MapView, StageView, TouchpointView } from './types'

/* A map as a real answer would be, for tests and for development without a server. */

const HOUR_US = 3_600_000_000
const NOW_US = Date.UTC(2025, 9, 31, 14, 58) * 1000
const journey = 'gift'

/** A history that wanders around a value, always the same for the same seed; `gap` leaves out one bucket. */
function wander(around: number, seed: number, gap?: number): (number | null)[] {
  let state = seed * 7919 + 17
  return Array.from({ length: 13 }, (_, index) => {
    state = (state * 1103515245 + 12345) % 2147483648
    const noise = (state / 2147483648 - 0.5) * 0.22 + Math.sin(index / 2 + seed) * 0.06
    return index === gap ? null : around * (1 + noise)
  })
}

const figure = (define: string, unit: Figure['unit'], value: number | null, more: Partial<Figure> = {}): Figure => ({
  value,
  unit,
  good: 'up',
  n: Math.round(value ?? 0),
  history:
    value === null
      ? []
      : wander(
          unit === 'people' || define === 'fact.lost' || define === 'stage.lost' ? value / 13 : value,
          define.length + (value % 7),
        ),
  define,
  ...more,
})

const stageSelect = (
  outcome: 'entered' | 'moved_on' | 'here' | 'dropped' | 'skipped' | 'went_back',
  stage: string,
): Select => ({
  select: 'journey',
  journey,
  outcome,
  stage,
})

interface StageRow {
  key: string
  name: { ko: string; en: string }
  goal: { ko: string; en: string }
  entered: number
  here: number
  moved: number
  before?: number
  median_days: number | null
  skipped: number
  back: number
}

const rows: StageRow[] = [
  {
    key: 'aware',
    name: { ko: '인지', en: 'Awareness' },
    goal: { ko: '쓸 만한 선물을 빨리 알아보고 싶다', en: 'Find a fitting gift quickly' },
    entered: 18240,
    here: 3120,
    moved: 9120,
    before: 0.493,
    median_days: 1.4,
    skipped: 0,
    back: 0,
  },
  {
    key: 'consider',
    name: { ko: '고려', en: 'Consideration' },
    goal: { ko: '내 예산에서 제일 나은 것을 고르고 싶다', en: 'Choose the best one for my budget' },
    entered: 9120,
    here: 2044,
    moved: 2410,
    before: 0.331,
    median_days: 3.1,
    skipped: 214,
    back: 611,
  },
  {
    key: 'buy',
    name: { ko: '구매', en: 'Purchase' },
    goal: { ko: '걱정 없이 결제하고 싶다', en: 'Pay without worry' },
    entered: 2410,
    here: 311,
    moved: 1180,
    before: 0.486,
    median_days: 21,
    skipped: 0,
    back: 402,
  },
  {
    key: 'keep',
    name: { ko: '유지', en: 'Retention' },
    goal: { ko: '제때 받고, 안 맞으면 쉽게 바꾸고 싶다', en: 'Get it on time, change it easily' },
    entered: 1180,
    here: 902,
    moved: 264,
    before: 0.221,
    median_days: 38,
    skipped: 31,
    back: 120,
  },
  {
    key: 'share',
    name: { ko: '옹호', en: 'Advocacy' },
    goal: { ko: '좋은 걸 먼저 알려 주는 사람이 되고 싶다', en: 'Be the one who tells others first' },
    entered: 264,
    here: 233,
    moved: 0,
    median_days: null,
    skipped: 0,
    back: 18,
  },
]

/** Wilson's interval, rounded; only to look right. */
function share(define: string, hits: number, of: number, before: number | undefined, people?: Select): Figure {
  if (of === 0) return figure(define, 'share', null, { n: 0 })
  const p = hits / of
  const half = 1.96 * Math.sqrt((p * (1 - p)) / of)
  return figure(define, 'share', p, {
    n: of,
    low: Math.max(0, p - half),
    high: Math.min(1, p + half),
    previous: before,
    people,
  })
}

function stageView(row: StageRow, index: number): StageView {
  const dropped = Math.max(0, row.entered - row.moved - row.here)
  const isLast = index === rows.length - 1
  const people = (
    define: string,
    value: number,
    outcome?: Parameters<typeof stageSelect>[0],
    more: Partial<Figure> = {},
  ) =>
    figure(define, 'people', value, {
      previous: Math.round(value * (0.92 + ((value * 7) % 13) / 100)),
      people: outcome && stageSelect(outcome, row.key),
      ...more,
    })
  const days = row.median_days
  const seconds = (define: string, factor: number) =>
    figure(define, 'seconds', days === null ? null : days * factor * 86_400, {
      good: 'down',
      n: row.moved,
      previous: days === null ? null : days * factor * 86_400 * 1.06,
    })
  return {
    key: row.key,
    name: row.name,
    is_conversion: row.key === 'buy',
    business_goal: null,
    customer_goal: row.goal,
    entered: people('stage.entered', row.entered, 'entered'),
    share: share('stage.share', row.entered, 18240, undefined),
    here: people('stage.here', row.here, 'here', { good: 'none' }),
    moved_on: people('stage.moved_on', row.moved, 'moved_on'),
    moved_on_rate: isLast
      ? figure('stage.moved_on_rate', 'share', null, { n: 0 })
      : share('stage.moved_on_rate', row.moved, row.entered, row.before, stageSelect('moved_on', row.key)),
    passed: people('stage.passed', row.moved),
    dropped: people(isLast ? 'stage.finished' : 'stage.dropped', isLast ? 31 : dropped, 'dropped', {
      good: isLast ? 'up' : 'down',
    }),
    back: people('stage.back', Math.round(row.back / 3), undefined, { good: 'down' }),
    skipped: people('stage.skipped', row.skipped, 'skipped', { good: 'none' }),
    went_back: people('stage.went_back', row.back, 'went_back', { good: 'down' }),
    median_time: seconds('stage.median_time', 1),
    p90_time: seconds('stage.p90_time', 3.4),
    touches: figure('stage.touches', 'events', row.entered * 5, { good: 'none' }),
    amount: figure('stage.amount', 'money', row.key === 'buy' ? 214_000_000 : 0),
    lost: figure('stage.lost', 'money', isLast ? null : dropped * 3100, { good: 'down', n: dropped }),
  }
}

const touch = (key: string, ko: string, en: string, channel: string, value: number): TouchpointView => ({
  key,
  name: { ko, en },
  channel,
  people: figure('touchpoint.people', 'people', value, {
    previous: Math.round(value * 0.95),
    people: { select: 'journey', journey, outcome: 'touched', touchpoint: key },
  }),
  n_events: value * 2,
})

const touchpoints: TouchpointView[][] = [
  [
    touch('search-ad', '검색 광고', 'Search ad', 'search_ad', 7310),
    touch('instagram', '인스타그램', 'Instagram', 'social', 5122),
    touch('referral', '추천 링크', 'Referral link', 'referral', 1204),
    touch('store-visit', '매장 방문', 'Store visit', 'store', 980),
  ],
  [
    touch('product', '상품 보기', 'Product page', 'web', 8807),
    touch('reviews', '리뷰 읽기', 'Reading reviews', 'web', 4120),
    touch('compare', '비교하기', 'Comparing', 'app', 2011),
    touch('chat', '문의 채팅', 'Chat', 'chat', 640),
  ],
  [
    touch('cart', '장바구니', 'Cart', 'web', 3922),
    touch('checkout', '결제 시작', 'Checkout', 'web', 3310),
    touch('paid', '결제 완료', 'Paid', 'web', 2410),
    touch('store-paid', '매장 결제', 'Paid in store', 'store', 402),
  ],
  [
    touch('shipping', '배송 알림', 'Delivery note', 'kakao', 2210),
    touch('revisit', '재방문', 'Return visit', 'app', 1180),
    touch('support', '고객센터', 'Support', 'call', 466),
    touch('return', '반품', 'Return', 'store', 198),
  ],
  [
    touch('review', '리뷰 작성', 'Writing a review', 'web', 231),
    touch('friend', '친구 추천', 'Telling a friend', 'referral', 88),
    touch('sns', 'SNS 공유', 'Sharing', 'social', 61),
  ],
]

const measured: [number, number, number][] = [
  [0.6, 3204, 0.12],
  [0.9, 2871, 0.1],
  [-0.9, 1022, 0.14],
  [0.4, 611, 0.2],
  [1.5, 148, 0.3],
]

const kpi = (
  key: string,
  ko: string,
  en: string,
  unit: Figure['unit'],
  value: number,
  previous: number,
  more: Partial<Figure> = {},
) => ({
  key,
  name: { ko, en },
  description: {
    ko: `${ko}: 이 기간에 일어난 이벤트에서 잽니다.`,
    en: `${en}: measured on the events of the period.`,
  },
  figure: figure('metric', unit, value, { previous, n: 2410, ...more }),
})

const kpis = [
  [
    kpi('new-visitors', '신규 방문자', 'New visitors', 'people', 12880, 12150),
    kpi('cpc', '클릭당 비용', 'Cost per click', 'money', 412, 425, { good: 'down', target: 400 }),
  ],
  [
    kpi('engagement', '참여 시간', 'Engagement', 'seconds', 192, 188),
    kpi('cart-rate', '장바구니율', 'Cart rate', 'share', 0.215, 0.223, { target: 0.25 }),
  ],
  [
    kpi('conversion', '전환율', 'Conversion', 'share', 0.039, 0.044, { target: 0.045 }),
    kpi('cart-abandon', '장바구니 이탈', 'Cart abandonment', 'share', 0.386, 0.345, { good: 'down' }),
  ],
  [
    kpi('repeat', '60일 재구매', '60-day repeat', 'share', 0.241, 0.231),
    kpi('csat', 'CSAT', 'CSAT', 'score', 3.8, 4.0, { n: 18, history: wander(3.8, 5, 6) }),
  ],
  [
    kpi('nps', 'NPS', 'NPS', 'points', 31, 27, { n: 812 }),
    kpi('refer-rate', '추천율', 'Referral rate', 'share', 0.037, 0.035),
  ],
]

const card = (id: string, stage: string, text: string, more: Partial<Card> = {}): Card => ({ id, stage, text, ...more })

export const fixtureBody: MapBody = {
  kind: 'map',
  key: 'gift',
  name: { ko: '선물 구매 여정', en: 'Buying a gift' },
  journey,
  state: 'current',
  personas: ['minji'],
  segments: ['mobile', 'new'],
  assumed_emotion: { aware: 0.5, consider: 1, buy: 1.4, keep: 1, share: 1.6 },
  lanes: [
    { key: 'customer-goal', kind: 'customer_goal' },
    { key: 'touchpoints', kind: 'touchpoints' },
    { key: 'emotion', kind: 'emotion' },
    {
      key: 'questions',
      kind: 'questions',
      cards: [
        card('q1', 'aware', '이 브랜드 믿어도 돼?'),
        card('q2', 'consider', '리뷰가 진짜야?', { evidence: '인터뷰 4건' }),
        card('q3', 'consider', '언제 도착해?'),
        card('q4', 'buy', '지금 결제해도 안전해?', { tone: 'open' }),
        card('q5', 'keep', '반품은 어떻게 해?'),
        card('q6', 'share', '추천하면 뭐가 좋아?'),
      ],
    },
    {
      key: 'friction',
      kind: 'friction',
      cards: [
        card('f1', 'consider', '배송비가 끝에서야 보인다', { evidence: '리뷰 87 · 채팅 41' }),
        card('f2', 'buy', '모바일 사파리 결제 창이 6.8초', { evidence: '세션 1,204 · 이탈 +18%p', value: 31_400_000 }),
        card('f3', 'buy', '쿠폰 입력 오류 반복', { evidence: '오류 392', value: 4_100_000, tags: ['쿠폰', '오류'] }),
        card('f4', 'keep', '택배 지연 (영남)', { evidence: '문의 203 · CSAT 2.1', value: 5_700_000 }),
      ],
    },
    { key: 'kpi', kind: 'kpi' },
    { key: 'volumes', kind: 'volumes' },
    {
      key: 'opportunities',
      kind: 'opportunities',
      cards: [
        card('o1', 'aware', '인플루언서 협업 시험', { value: 6_000_000 }),
        card('o2', 'consider', '상품 페이지에 배송비 표시', { value: 9_000_000, owner: '한지우' }),
        card('o3', 'buy', '사파리 결제 스크립트 분리', { value: 31_000_000, owner: '박도윤' }),
        card('o4', 'buy', '장바구니 회복 메일', { value: 12_000_000 }),
        card('o5', 'keep', '영남 택배사 교체', { value: 6_000_000 }),
        card('o6', 'share', '리뷰 감사 적립금', { value: 3_000_000, tone: 'good' }),
      ],
    },
  ],
}

export const fixtureDocument: MapDocument = {
  version: 14,
  author: '한지우',
  created_us: NOW_US - 50 * HOUR_US,
  body: fixtureBody,
}

function cellsOf(kind: LaneKind, cards: Card[] = []): CellView[] {
  return rows.map((row, column) => {
    switch (kind) {
      case 'touchpoints':
        return { touchpoints: touchpoints[column] }
      case 'kpi':
        return { metrics: kpis[column] }
      case 'emotion': {
        const [value, n, half] = measured[column] ?? [0, 0, 0]
        return {
          emotion: {
            assumed: fixtureBody.assumed_emotion?.[row.key] ?? null,
            measured: figure('emotion.measured', 'score', value, {
              n,
              low: value - half,
              high: Math.min(2, value + half),
              previous: value + 0.2,
              people: { select: 'did', when: { event: 'Survey Answered' } } as unknown as Select,
            }),
          },
        }
      }
      default:
        return { cards: cards.filter((one) => one.stage === row.key) }
    }
  })
}

const stages = rows.map(stageView)

export const fixtureView: MapView = {
  key: 'gift',
  name: { ko: '선물 구매 여정', en: 'Buying a gift' },
  journey,
  state: 'current',
  version: 14,
  changed_us: NOW_US - 50 * HOUR_US,
  scope: { period: { from: '2025-08-03', to: '2025-10-31' } },
  compare: { period: { from: '2025-05-05', to: '2025-08-02' } },
  currency: 'KRW',
  zone: 'Asia/Seoul',
  personas: [
    { key: 'minji', name: { ko: '민지, 29 · 모바일 쇼퍼', en: 'Minji, 29 · mobile shopper' }, n_people: 4212 },
  ],
  segments: [
    { key: 'mobile', name: { ko: '모바일', en: 'Mobile' }, n_people: 9120 },
    { key: 'new', name: { ko: '처음 온 사람', en: 'First-time visitors' }, n_people: 12880 },
  ],
  facts: [
    {
      key: 'people',
      figure: figure('fact.people', 'people', 18240, {
        previous: 17208,
        people: { select: 'journey', journey, outcome: 'started' },
      }),
    },
    {
      key: 'conversion',
      figure: figure('fact.conversion', 'share', 0.1321, {
        n: 18240,
        low: 0.1273,
        high: 0.1371,
        previous: 0.1371,
        people: { select: 'journey', journey, outcome: 'converted' },
      }),
    },
    {
      key: 'time_to_convert',
      figure: figure('fact.time_to_convert', 'seconds', 6.2 * 86_400, {
        good: 'down',
        n: 2410,
        previous: 6.6 * 86_400,
      }),
    },
    { key: 'lost', figure: figure('fact.lost', 'money', 41_200_000, { good: 'down', n: 12000, previous: 36_800_000 }) },
  ],
  changes: [{ stage: 'consider', next: 'buy', before: 0.331, now: 0.2643, p: 0.00002 }],
  stages,
  lanes: fixtureBody.lanes.map((lane) => ({
    key: lane.key,
    kind: lane.kind,
    name: lane.name ?? null,
    cells: cellsOf(lane.kind, lane.cards),
  })),
  buckets: Array.from({ length: 13 }, (_, week) => NOW_US - (13 - week) * 7 * 24 * HOUR_US),
  about: {
    data_version: 31,
    as_of_us: NOW_US,
    from_us: NOW_US - 90 * 24 * HOUR_US,
    to_us: NOW_US,
    n_events: 412_906,
    n_people: 18_240,
    warnings: [
      {
        code: 'map.open_window',
        severity: 'warning',
        message: {
          ko: '최근 들어온 3,120명은 아직 전환할 시간이 남아 있습니다.',
          en: '3,120 people came in recently and still have time to convert.',
        },
        remedy: {
          ko: '전환율을 견줄 때는 30일 넘게 지난 기간을 고르십시오.',
          en: 'To compare conversion, choose a period that ended more than 30 days ago.',
        },
      },
    ],
  },
}

/** The fixture with so many cards that drawing and editing must stay quick. */
export function hugeBody(n_cards: number): MapBody {
  const textLanes = fixtureBody.lanes.filter((lane) => lane.cards)
  const lanes = fixtureBody.lanes.map((lane) => {
    const at = textLanes.indexOf(lane)
    if (at < 0) return lane
    const extra = Array.from({ length: Math.ceil(n_cards / textLanes.length) }, (_, index) =>
      card(`x${at}-${index}`, rows[index % rows.length]?.key ?? 'aware', `카드 ${index + 1}: 확인이 더 필요한 내용`),
    )
    return { ...lane, cards: [...(lane.cards ?? []), ...extra] }
  })
  return { ...fixtureBody, lanes }
}
