/** Where a query went wrong, as offsets in its text, and what may have been meant. */
export interface Fault {
  from: number
  to: number
  /** A name that exists and is close, such as `event` for `evnt`. */
  meant: string | null
}

/** The words of the engine, without the list of every column there is: the side of the page shows those. */
export function shortReason(reason: string): string {
  return reason
    .replace(/\s*Valid fields are[\s\S]*$/, '')
    .replace(/(SQL error: )?ParserError\("([\s\S]*?)"\)/, '$2')
    .trim()
}

/** The word, quoted name or sign that starts at `from`; at the end of the text the last character. */
function tokenAt(text: string, from: number): { from: number; to: number } {
  const at = Math.max(0, Math.min(from, text.length))
  const rest = text.slice(at)
  const token = /^(?:"[^"]*"|'[^']*'|[\p{L}\p{N}_.]+|\S)/u.exec(rest)?.[0]
  if (token) return { from: at, to: at + token.length }
  const end = text.trimEnd().length
  return { from: Math.max(0, end - 1), to: end }
}

const literally = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Blanks comments and string literals, keeping every offset: names in them are not the names of columns. */
function codeOnly(text: string): string {
  return text.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g, (part) => part.replace(/[^\n]/g, ' '))
}

function findName(text: string, name: string): { from: number; to: number } | null {
  const wanted = name.replaceAll('"', '')
  const found = new RegExp(`(?<![\\p{L}\\p{N}_])"?${literally(wanted)}"?(?![\\p{L}\\p{N}_])`, 'iu').exec(codeOnly(text))
  return found ? { from: found.index, to: found.index + found[0].length } : null
}

function meantIn(reason: string): string | null {
  const name = /Did you mean '([^']+)'/.exec(reason)?.[1]
  // Given with its table; the query may call the table something else.
  return name?.split('.').at(-1) ?? null
}

/**
 * Where in `text` the engine's reason points: by line and column where it names them, else by the name it does not know.
 * `null` where it points nowhere, as for a division by zero.
 */
export function faultOf(text: string, reason: string): Fault | null {
  const place = /Line: (\d+), Column: (\d+)/.exec(reason)
  if (place) {
    const lines = text.split('\n')
    const line = Number(place[1])
    if (line < 1 || line > lines.length) return { ...tokenAt(text, text.length), meant: null }
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
    return { ...tokenAt(text, start + offsetOf(lines[line - 1] ?? '', Number(place[2]) - 1)), meant: null }
  }
  if (/Expected: .*found: EOF/.test(reason)) return { ...tokenAt(text, text.length), meant: null }
  const patterns = [
    /No field named "?([^\s'"]+?)"?\.(?:\s|$)/,
    /table '([^']+)' not found/i,
    /Invalid function '([^']+)'/i,
    /Ambiguous reference to unqualified field "?([^\s"]+)"?/i,
  ]
  for (const pattern of patterns) {
    const name = pattern.exec(reason)?.[1]
    if (!name) continue
    const found = findName(text, name) ?? findName(text, name.split('.').at(-1) ?? name)
    if (found) return { ...found, meant: meantIn(reason) }
  }
  return null
}

/** The engine counts characters, the editor UTF-16 units: an emoji before the place would shift it. */
function offsetOf(line: string, characters: number): number {
  return [...line].slice(0, Math.max(0, characters)).join('').length
}
