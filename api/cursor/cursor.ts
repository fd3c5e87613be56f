/**
 * Cursors: the state of a run, sealed with AES-256-GCM (WebCrypto).
 *
 * Envelope, in base64url:
 *
 *     version (1 byte) | key id (4) | IV (12, random) | ciphertext with tag (16)
 *
 * The key id is the start of the key's SHA-256. The plaintext is `{"exp": milliseconds, "state": …}`
 * in JSON. Additional data: version, key id, then the tenant's name in UTF-8, which is empty as
 * long as there is one tenant.
 */
import { decodeBase64Url, encodeBase64Url } from 'hono/utils/encode'
import { z } from 'zod'
import { problem } from '../../shared/problems.ts'
import { SettingsError } from '../../shared/settings.ts'
import { State } from '../algorithm/state.ts'

const version = 1
const idBytes = 4
const ivBytes = 12
const tagBytes = 16
const headBytes = 1 + idBytes

const Sealed = z.object({ exp: z.number(), state: State })

export interface OpenCursor {
  state: State
  /** Milliseconds since the epoch. */
  expires: number
}

export interface CursorCodec {
  seal: (state: State) => Promise<OpenCursor & { cursor: string }>
  /** Throws `cursor_invalid`, saying why, or `cursor_expired`. */
  open: (cursor: string) => Promise<OpenCursor>
}

export interface CursorOptions {
  /** 32 bytes each, base64url. The first one seals, all of them open. At least one. */
  keys: readonly string[]
  days: number
  /** Milliseconds since the epoch. */
  clock: () => number
}

interface Key {
  id: string
  head: Uint8Array<ArrayBuffer>
  key: CryptoKey
}

/** Throws a `SettingsError` when a key is not one. Keys are imported once, on first use. */
export function createCursorCodec({ keys, days, clock }: CursorOptions): CursorCodec {
  const raw = keys.map(decodeKey)
  let imported: Promise<Key[]> | undefined
  const keyring = () => (imported ??= Promise.all(raw.map(importKey)))

  return {
    async seal(state) {
      const [first] = await keyring()
      if (first === undefined) throw new SettingsError('TPO_CURSOR_KEYS: there is no key')
      const expires = clock() + days * 86_400_000
      const plain = utf8.encode(JSON.stringify({ exp: expires, state }))
      const iv = crypto.getRandomValues(new Uint8Array(ivBytes))
      const sealed = await crypto.subtle.encrypt(cipher(iv, first.head), first.key, plain)
      return { cursor: toText(join(first.head, iv, new Uint8Array(sealed))), state, expires }
    },

    async open(cursor) {
      const bytes = fromText(cursor)
      if (bytes === undefined) throw invalid('it is not base64url; send it exactly as it came')
      if (bytes[0] !== version) throw invalid('it is of a version that this server does not know')
      if (bytes.length <= headBytes + ivBytes + tagBytes) throw invalid('its end is missing')
      const head = bytes.slice(0, headBytes)
      const known = (await keyring()).find(({ id }) => id === idOf(head))
      if (known === undefined) {
        throw invalid('it is sealed with a key that this server does not have (TPO_CURSOR_KEYS)')
      }
      const iv = bytes.slice(headBytes, headBytes + ivBytes)
      const plain = await crypto.subtle
        .decrypt(cipher(iv, head), known.key, bytes.slice(headBytes + ivBytes))
        .catch(() => {
          throw invalid('it was altered or cut off; send it exactly as it came')
        })
      const sealed = Sealed.safeParse(JSON.parse(new TextDecoder().decode(plain)))
      if (!sealed.success) throw invalid('it was made by another release of this software')
      const { exp, state } = sealed.data
      if (exp <= clock()) {
        throw problem(
          'cursor_expired',
          `The cursor expired at ${new Date(exp).toISOString()}. Start the run again.`,
        )
      }
      return { state, expires: exp }
    },
  }
}

const utf8 = new TextEncoder()

const invalid = (reason: string) =>
  problem('cursor_invalid', `The cursor cannot be used: ${reason}.`)

const cipher = (iv: Uint8Array<ArrayBuffer>, head: Uint8Array<ArrayBuffer>) => ({
  name: 'AES-GCM',
  iv,
  additionalData: head,
})

const idOf = (head: Uint8Array) => head.slice(1).join('.')

function decodeKey(text: string): Uint8Array<ArrayBuffer> {
  const urlSafe = text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  const key = fromText(urlSafe)
  if (key?.length === 32) return key
  throw new SettingsError(
    'TPO_CURSOR_KEYS: each key must be 32 bytes in base64 (such as `openssl rand -base64 32` prints), separated by commas',
  )
}

async function importKey(raw: Uint8Array<ArrayBuffer>): Promise<Key> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', raw))
  const head = join(Uint8Array.of(version), digest.slice(0, idBytes))
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
  return { id: idOf(head), head, key }
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

const toText = (bytes: Uint8Array<ArrayBuffer>) => encodeBase64Url(bytes.buffer).replace(/=+$/, '')

/** The bytes, if `text` is exactly how they are written; other spellings of the same bytes are refused. */
function fromText(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = Uint8Array.from(decodeBase64Url(text))
    return toText(bytes) === text ? bytes : undefined
  } catch {
    return undefined
  }
}
