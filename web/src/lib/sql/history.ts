/** One run of a query on this device. */
export interface PastQuery {
  query: string
  /** When it was last run, milliseconds since 1970. */
  at_ms: number
  /** From sending to the whole answer. */
  took_ms: number
  /** Rows answered; `null` when it failed or was stopped. */
  n_rows: number | null
}

/** So many are kept; the oldest go first. */
export const HISTORY_MAX = 100
/** Longer queries run but are not kept: the browser's storage is small and shared by all of them. */
export const QUERY_CHARS_MAX = 20_000

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** The history with `run` in front. The same query, run again, moves up rather than standing twice. */
export function withRun(past: PastQuery[], run: PastQuery): PastQuery[] {
  const query = run.query.trim()
  if (query === '' || query.length > QUERY_CHARS_MAX) return past
  return [{ ...run, query }, ...past.filter((one) => one.query !== query)].slice(0, HISTORY_MAX)
}

/** Each account has its own: a shared computer shows nobody else's questions. */
const keyOf = (account: string) => `gilmok.sql.history:${account}`
const draftKeyOf = (account: string) => `gilmok.sql.draft:${account}`

const isPast = (one: unknown): one is PastQuery =>
  typeof one === 'object' &&
  one !== null &&
  'query' in one &&
  typeof one.query === 'string' &&
  'at_ms' in one &&
  typeof one.at_ms === 'number' &&
  'took_ms' in one &&
  typeof one.took_ms === 'number' &&
  'n_rows' in one &&
  (one.n_rows === null || typeof one.n_rows === 'number')

/** What is kept; entries that cannot be read (an older or newer Gilmok wrote them) are left out. */
export function readHistory(store: Store | undefined, account: string): PastQuery[] {
  try {
    const kept: unknown = JSON.parse(store?.getItem(keyOf(account)) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isPast).slice(0, HISTORY_MAX) : []
  } catch {
    return []
  }
}

/** Keeps the history; where storage is full the older half is given up, where it is refused nothing is kept. */
export function writeHistory(store: Store | undefined, account: string, past: PastQuery[]) {
  for (let most = past.length; ; most = Math.floor(most / 2)) {
    try {
      if (most === 0) store?.removeItem(keyOf(account))
      else store?.setItem(keyOf(account), JSON.stringify(past.slice(0, most)))
      return
    } catch {
      if (most === 0) return
    }
  }
}

/** The text of the editor as it was left. */
export function readDraft(store: Store | undefined, account: string): string {
  try {
    return store?.getItem(draftKeyOf(account)) ?? ''
  } catch {
    return ''
  }
}

export function writeDraft(store: Store | undefined, account: string, text: string) {
  try {
    if (text.trim() === '') store?.removeItem(draftKeyOf(account))
    else if (text.length <= QUERY_CHARS_MAX) store?.setItem(draftKeyOf(account), text)
  } catch {
    // Storage may be refused or full; the text then lasts as long as the page.
  }
}
