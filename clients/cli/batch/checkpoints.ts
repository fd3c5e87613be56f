/** What is finished of a batch, in a folder beside its results: a file for each question. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { RunRecord } from '../../common/record.ts'
import { isOfMachine, PlainError } from '../failure.ts'

/**
 * Replaces a file as a whole: whoever reads it finds the old text or the new one, also after a
 * power cut.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.${process.pid}.new`
  try {
    const file = await open(fresh, 'w')
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined)
    throw error
  }
  const folder = await open(dirname(path), 'r')
  await folder.sync().catch(() => undefined)
  await folder.close()
}

/** That something cannot be kept on this machine, as a person reads it; another error as it is. */
export const cannotKeep = (what: string, error: unknown): unknown =>
  isOfMachine(error)
    ? new PlainError(
        `${what} cannot be kept: ${error.message}; once that is mended, the same command goes on`,
      )
    : error

/** What a JSON file of ours holds; null where there is none. Throws a `PlainError` if it is damaged. */
export async function readKept<S extends z.ZodType>(
  path: string,
  schema: S,
  remedy: string,
): Promise<z.output<S> | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    throw new PlainError(`${path} is damaged, and not by this program; ${remedy}`)
  }
}

export interface Checkpoints {
  /** The run as far as it came; null where it never began. */
  load: (key: string) => Promise<RunRecord | null>
  save: (key: string, record: RunRecord) => Promise<void>
}

/** The checkpoints in a folder, which is made if it is not there. */
export async function openCheckpoints(folder: string): Promise<Checkpoints> {
  await mkdir(folder, { recursive: true })
  await removeUnfinished(folder)
  const pathOf = (key: string) => join(folder, `${key}.json`)
  return {
    load: (key) =>
      readKept(
        pathOf(key),
        RunRecord,
        'put it back from a copy, or delete it and its question is asked again',
      ),
    save: (key, record) => replaceFile(pathOf(key), JSON.stringify(record)),
  }
}

/** What processes that are no more were about to write. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const writer = /\.(\d+)\.new$/.exec(name)?.[1]
    if (writer === undefined || isAnother(Number(writer))) continue
    await rm(join(folder, name), { force: true })
  }
}

/** Whether another process than this one runs under this number. */
function isAnother(pid: number): boolean {
  try {
    return pid !== process.pid && process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH'
  }
}
