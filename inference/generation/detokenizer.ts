/** Token ids to text: every token stands for some bytes, and their concatenation is the text. */
import { z } from 'zod'
import { InferenceError } from '../errors.ts'
import type { ModelFolder } from '../model/folder.ts'
import { AddedToken } from '../text/tokenizer.ts'

/** Bytes of token i: `bytes[starts[i] … starts[i + 1]]`; control tokens have none. */
export interface TokenBytes {
  bytes: Uint8Array
  starts: Uint32Array
}

const DecoderStep = z.looseObject({ type: z.string() })
const TokenizerFile = z.looseObject({
  added_tokens: z.array(AddedToken).nullish(),
  model: z.looseObject({ vocab: z.record(z.string(), z.number().int().min(0)) }),
  decoder: z.looseObject({
    type: z.string(),
    decoders: z.array(DecoderStep).optional(),
  }),
})

/** Throws an `InferenceError` on a decoder that is neither byte-level nor SentencePiece's. */
export function readTokenBytes(folder: ModelFolder): TokenBytes {
  const file = TokenizerFile.safeParse(folder.tokenizer)
  if (!file.success) {
    throw new InferenceError(
      'model',
      `${folder.path}: tokenizer.json has no vocabulary and decoder that this runtime can read`,
      { cause: file.error },
    )
  }
  const { added_tokens, model, decoder } = file.data
  const steps = (decoder.decoders ?? [decoder]).map(({ type }) => type)
  const toBytes = steps.includes('ByteLevel')
    ? byteLevel()
    : steps.includes('ByteFallback') || steps.includes('Metaspace')
      ? sentencePiece
      : null
  if (toBytes === null) {
    throw new InferenceError(
      'model',
      `${folder.path}: the tokenizer's decoder ${steps.join(', ')} is not supported; supported are ByteLevel and ByteFallback`,
    )
  }
  const pieces: Uint8Array[] = []
  for (const [token, id] of Object.entries(model.vocab)) pieces[id] = toBytes(token)
  for (const { id, content, special } of added_tokens ?? []) {
    pieces[id] = special ? new Uint8Array() : Buffer.from(content, 'utf8')
  }
  const starts = new Uint32Array(pieces.length + 1)
  for (let id = 0; id < pieces.length; id++) {
    starts[id + 1] = (starts[id] ?? 0) + (pieces[id]?.length ?? 0)
  }
  return { bytes: Buffer.concat(pieces.map((piece) => piece ?? new Uint8Array())), starts }
}

const isPrintable = (byte: number) =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae

/** GPT-2's alphabet: printable Latin-1 stands for itself, the rest is shifted behind U+0100. */
function byteLevel(): (token: string) => Uint8Array {
  const byteOf = new Map<string, number>()
  let shifted = 0x100
  for (let byte = 0; byte < 256; byte++) {
    byteOf.set(String.fromCodePoint(isPrintable(byte) ? byte : shifted++), byte)
  }
  return (token) => {
    const bytes = Array.from(token, (character) => byteOf.get(character))
    return bytes.every((byte) => byte !== undefined)
      ? Uint8Array.from(bytes)
      : Buffer.from(token, 'utf8')
  }
}

function sentencePiece(token: string): Uint8Array {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(token)?.[1]
  return byte === undefined
    ? Buffer.from(token.replaceAll('\u2581', ' '), 'utf8')
    : Uint8Array.of(Number.parseInt(byte, 16))
}
