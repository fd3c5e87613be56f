/**
 * A state as bytes. JSON would escape and scan every answer twice, which costs more than to
 * encrypt it; so long texts stand apart, as they are:
 *
 *     length of the texts (4 bytes, big-endian) | long texts in UTF-8 | JSON: [their lengths in bytes, the state]
 *
 * In the state, the string "\0" is the place of the next long text; a string that itself begins
 * with "\0" has another one in front.
 */
import { z } from 'zod'
import { type CursorNatives, join } from './natives.ts'

type Bytes = Uint8Array<ArrayBuffer>

const lengthBytes = 4
const longText = 64
const escape = '\0'

const encoder = new TextEncoder()

/** `value` must be plain JSON data. */
export function pack(value: unknown, { toUtf8 }: Pick<CursorNatives, 'toUtf8'>): Bytes {
  const texts: Uint8Array[] = []
  const lean = mapStrings(value, (text) => {
    // UTF-8 has no lone surrogates; in JSON they are escaped.
    const apart = text.length < longText ? undefined : toUtf8(text)
    if (apart === undefined) return text.startsWith(escape) ? `${escape}${text}` : text
    texts.push(apart)
    return escape
  })
  const lengths = texts.map(({ length }) => length)
  const head = new Uint8Array(lengthBytes)
  const total = lengths.reduce((sum, length) => sum + length, 0)
  new DataView(head.buffer).setUint32(0, total)
  return join(head, ...texts, encoder.encode(JSON.stringify([lengths, lean])))
}

/** Throws on bytes that `pack` did not make. */
export function unpack(bytes: Bytes, { toText }: Pick<CursorNatives, 'toText'>): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const json = toText(bytes.subarray(lengthBytes + view.getUint32(0)))
  const [lengths, lean] = Packed.parse(JSON.parse(json))
  let at = lengthBytes
  let place = 0
  return mapStrings(lean, (text) => {
    if (text !== escape) return text.startsWith(escape) ? text.slice(1) : text
    const length = lengths[place++]
    if (length === undefined) throw new Error('a text is missing')
    at += length
    return toText(bytes.subarray(at - length, at))
  })
}

const Packed = z.tuple([z.array(z.int().min(0)), z.unknown()])

/** A copy with every string changed; what has none that changes is not copied. */
function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change))
  let copy: Record<string, unknown> | undefined
  // Of properties that are its own, so that one called "__proto__" is as any other.
  for (const [key, item] of Object.entries(value)) {
    const changed = mapStrings(item, change)
    if (changed !== item) (copy ??= { ...value })[key] = changed
  }
  return copy ?? value
}
