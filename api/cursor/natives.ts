import { decodeBase64Url, encodeBase64Url } from 'hono/utils/encode'

type Bytes = Uint8Array<ArrayBuffer>

/** AES-256-GCM with one key. `added` is authenticated beside the text. */
export interface Cipher {
  /** The ciphertext with its tag of 16 bytes, in parts. */
  encrypt: (nonce: Bytes, added: Bytes, plain: Bytes) => Promise<Uint8Array[]>
  /** Rejects what was not encrypted so. */
  decrypt: (nonce: Bytes, added: Bytes, sealed: Bytes) => Promise<Bytes>
}

/** The work on a cursor's bytes that a runtime may do faster than portable code. */
export interface CursorNatives {
  /** Of a key of 32 bytes. */
  cipher: (key: Bytes) => Promise<Cipher>
  /** Undefined where the text has a lone surrogate. */
  toUtf8: (text: string) => Uint8Array | undefined
  /** From UTF-8. Throws on what is none. */
  toText: (bytes: Bytes) => string
  /** Without padding. */
  toBase64Url: (bytes: Bytes) => string
  /** May overlook what is wrong with the text. */
  fromBase64Url: (text: string) => Bytes
  /** Raw deflate. */
  deflate: (bytes: Bytes) => Promise<Bytes>
  /** Rejects what is damaged and, before it is all there, what has more than `most` bytes. */
  inflate: (bytes: Bytes, most: number) => Promise<Bytes>
}

// In workerd, and in Node from 25 on.
interface Base64Bytes {
  toBase64?: (options: { alphabet: 'base64url'; omitPadding: boolean }) => string
}
interface Base64Constructor {
  fromBase64?: (text: string, options: { alphabet: 'base64url' }) => Bytes
}

const native: typeof Uint8Array & Base64Constructor = Uint8Array

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const webNatives: CursorNatives = {
  async cipher(raw) {
    const { subtle } = crypto
    const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
    const name = 'AES-GCM'
    return {
      async encrypt(iv, additionalData, plain) {
        return [new Uint8Array(await subtle.encrypt({ name, iv, additionalData }, key, plain))]
      },
      async decrypt(iv, additionalData, sealed) {
        return new Uint8Array(await subtle.decrypt({ name, iv, additionalData }, key, sealed))
      },
    }
  },
  toUtf8: (text) => (text.isWellFormed() ? encoder.encode(text) : undefined),
  toText: (bytes) => decoder.decode(bytes),
  toBase64Url(bytes: Bytes & Base64Bytes) {
    const options = { alphabet: 'base64url', omitPadding: true } as const
    return bytes.toBase64?.(options) ?? encodeBase64Url(bytes.buffer).replace(/=+$/, '')
  },
  fromBase64Url(text) {
    return native.fromBase64?.(text, { alphabet: 'base64url' }) ?? decodeBase64Url(text)
  },
  async deflate(bytes) {
    const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'))
    return new Uint8Array(await new Response(compressed).arrayBuffer())
  },
  async inflate(bytes, most) {
    const parts: Uint8Array[] = []
    let length = 0
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
    for await (const part of plain) {
      length += part.length
      if (length > most) throw new RangeError(`more than ${most} bytes`)
      parts.push(part)
    }
    return join(...parts)
  },
}

/** The parts in a row. */
export function join(...parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
