/** Where things stand in a JSON text: what JSON.parse does not tell, or tells differently in every engine. */

export interface Place {
  /** From 1. */
  readonly line: number
  /** From 1, in characters as people count them. */
  readonly column: number
}

export interface Span {
  readonly start: number
  readonly end: number
}

export type JsonScan =
  /** Valid; of a list, where its elements stand. */
  | { readonly valid: true; readonly elements: readonly Span[] | null }
  /** `at`: the first character that cannot stand there, or the text's end. */
  | { readonly valid: false; readonly at: number }

const deepest = 200

const blanks = /[ \t\n\r]*/y
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/** Reads a text as JSON.parse would, for its places. */
export function scanJson(text: string): JsonScan {
  const elements: Span[] = []
  let at = 0
  const isList = /^\s*\[/.test(text)

  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const found = pattern.test(text)
    if (found) at = pattern.lastIndex
    return found
  }
  const eat = (char: string): boolean => {
    if (text[at] !== char) return false
    at += 1
    return true
  }
  const string = (): boolean => {
    if (!eat('"')) return false
    do while (isPlain(text, at)) at += 1
    while (match(escaped))
    return eat('"')
  }
  const list = (close: string, item: () => boolean): boolean => {
    at += 1
    match(blanks)
    if (eat(close)) return true
    do if (!item()) return false
    while (eat(','))
    return eat(close)
  }
  const value = (depth: number): boolean => {
    match(blanks)
    const start = at
    const member = () => {
      match(blanks)
      if (!string()) return false
      match(blanks)
      return eat(':') && value(depth + 1)
    }
    const valid =
      depth <= deepest &&
      (text[at] === '{'
        ? list('}', member)
        : text[at] === '['
          ? list(']', () => value(depth + 1))
          : text[at] === '"'
            ? string()
            : match(scalar))
    if (!valid) return false
    if (depth === 1) elements.push({ start, end: at })
    match(blanks)
    return true
  }

  if (!value(0) || at < text.length) return { valid: false, at }
  return { valid: true, elements: isList ? elements : null }
}

const isPlain = (text: string, at: number): boolean =>
  text.charCodeAt(at) >= 32 && text[at] !== '"' && text[at] !== '\\'

/** Line and column of any offset in a text. */
export function placesIn(text: string): (offset: number) => Place {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let line = 0
    for (let above = starts.length; above - line > 1;) {
      const middle = (line + above) >> 1
      if ((starts[middle] ?? Infinity) <= offset) line = middle
      else above = middle
    }
    const before = text.slice(starts[line], offset)
    return { line: line + 1, column: Array.from(before).length + 1 }
  }
}
