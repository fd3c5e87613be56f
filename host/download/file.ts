/** One file, byte by byte. */
import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '../entry.ts'
import type { Progress } from './progress.ts'
import { reason, UnreachableError } from './unreachable.ts'

export interface RemoteFile {
  /** Name, for a person. */
  path: string
  /** Bytes. */
  size: number
  /** In hex: SHA-256, SHA-512, or SHA-1 as Git's blob id has it; its length says which. */
  hash: string
}

export interface Download {
  file: RemoteFile
  /** Who promises size and hash, for a person. */
  promisedBy: string
  url: string
  /** Where it is put. */
  target: string
  fetch: typeof fetch
  /** How long a silent server is waited for, in milliseconds. */
  patience: number
  progress: Progress
}

/** Waits before trying again, as long as nothing more comes; in milliseconds. */
const pauses = [250, 1000, 4000]

/** Where a file lies until it is whole, as Hugging Face's own tools have it. */
export const partOf = (target: string) => `${target}.incomplete`

/**
 * Puts a file into its place, going on where an earlier download ended. The file appears under its
 * name only when size and hash are those promised; a wrong one is deleted. Throws a `StartError`,
 * or the file system's error.
 */
export async function downloadFile(download: Download): Promise<void> {
  const { target, file } = download
  const part = partOf(target)
  // Not for appending: should two processes ever write at once, they write the same bytes to the
  // same places.
  const handle = await open(part, constants.O_RDWR | constants.O_CREAT, 0o644)
  try {
    const state = await resume(handle, file)
    download.progress.resumed(state.position)
    let fruitless = 0
    while (state.position < file.size) {
      const before = state.position
      const broken = await receive(download, handle, state)
      fruitless = state.position > before ? 0 : fruitless + 1
      if (fruitless > pauses.length) {
        throw new UnreachableError(
          `the download of ${file.path} broke off (${broken}); start again to go on from there`,
        )
      }
      if (fruitless > 0) await sleep(pauses[fruitless - 1])
    }
    if (state.hash.digest('hex') !== file.hash) {
      await rm(part, { force: true })
      throw new StartError(
        `${file.path} came with other contents than ${download.promisedBy} promises (its ${algorithm(file)} differs), so it was deleted; start again to fetch it anew`,
      )
    }
  } finally {
    await handle.close()
  }
  await rename(part, target).catch(async (error: unknown) => {
    // Another process that downloaded the same was faster.
    const found = await stat(target).catch(() => undefined)
    if (found?.size !== file.size) throw error
  })
}

interface State {
  /** Bytes that are there. */
  position: number
  /** Over these bytes. */
  hash: Hash
}

function algorithm({ hash }: RemoteFile): string {
  if (hash.length === 128) return 'SHA-512'
  return hash.length === 64 ? 'SHA-256' : 'Git hash'
}

function startHash(file: RemoteFile): Hash {
  if (file.hash.length === 128) return createHash('sha512')
  if (file.hash.length === 64) return createHash('sha256')
  return createHash('sha1').update(`blob ${file.size}\0`)
}

async function resume(handle: FileHandle, file: RemoteFile): Promise<State> {
  const { size } = await handle.stat()
  const state: State = { position: 0, hash: startHash(file) }
  if (size > file.size) await handle.truncate(0)
  else if (size > 0) {
    for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) {
      state.hash.update(chunk)
      state.position += chunk.length
    }
  }
  return state
}

/** Receives what is left, and says why no more came. */
async function receive(download: Download, handle: FileHandle, state: State): Promise<string> {
  const { file, url, progress, patience } = download
  const silent = new AbortController()
  const timer = setTimeout(() => silent.abort(), patience)
  try {
    const response = await download.fetch(url, {
      // Compressed parts could not be put together.
      headers: { 'accept-encoding': 'identity', range: `bytes=${state.position}-` },
      signal: silent.signal,
    })
    if (response.status !== 206 && state.position > 0) {
      // The server knows no ranges and begins again.
      progress.lost(state.position)
      state.position = 0
      state.hash = startHash(file)
    }
    const reader = response.body?.getReader()
    for (;;) {
      const chunk = await reader?.read().catch((cause: unknown) => {
        throw new UnreachableError(reason(cause), { cause })
      })
      if (chunk?.value === undefined) return 'the answer ended early'
      timer.refresh()
      // More than was promised is as wrong as other bytes: the hash says so.
      const bytes = chunk.value.subarray(0, file.size - state.position + 1)
      await handle.write(bytes, 0, bytes.length, state.position)
      state.hash.update(bytes)
      state.position += bytes.length
      progress.received(bytes.length)
      if (state.position > file.size) return 'the answer is too long'
    }
  } catch (error) {
    if (error instanceof UnreachableError) return error.message
    throw error
  } finally {
    clearTimeout(timer)
    silent.abort()
  }
}
