/** A string, number or word of JSON, where the text stands. */
const scalar =
  /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const space = /[ \t\n\r]*/y

/** Offset of the first thing that JSON does not allow there; `null` where the text is JSON. Browsers word this differently, or not at all. */
function faultAt(text: string): number | null {
  const open: ('{' | '[')[] = []
  // What may come next: a value, a key, or what ends or goes on with what is open.
  let wanted: 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'next' = 'value'
  let at = 0
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (!found) return false
    at += found[0].length
    return true
  }
  for (;;) {
    take(space)
    const sign = text[at]
    if (wanted === 'next' && open.length === 0) return at === text.length ? null : at
    if (sign === undefined) return at
    const isObject = open.at(-1) === '{'
    const ends = sign === (isObject ? '}' : ']') && open.length > 0
    if (ends && (wanted === 'next' || wanted === (isObject ? 'key-or-end' : 'value-or-end'))) {
      open.pop()
      at += 1
      wanted = 'next'
    } else if (wanted === 'next') {
      if (sign !== ',') return at
      at += 1
      wanted = isObject ? 'key' : 'value'
    } else if (wanted === 'colon') {
      if (sign !== ':') return at
      at += 1
      wanted = 'value'
    } else if (wanted === 'key' || wanted === 'key-or-end') {
      if (sign !== '"' || !take(scalar)) return at
      wanted = 'colon'
    } else if (sign === '{' || sign === '[') {
      open.push(sign)
      at += 1
      wanted = sign === '{' ? 'key-or-end' : 'value-or-end'
    } else {
      if (!take(scalar)) return at
      wanted = 'next'
    }
  }
}

/** Line and column, from 1, where a text stops being JSON; `null` while it is. */
export function jsonFault(text: string): { line: number; column: number } | null {
  const at = faultAt(text)
  if (at === null) return null
  const before = text.slice(0, at).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
