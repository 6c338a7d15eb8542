/** Channels that many companies have keep one colour everywhere; the order of the tokens is that of `tokens.css`. */
const known: [RegExp, number][] = [
  [/^(web|site|homepage|browser|pc|desktop|online)/, 1],
  [/^(app|mobile|ios|android|push)/, 2],
  [/(ad|ads|search|sem|display|banner|paid)$|^(ad|ads|search|sem|display)/, 3],
  [/(social|sns|insta|facebook|youtube|tiktok|naver_?blog|twitter)/, 4],
  [/(refer|friend|recommend|affiliate|partner)/, 5],
  [/(store|shop|offline|pos|branch|retail)/, 6],
  [/(call|phone|support|chat|service|ticket|help|cs$|counsel)/, 7],
  [/(mail|sms|kakao|message|letter|newsletter|crm|post)/, 8],
]

/** A CSS colour for a channel: always the same for the same name, on every page and in exports. */
export function channelColor(channel: string | null | undefined): string {
  if (!channel) return 'var(--line-strong)'
  const name = channel.toLowerCase()
  for (const [pattern, at] of known) if (pattern.test(name)) return `var(--channel-${at})`
  let hash = 0
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0
  return `var(--channel-${(hash % 8) + 1})`
}
