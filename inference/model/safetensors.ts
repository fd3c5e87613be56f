/** Reads headers of safetensors files; the weights themselves stay on disk. */
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import { InferenceError } from '../errors.ts'

/** Bytes per element of the types this runtime reads. */
export const elementBytes = { F32: 4, F16: 2, BF16: 2 } as const
export type WeightType = keyof typeof elementBytes

export interface StoredTensor {
  /** Absolute path with links resolved. */
  file: string
  /** As the header spells it; only those of `WeightType` can be used. */
  dtype: string
  shape: readonly number[]
  /** Byte position in the file, and length in bytes. */
  offset: number
  length: number
}

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const StoredAs = z.object({
  dtype: z.string(),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
})

/** The format's own limit on the size of a header. */
const maxHeaderBytes = 100_000_000

/**
 * The tensors of one file by name. Throws an `InferenceError` when the file is cut off or its
 * header does not describe the bytes behind it exactly, as the format demands.
 */
export async function readSafetensors(path: string): Promise<Map<string, StoredTensor>> {
  const name = basename(path)
  const broken = (reason: string, cause?: unknown) =>
    new InferenceError('model', `${name} is damaged: ${reason}; download it again`, { cause })
  // A Hugging Face cache holds links, which ONNX Runtime refuses to follow.
  const file = await realpath(path).catch((cause: unknown) => {
    throw new InferenceError('model', `${path} is missing; download the model again`, { cause })
  })
  const unreadable = (cause: unknown) =>
    new InferenceError('model', `${path} cannot be read; check what it is and its permissions`, {
      cause,
    })
  const handle = await open(file).catch((cause: unknown) => {
    throw unreadable(cause)
  })
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw unreadable(undefined)
    const { size } = stats
    if (size < 8) throw broken(`it has only ${size} bytes`)
    const declared = (await readExactly(handle, 8, 0)).readBigUInt64LE()
    if (declared > BigInt(maxHeaderBytes) || declared > BigInt(size - 8)) {
      throw broken(`its header claims ${declared} bytes of ${size}`)
    }
    const headerBytes = Number(declared)
    const entries = parseHeader(await readExactly(handle, headerBytes, 8), broken)
    const start = 8 + headerBytes
    let end = start
    const tensors = new Map<string, StoredTensor>()
    // An empty tensor comes before the one that begins where it does.
    const inOrder = entries.toSorted(
      ([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1],
    )
    for (const [tensor, { dtype, shape, data_offsets }] of inOrder) {
      const [from, to] = data_offsets
      const elements = shape.reduce((product, size) => product * size, 1)
      const fits = !isWeightType(dtype) || to - from === elements * elementBytes[dtype]
      if (start + from !== end || to < from || !fits) {
        throw broken(`the header's place for ${tensor} does not fit its shape or its neighbours`)
      }
      end = start + to
      tensors.set(tensor, { file, dtype, shape, offset: start + from, length: to - from })
    }
    if (end !== size) throw broken(`the header describes ${end} bytes, the file has ${size}`)
    return tensors
  } finally {
    await handle.close()
  }
}

export function isWeightType(dtype: string): dtype is WeightType {
  return Object.hasOwn(elementBytes, dtype)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function parseHeader(
  bytes: Uint8Array,
  broken: (reason: string, cause?: unknown) => InferenceError,
) {
  try {
    const header: unknown = JSON.parse(utf8.decode(bytes))
    const entries = Object.entries(z.record(z.string(), z.unknown()).parse(header))
    const tensors = entries.filter(([name]) => name !== '__metadata__')
    return tensors.map(([name, value]) => [name, StoredAs.parse(value)] as const)
  } catch (cause) {
    throw broken('its header cannot be read', cause)
  }
}

async function readExactly(handle: FileHandle, length: number, position: number): Promise<Buffer> {
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer
}
