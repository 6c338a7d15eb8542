import { ApiError, offline, problemsOf } from './client'

interface Call {
  query?: Record<string, string | number | boolean | undefined>
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is. */
  text?: string
  signal?: AbortSignal
}

/** One request to the API. Throws [`ApiError`] for every answer that is not 2xx, and when nothing answers. */
export async function call<Body>(method: string, path: string, { query = {}, json, text, signal }: Call = {}) {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value))
  const tail = search.size > 0 ? `?${search}` : ''
  const body = text ?? (json === undefined ? undefined : JSON.stringify(json))
  let response: Response
  try {
    response = await fetch(`/api/v1/${path}${tail}`, {
      method,
      signal,
      body,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, [offline])
  }
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok) throw new ApiError(response.status, problemsOf(answer))
  return answer as Body
}
