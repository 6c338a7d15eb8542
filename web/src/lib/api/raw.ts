import { ApiError, offline, problemsOf } from './client'

interface Call {
  query?: Record<string, string | number | boolean | undefined>
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is. */
  text?: string
  signal?: AbortSignal
}

/** The answer to one request. Throws [`ApiError`] for every answer that is not 2xx, and when nothing answers. */
export async function respond(method: string, path: string, { query = {}, json, text, signal }: Call = {}) {
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
  if (!response.ok) throw new ApiError(response.status, problemsOf(await response.json().catch(() => null)))
  return response
}

/** The body of the answer to one request; errors as [`respond`]'s. */
export async function call<Body>(method: string, path: string, options: Call = {}) {
  const response = await respond(method, path, options)
  return (response.status === 204 ? undefined : await response.json()) as Body
}
