/**
 * A state as bytes. JSON would escape and scan every answer twice, which costs more than to
 * encrypt it; so long texts stand apart, as they are:
 *
 *     length of the texts (4 bytes, big-endian) | long texts in UTF-8, in the order of their places | JSON
 *
 * In the JSON, the string "\0" followed by a decimal number is the place of a long text of so many
 * bytes; a string that itself begins with "\0" has another one in front.
 */
type Bytes = Uint8Array<ArrayBuffer>

const lengthBytes = 4
const longText = 64
const escape = '\0'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `value` must be plain JSON data. */
export function pack(value: unknown): Bytes {
  let bytes = new Uint8Array(4096)
  let end = lengthBytes
  const write = (text: string): number => {
    bytes = withRoom(bytes, end, text)
    const { written } = encoder.encodeInto(text, bytes.subarray(end))
    end += written
    return written
  }
  const json = JSON.stringify(
    mapStrings(value, (text) => {
      // UTF-8 has no lone surrogates; in JSON they are escaped.
      if (text.length >= longText && text.isWellFormed()) return `${escape}${write(text)}`
      return text.startsWith(escape) ? `${escape}${text}` : text
    }),
  )
  new DataView(bytes.buffer).setUint32(0, end - lengthBytes)
  write(json)
  return bytes.subarray(0, end)
}

/** Throws on bytes that `pack` did not make. */
export function unpack(bytes: Bytes): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const json = decoder.decode(bytes.subarray(lengthBytes + view.getUint32(0)))
  let at = lengthBytes
  return mapStrings(JSON.parse(json), (text) => {
    if (!text.startsWith(escape)) return text
    if (text.startsWith(escape, 1)) return text.slice(1)
    const end = at + Number(text.slice(1))
    const lifted = decoder.decode(bytes.subarray(at, end))
    at = end
    return lifted
  })
}

/** The same bytes, with room behind `end` for the text: up to three bytes for a unit of UTF-16. */
function withRoom(bytes: Bytes, end: number, text: string): Bytes {
  const needed = end + 3 * text.length
  if (needed <= bytes.length) return bytes
  const larger = new Uint8Array(Math.max(needed, 2 * bytes.length))
  larger.set(bytes.subarray(0, end))
  return larger
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change))
  const copy: Record<string, unknown> = { ...value }
  // Of properties that are its own, so that one called "__proto__" is as any other.
  for (const key of Object.keys(copy)) copy[key] = mapStrings(copy[key], change)
  return copy
}
