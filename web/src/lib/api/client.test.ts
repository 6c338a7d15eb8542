import { describe, expect, it } from 'vitest'
import { type ApiError, answered, problemsIn, problemsOf } from './client'
import type { Problem } from './types'

const problem: Problem = { code: 'a.b', severity: 'error', message: '', remedy: '' }

it('reads problems in each of their shapes', () => {
  expect(problemsOf(problem)).toEqual([problem])
  expect(problemsOf([problem, 'x'])).toEqual([problem])
  expect(problemsOf({ problems: [problem], current_version: 3 })).toEqual([problem])
  for (const none of [null, undefined, 'oops', {}, 3]) expect(problemsOf(none)).toEqual([])
})

describe('an answer', () => {
  const response = (status: number) => new Response(null, { status })
  const failure = (call: Promise<unknown>) =>
    call.then(
      () => null,
      (error: unknown) => error as ApiError,
    )
  it('is its body when 2xx', async () => {
    expect(await answered(Promise.resolve({ data: 7, response: response(200) }))).toBe(7)
    expect(await answered(Promise.resolve({ response: response(204) }))).toBeUndefined()
  })
  it('throws its problems otherwise, and always has words', async () => {
    const told = await failure(answered(Promise.resolve({ error: { problems: [problem] }, response: response(422) })))
    expect([told?.status, told?.code]).toEqual([422, 'a.b'])
    const silent = await failure(answered(Promise.resolve({ error: '<html>', response: response(502) })))
    expect(problemsIn(silent)[0]?.message).toHaveProperty('ko')
  })
  it('tells no connection from nonsense and from an abort', async () => {
    expect((await failure(answered(Promise.reject(new TypeError('fetch failed')))))?.code).toBe('client.unreachable')
    expect((await failure(answered(Promise.reject(new SyntaxError('bad JSON')))))?.code).toBe('client.unreadable')
    const abort = new DOMException('', 'AbortError')
    expect(await failure(answered(Promise.reject(abort)))).toBe(abort)
  })
})
