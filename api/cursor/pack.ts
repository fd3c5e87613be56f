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

type Bytes = Uint8Array<ArrayBuffer>

const lengthBytes = 4
const longText = 64
const escape = '\0'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `value` must be plain JSON data. */
export function pack(value: unknown): Bytes {
  const texts: string[] = []
  const lean = mapStrings(value, (text) => {
    // UTF-8 has no lone surrogates; in JSON they are escaped.
    if (text.length >= longText && text.isWellFormed()) {
      texts.push(text)
      return escape
    }
    return text.startsWith(escape) ? `${escape}${text}` : text
  })
  const json = JSON.stringify(lean)
  const units = texts.reduce((sum, text) => sum + text.length, json.length)
  // Enough where all is ASCII: memory is cleared when it is taken, which costs as much as the rest.
  let bytes = new Uint8Array(lengthBytes + units + 16 * (texts.length + 1))
  let end = lengthBytes
  const write = (text: string): number => {
    const { read, written } = encoder.encodeInto(text, bytes.subarray(end))
    if (read < text.length) {
      const larger = new Uint8Array(2 * bytes.length + 3 * text.length)
      larger.set(bytes.subarray(0, end))
      bytes = larger
      return write(text)
    }
    end += written
    return written
  }
  const lengths = texts.map(write)
  new DataView(bytes.buffer).setUint32(0, end - lengthBytes)
  write(`[${JSON.stringify(lengths)},${json}]`)
  return bytes.subarray(0, end)
}

/** Throws on bytes that `pack` did not make. */
export function unpack(bytes: Bytes): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const json = decoder.decode(bytes.subarray(lengthBytes + view.getUint32(0)))
  const [lengths, lean] = Packed.parse(JSON.parse(json))
  let at = lengthBytes
  let place = 0
  return mapStrings(lean, (text) => {
    if (text !== escape) return text.startsWith(escape) ? text.slice(1) : text
    const length = lengths[place++]
    if (length === undefined) throw new Error('a text is missing')
    at += length
    return decoder.decode(bytes.subarray(at - length, at))
  })
}

const Packed = z.tuple([z.array(z.int().min(0)), z.unknown()])

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change))
  const copy: Record<string, unknown> = { ...value }
  // Of properties that are its own, so that one called "__proto__" is as any other.
  for (const key of Object.keys(copy)) copy[key] = mapStrings(copy[key], change)
  return copy
}
