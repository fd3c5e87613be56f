/** Files inside a zip, read from the disk one at a time. */
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { StartError } from '../entry.ts'

export interface Archive {
  /** By path. */
  entries: ReadonlyMap<string, Entry>
  open: (entry: Entry) => Promise<Readable>
  /** A file that is small. */
  text: (path: string) => Promise<string>
  close: () => void
}

/** Throws a `StartError` when the file is no zip. */
export async function openArchive(path: string): Promise<Archive> {
  const damaged = (cause: unknown) =>
    new StartError(`${basename(path)} is no whole zip file (${reason(cause)}); fetch it again`, {
      cause,
    })
  let zip: ZipFile | undefined
  try {
    zip = await openPromise(path, { autoClose: false })
    const entries = new Map<string, Entry>()
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry)
    return archiveOf(zip, entries)
  } catch (error) {
    zip?.close()
    throw error instanceof Error && 'code' in error && error.code === 'ENOENT'
      ? error
      : damaged(error)
  }
}

function archiveOf(zip: ZipFile, entries: ReadonlyMap<string, Entry>): Archive {
  return {
    entries,
    open: (entry) => zip.openReadStreamPromise(entry),
    async text(path) {
      const entry = entries.get(path)
      return entry === undefined ? '' : text(await zip.openReadStreamPromise(entry))
    },
    close: () => zip.close(),
  }
}

const reason = (error: unknown) => (error instanceof Error ? error.message : String(error))
