export type SnippetKey = 'curl' | 'node' | 'python'

interface Snippet {
  key: SnippetKey
  label: string
  code: string
}

const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
const quoted = (text: string) => JSON.stringify(text)

/**
 * Programs that send one event with this key, ready to be run. They name no time of their own: the server takes the
 * moment it comes, so that the test event is found under now.
 */
export function snippets(key: string, origin: string): Snippet[] {
  const event = { type: 'track', event: 'Hello', userId: 'test-person', properties: { from: 'curl' } }
  return [
    {
      key: 'curl',
      label: 'curl',
      code: `curl ${shell(`${origin}/v1/batch`)} \\\n  -H ${shell(`Authorization: Bearer ${key}`)} \\\n  -H 'Content-Type: application/json' \\\n  -d ${shell(JSON.stringify({ batch: [event] }))}`,
    },
    {
      key: 'node',
      label: 'Node.js',
      code: `// npm install @segment/analytics-node\nimport { Analytics } from '@segment/analytics-node'\n\nconst analytics = new Analytics({\n  writeKey: ${quoted(key)},\n  host: ${quoted(origin)},\n})\nanalytics.track({ userId: 'test-person', event: 'Hello', properties: { from: 'node' } })\nawait analytics.closeAndFlush()`,
    },
    {
      key: 'python',
      label: 'Python',
      code: `# pip install segment-analytics-python\nimport segment.analytics as analytics\n\nanalytics.write_key = ${quoted(key)}\nanalytics.host = ${quoted(origin)}\nanalytics.track('test-person', 'Hello', {'from': 'python'})\nanalytics.shutdown()`,
    },
  ]
}

/** The key with all but its beginning and end hidden, for when it stands on a screen others see. */
export const veiled = (key_end: string) => `gk_…${key_end}`
