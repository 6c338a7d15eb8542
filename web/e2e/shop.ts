/* A small made-up shop: always the same people and events, with one stage that got worse in October. */

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2025, 7, 4)
const END_MS = Date.UTC(2025, 10, 1)
export const N_PEOPLE = 600

function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Events as a CSV file: visits, product views, checkouts, orders, reviews with a score of 1–5. */
export function shopCsv(): string {
  const random = seeded(20_251_031)
  const rows: { time: number; row: string }[] = []
  for (let person = 1; person <= N_PEOPLE; person += 1) {
    let time = START_MS + random() * (END_MS - START_MS - 12 * DAY_MS)
    const channel = random() < 0.6 ? 'web' : random() < 0.7 ? 'app' : 'store'
    // Every seventh person buys in the store, wherever they came from.
    const placeOf = (event: string) => (person % 7 === 0 && event === 'Order Completed' ? 'store' : channel)
    const push = (event: string, amount = '', score = '') => {
      const at = new Date(time).toISOString().slice(0, 19)
      rows.push({
        time,
        row: `u${String(person).padStart(4, '0')},${at}Z,${event},${placeOf(event)},${amount},${score}`,
      })
      time += (0.2 + random() * 2) * DAY_MS
    }
    const isLate = time > Date.UTC(2025, 8, 20)
    push('Visit')
    if (random() < 0.25) push('Visit')
    if (random() > 0.7) continue
    push('Product Viewed')
    if (random() > 0.6) continue
    push('Checkout Started')
    if (random() > (isLate ? 0.35 : 0.75)) continue
    push('Order Completed', String(10_000 + Math.floor(random() * 90) * 1_000))
    if (random() < 0.6) push('Review Written', '', String(1 + Math.floor(random() * 5)))
  }
  rows.sort((a, b) => a.time - b.time)
  return `user_id,time,event,channel,amount,score\n${rows.map((one) => one.row).join('\n')}\n`
}

/** How the file becomes events, for tests that do not import by hand. */
export const shopMapping = {
  key: 'shop',
  events: {
    person: { user_id: 'user_id' },
    time: { column: 'time', zone: 'UTC' },
    event: 'event',
    channel: 'channel',
    amount: 'amount',
    properties: { score: { column: 'score', type: 'number' } },
  },
}

/** The journey of the shop with its map, metrics and segments. */
export const shopYaml = `
kind: segment
key: app-people
name: { ko: 앱으로 온 사람, en: Came by app }
rule: { did: { when: { event: Visit, channel: app } } }
---
kind: metric
key: orders
name: { ko: 주문, en: Orders }
description: { ko: 끝난 주문의 수., en: Number of completed orders. }
formula: { count: { event: Order Completed } }
unit: events
target: 150
---
kind: journey
key: gift
name: { ko: 선물 구매 여정, en: Buying a gift }
window: 60d
conversion: buy
emotion:
  - { when: { event: Review Written }, property: score, worst: 1, best: 5 }
stages:
  - key: aware
    name: { ko: 인지, en: Awareness }
    goal: { customer: { ko: 쓸 만한 선물을 빨리 알아보고 싶다, en: Find a fitting gift quickly } }
    touchpoints:
      - { key: visit, name: { ko: 방문, en: Visit }, when: { event: Visit } }
  - key: consider
    name: { ko: 고려, en: Consideration }
    touchpoints:
      - { key: product, name: { ko: 상품 보기, en: Product page }, when: { event: Product Viewed } }
      - { key: checkout, name: { ko: 결제 시작, en: Checkout }, when: { event: Checkout Started } }
  - key: buy
    name: { ko: 구매, en: Purchase }
    kpis: [orders]
    touchpoints:
      - { key: order, name: { ko: 주문, en: Order }, when: { event: Order Completed } }
  - key: share
    name: { ko: 옹호, en: Advocacy }
    touchpoints:
      - { key: review, name: { ko: 리뷰 작성, en: Review }, when: { event: Review Written } }
---
kind: map
key: gift
journey: gift
segments: [app-people]
assumed_emotion: { aware: 0.5, buy: 1.2, share: 1.5 }
lanes:
  - { key: goals, kind: customer_goal }
  - { key: touchpoints, kind: touchpoints }
  - { key: emotion, kind: emotion }
  - key: questions
    kind: questions
    cards:
      - { id: trust, stage: aware, text: { ko: 믿어도 돼?, en: Can I trust it? } }
      - { id: arrives, stage: consider, text: { ko: 언제 도착해?, en: When will it arrive? } }
  - key: friction
    kind: friction
    cards:
      - id: slow
        stage: buy
        text: { ko: 결제 창이 느리다, en: The payment page is slow }
        evidence: { ko: 문의 41건, en: 41 tickets }
        value: 4100000
  - { key: kpi, kind: kpi }
  - { key: volumes, kind: volumes }
`
