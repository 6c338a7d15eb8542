import createClient from 'openapi-fetch'
import type { paths } from './schema'
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

/** Nothing answers. */
export const offline: Problem = {
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

/** The API, typed by its OpenAPI document. Wrap each call in [`answered`]. */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '' })

interface Answered<Body> {
  data?: Body
  error?: unknown
  response: Response
}

/** The body of a 2xx answer. Throws [`ApiError`] for all others; an aborted request throws its own `AbortError`. */
export async function answered<Body>(call: Promise<Answered<Body>>): Promise<Body> {
  let answer: Answered<Body>
  try {
    answer = await call
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    // `fetch` throws a TypeError when nothing answers, JSON.parse a SyntaxError when something else does.
    throw new ApiError(0, [error instanceof SyntaxError ? unreadable : offline])
  }
  const { data, error, response } = answer
  if (!response.ok) {
    const problems = problemsOf(error)
    throw new ApiError(response.status, problems.length > 0 ? problems : [unreadable])
  }
  return data as Body
}

type Query = Record<string, string | number | boolean | null | undefined>

/** The path under `/api/v1` with the given query, for links and downloads; empty values are left out. */
export function apiUrl(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') search.set(key, String(value))
  const tail = search.toString()
  return `/api/v1/${path}${tail ? `?${tail}` : ''}`
}
