import type { Problem } from './types'

/** An answer that is not 2xx, with words for the reader in both languages. */
export class ApiError extends Error {
  readonly status: number
  readonly problems: Problem[]

  constructor(status: number, problems: Problem[]) {
    super(problems.map((problem) => problem.code).join(', '))
    this.name = 'ApiError'
    this.status = status
    this.problems = problems
  }

  get code(): string {
    return this.problems[0]?.code ?? 'unknown'
  }
}

const offline: Problem = {
  code: 'client.unreachable',
  severity: 'error',
  message: { ko: '서버에 닿지 않습니다.', en: 'The server cannot be reached.' },
  remedy: {
    ko: '길목 서버가 켜져 있는지, 네트워크가 이어져 있는지 확인하고 다시 시도하십시오. 입력한 내용은 그대로 있습니다.',
    en: 'Check that Gilmok is running and the network is up, then try again. What you typed is kept.',
  },
}

const unreadable: Problem = {
  code: 'client.unreadable',
  severity: 'error',
  message: { ko: '서버의 답을 읽을 수 없습니다.', en: 'The server sent an answer that cannot be read.' },
  remedy: {
    ko: '화면을 새로 고치십시오. 되풀이되면 서버 로그를 확인하십시오.',
    en: 'Reload the page. If it keeps happening, look into the server log.',
  },
}

/** Reads the problems out of an error answer, whichever of the three shapes it has: one, a list, or `{problems}`. */
export function problemsOf(body: unknown): Problem[] {
  const isProblem = (one: unknown): one is Problem =>
    typeof one === 'object' && one !== null && 'code' in one && 'message' in one
  if (Array.isArray(body)) return body.filter(isProblem)
  if (isProblem(body)) return [body]
  if (typeof body === 'object' && body !== null && 'problems' in body) return problemsOf(body.problems)
  return []
}

/** The problems of anything thrown by a request. */
export function problemsIn(error: unknown): Problem[] {
  if (error instanceof ApiError && error.problems.length > 0) return error.problems
  return [unreadable]
}

type Query = Record<string, string | number | boolean | null | undefined>

/** The path under `/api/v1` with the given query; empty values are left out. */
export function apiUrl(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') search.set(key, String(value))
  const tail = search.toString()
  return `/api/v1/${path}${tail ? `?${tail}` : ''}`
}

interface Options {
  query?: Query
  body?: unknown
  /** Sent as it is, with this type, instead of JSON. */
  raw?: { body: BodyInit; type: string }
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Sends a request and reads its JSON answer. Throws [`ApiError`]; an aborted request throws its own `AbortError`. */
export async function request<Answer>(method: string, path: string, options: Options = {}): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers }
  let body: BodyInit | undefined
  if (options.raw) {
    body = options.raw.body
    headers['content-type'] = options.raw.type
  } else if (options.body !== undefined) {
    body = JSON.stringify(options.body)
    headers['content-type'] = 'application/json'
  }
  let response: Response
  try {
    response = await fetch(apiUrl(path, options.query), { method, headers, body, signal: options.signal })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, [offline])
  }
  const text = await response.text()
  let answer: unknown
  try {
    answer = text === '' ? undefined : JSON.parse(text)
  } catch {
    throw new ApiError(response.status, [unreadable])
  }
  if (!response.ok) {
    const problems = problemsOf(answer)
    throw new ApiError(response.status, problems.length > 0 ? problems : [unreadable])
  }
  return answer as Answer
}
