/** Puts libraries in place, each checked before it gets its name. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { StartError } from '../entry.ts'
import { elfFault } from './elf.ts'
import type { Offer } from './source.ts'

/** A library that has been checked and waits for its name. */
export interface Staged {
  name: string
  /** In hex. */
  sha256: string
  /** Where it lies now. */
  path: string
  target: string
}

/** Adds to the paths that are to be removed, however this ends. */
export type Scratch = Set<string>

/** Copies a library into the folder, under another name. Throws a `StartError` if it is not right. */
export async function stage(offer: Offer, folder: string, scratch: Scratch): Promise<Staged> {
  const path = join(folder, `${offer.name}.part`)
  scratch.add(path)
  const handle = await open(path, 'w', 0o644)
  let sums: Sums
  try {
    sums = await sumUp(await offer.open(), (chunk) => handle.write(chunk))
  } finally {
    await handle.close()
  }
  const fault = sumFault(offer, sums) ?? (await elfFault(path))
  if (fault !== undefined) {
    throw new StartError(`${offer.name} ${fault}, so nothing was put in place; fetch it again`)
  }
  return { name: offer.name, sha256: sums.sha256, path, target: join(folder, offer.name) }
}

/** Gives staged libraries their names. */
export async function place(staged: readonly Staged[], scratch: Scratch): Promise<void> {
  for (const { path, target } of staged) {
    await rename(path, target)
    scratch.delete(path)
  }
}

/** Whether the library that lies in the folder is the one that is offered. */
export async function isInPlace(offer: Offer, folder: string): Promise<boolean> {
  const path = join(folder, offer.name)
  const found = await stat(path).catch(() => undefined)
  if (found?.size !== offer.size) return false
  const wanted = offer.sha256 ?? (await sumUp(await offer.open())).sha256
  return wanted === (await sha256Of(path))
}

/** SHA-256 of a file, in hex. */
export const sha256Of = async (path: string): Promise<string> =>
  (await sumUp(createReadStream(path))).sha256

interface Sums {
  sha256: string
  crc32: number
  size: number
}

async function sumUp(
  stream: Readable,
  take: (chunk: Buffer) => Promise<unknown> = async () => undefined,
): Promise<Sums> {
  const hash = createHash('sha256')
  const sums = { crc32: 0, size: 0 }
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk)
    sums.crc32 = crc32(chunk, sums.crc32)
    sums.size += chunk.length
    await take(chunk)
  }
  return { ...sums, sha256: hash.digest('hex') }
}

function sumFault(offer: Offer, sums: Sums): string | undefined {
  if (sums.size !== offer.size) return 'has another size than its source says'
  if (offer.sha256 !== undefined && sums.sha256 !== offer.sha256) {
    return 'has another SHA-256 than its source says'
  }
  return offer.crc32 !== undefined && sums.crc32 !== offer.crc32
    ? 'has another CRC-32 than its source says'
    : undefined
}
