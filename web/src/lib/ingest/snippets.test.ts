import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { snippets } from './snippets'

const key = 'gk_AbC-123_xyz'
const of = (name: string, origin = 'https://gilmok.example.com') =>
  snippets(key, origin).find((one) => one.key === name)?.code ?? ''

test('each names the key and the server', () => {
  for (const { code } of snippets(key, 'https://gilmok.example.com')) {
    expect(code).toContain(key)
    expect(code).toContain('https://gilmok.example.com')
  }
})

test('curl is what a shell takes apart into one request with one event', () => {
  // The shell itself says what the words are.
  const words = execFileSync('sh', ['-c', of('curl').replace(/^curl/, "printf '%s\\n'")], { encoding: 'utf8' })
  const [url, , auth, , kind, , body] = words.trimEnd().split('\n')
  expect(url).toBe('https://gilmok.example.com/v1/batch')
  expect(auth).toBe(`Authorization: Bearer ${key}`)
  expect(kind).toBe('Content-Type: application/json')
  expect(JSON.parse(body ?? '')).toEqual({
    batch: [{ type: 'track', event: 'Hello', userId: 'test-person', properties: { from: 'curl' } }],
  })
})

test('nothing in an address ends its quotes', () => {
  const words = execFileSync('sh', ['-c', of('curl', "http://it's").replace(/^curl/, "printf '%s\\n'")], {
    encoding: 'utf8',
  })
  expect(words.split('\n')[0]).toBe("http://it's/v1/batch")
})
