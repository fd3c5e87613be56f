import { promisify } from 'node:util'
import { constants, deflateRaw, inflateRaw } from 'node:zlib'

type Bytes = Uint8Array<ArrayBuffer>

const deflate = promisify<Bytes, object, Buffer<ArrayBuffer>>(deflateRaw)
const inflate = promisify<Bytes, object, Buffer<ArrayBuffer>>(inflateRaw)

/** Node's own base64 and zlib: several times as fast as its web interfaces to the same. */
export const cursorNatives = {
  toBase64Url: ({ buffer, byteOffset, byteLength }: Bytes): string =>
    Buffer.from(buffer, byteOffset, byteLength).toString('base64url'),
  fromBase64Url: (text: string): Bytes => plain(Buffer.from(text, 'base64url')),
  deflate: async (bytes: Bytes): Promise<Bytes> =>
    plain(await deflate(bytes, { level: constants.Z_BEST_SPEED })),
  inflate: async (bytes: Bytes, most: number): Promise<Bytes> =>
    plain(await inflate(bytes, { maxOutputLength: most })),
}

/** A Buffer has methods of its own under the same names: its slice is no copy. */
const plain = ({ buffer, byteOffset, byteLength }: Buffer<ArrayBuffer>): Bytes =>
  new Uint8Array(buffer, byteOffset, byteLength)
