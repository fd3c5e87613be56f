/**
 * Cursors: the state of a run, sealed with AES-256-GCM. The envelope of version 2 is,
 * in base64url:
 *
 *     version (1 byte) | key id (4) | expiry (6) | compression (1) | nonce (12, random) | ciphertext with tag (16)
 *
 * The key id is the start of SHA-256(key ‖ tenant), so what belongs to another tenant looks as
 * what was sealed elsewhere. The expiry is in milliseconds since the epoch, big-endian. The
 * plaintext is the packed state (pack.ts), as it is (compression 0) or in raw deflate (1).
 * Additional data: all that stands before the nonce, then the tenant in UTF-8.
 *
 * Version 1, which is only read: version | key id | nonce | ciphertext with tag; the plaintext is
 * `{"exp": milliseconds, "state": …}` in JSON, and the tenant is always empty.
 *
 * Where the run is traced, the packed state has a field `trace` beside its own.
 */
import { z } from 'zod'
import { problem } from '../../shared/problems.ts'
import { State } from '../algorithm/state.ts'
import { createKeyring, type Key } from './keys.ts'
import { type CursorNatives, join } from './natives.ts'
import { pack, unpack } from './pack.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Of the envelope that is written; with a new one, write its golden cursors (docs/cursor.md). */
export const cursorVersion = 2

const idEnd = 5
const nonceBytes = 12
const tagBytes = 16

/**
 * Smaller states are not compressed. Deflate costs about 10 ns per byte, several times what
 * encryption does, and pays on a network below 1 Gbit/s only; below this size, the transfer that
 * it saves is not felt (docs/cursor.md has the measurements).
 */
const compressFrom = 128 * 1024

/** Bound of the decompressed state; no run comes near it. */
const mostStateBytes = 32 * 1024 * 1024

/** A request of 10 MB must be able to carry it back. */
const mostCursorLength = 9 * 1024 * 1024

export interface OpenCursor {
  state: State
  /** Milliseconds since the epoch. */
  expires: number
  /** The `traceparent` of the run's first span, where it is traced. */
  trace?: string
}

export interface CursorCodec {
  /** Throws `run_too_large` where no request could carry the cursor. */
  seal: (state: State, trace?: string) => Promise<OpenCursor & { cursor: string }>
  /** Throws `cursor_invalid`, `cursor_foreign`, `cursor_too_new` or `cursor_expired`. */
  open: (cursor: string) => Promise<OpenCursor>
}

/** The codec of a tenant's cursors; nobody else's are opened. */
export type Cursors = (tenant: string) => CursorCodec

export interface CursorOptions {
  /** 32 bytes each, base64url. The first one seals, all of them open. At least one. */
  keys: readonly string[]
  days: number
  /** Milliseconds since the epoch. */
  clock: () => number
  natives: CursorNatives
}

/** Throws a `SettingsError` when a key is not one. */
export function createCursors({ keys, days, clock, natives }: CursorOptions): Cursors {
  const keyringOf = createKeyring(keys, natives.cipher)
  return (tenant) => {
    const owner = utf8.encode(tenant)
    return {
      async seal(state, trace) {
        const [first] = await keyringOf(tenant)
        const packed = pack(trace === undefined ? state : { ...state, trace }, natives)
        if (packed.length > mostStateBytes) throw tooLarge
        const compressed = packed.length >= compressFrom
        const plain = compressed ? await natives.deflate(packed) : packed
        const expires = Math.round(clock() + days * 86_400_000)
        const head = headOf(first, expires, compressed)
        const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes))
        const sealed = await first.cipher.encrypt(nonce, join(head, owner), plain)
        const cursor = natives.toBase64Url(join(head, nonce, ...sealed))
        if (cursor.length > mostCursorLength) throw tooLarge
        return { cursor, state, expires }
      },

      async open(cursor) {
        const bytes = fromText(cursor, natives)
        if (bytes === undefined) throw invalid('it is not base64url; send it exactly as it came')
        if (bytes.length <= nonceBytes + tagBytes) throw invalid('its end is missing')
        const version = bytes[0] ?? 0
        if (version > cursorVersion && version <= latestVersion) throw tooNew(version)
        const envelope = envelopes[version]
        if (envelope === undefined) throw invalid('it does not begin as a cursor does')
        const { headBytes, read } = envelope
        const nonceEnd = headBytes + nonceBytes
        if (bytes.length <= nonceEnd + tagBytes) throw invalid('its end is missing')
        const head = bytes.slice(0, headBytes)
        const known = (await keyringOf(tenant)).find(({ id }) => isAt(id, head))
        if (known === undefined) throw foreign
        const nonce = bytes.slice(headBytes, nonceEnd)
        const plain = await known.cipher
          .decrypt(nonce, join(head, owner), bytes.subarray(nonceEnd))
          .catch(() => {
            throw invalid('it was altered or cut off; send it exactly as it came')
          })
        // Only a holder of the key can have written what cannot be read now.
        const content = await read(head, plain, natives).catch(() => undefined)
        const parsed = Content.safeParse(content)
        if (!parsed.success) throw invalid('it was made by another release of this software')
        const { expires, state } = parsed.data
        if (expires <= clock()) throw expired(expires)
        const { trace } = Traced.parse(content?.state)
        return { state, expires, ...(trace !== undefined && { trace }) }
      },
    }
  }
}

/** No cursor will begin with more for long; what does is no cursor. */
const latestVersion = 31

const utf8 = new TextEncoder()

const Content = z.object({ expires: z.number().min(0).max(8.64e15), state: State })

/** What is sealed beside the state's own fields. */
const Traced = z.object({ trace: z.string().optional() })

interface Envelope {
  /** What stands before the nonce. */
  headBytes: number
  read: (
    head: Bytes,
    plain: Bytes,
    natives: CursorNatives,
  ) => Promise<{ expires: unknown; state: unknown }>
}

const FirstContent = z.object({ exp: z.unknown(), state: z.unknown() })

const envelopes: Readonly<Record<number, Envelope>> = {
  1: {
    headBytes: idEnd,
    async read(_, plain, natives) {
      const { exp, state } = FirstContent.parse(JSON.parse(natives.toText(plain)))
      return { expires: exp, state }
    },
  },
  2: {
    headBytes: 12,
    async read(head, plain, natives) {
      const view = new DataView(head.buffer)
      const expires = view.getUint16(idEnd) * 2 ** 32 + view.getUint32(idEnd + 2)
      const compressed = view.getUint8(11) === 1
      const packed = compressed ? await natives.inflate(plain, mostStateBytes) : plain
      return { expires, state: unpack(packed, natives) }
    },
  },
}

function headOf({ id }: Key, expires: number, compressed: boolean): Bytes {
  const head = new Uint8Array(12)
  const view = new DataView(head.buffer)
  view.setUint8(0, cursorVersion)
  head.set(id, 1)
  view.setUint16(idEnd, Math.floor(expires / 2 ** 32))
  view.setUint32(idEnd + 2, expires % 2 ** 32)
  view.setUint8(11, compressed ? 1 : 0)
  return head
}

const isAt = (id: Bytes, head: Bytes) => id.every((byte, at) => byte === head[at + 1])

/** The bytes, if `text` is exactly how they are written; other spellings of the same bytes are refused. */
function fromText(text: string, natives: CursorNatives): Bytes | undefined {
  try {
    const bytes = natives.fromBase64Url(text)
    return natives.toBase64Url(bytes) === text ? bytes : undefined
  } catch {
    return undefined
  }
}

const invalid = (reason: string) =>
  problem('cursor_invalid', `The cursor cannot be used: ${reason}.`)

const foreign = problem(
  'cursor_foreign',
  'The cursor was sealed with a key that this server does not have (TPO_CURSOR_KEYS), or for another caller. Send it where it came from, with the API key of its run.',
)

const tooNew = (version: number) =>
  problem(
    'cursor_too_new',
    `The cursor is of version ${version}, and this server reads versions up to ${cursorVersion}. Update the server, or send the cursor exactly as it came.`,
  )

const expired = (expires: number) =>
  problem(
    'cursor_expired',
    `The cursor expired at ${new Date(expires).toISOString()}. Start the run again.`,
  )

const tooLarge = problem(
  'run_too_large',
  'The answers of this step are longer than a cursor can hold. Start again with fewer samples or a smaller max_tokens.',
)
