/** What is finished of a batch, in a folder beside its results: a file for each question. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RunRecord } from '../../common/record.ts'

/**
 * Replaces a file as a whole: whoever reads it finds the old text or the new one, also after a
 * power cut.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.${process.pid}.new`
  const file = await open(fresh, 'w')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(fresh, path)
  const folder = await open(dirname(path), 'r')
  await folder.sync().catch(() => undefined)
  await folder.close()
}

export interface Checkpoints {
  /** The run as far as it came; null where it never began, or its file says nothing. */
  load: (key: string) => Promise<RunRecord | null>
  save: (key: string, record: RunRecord) => Promise<void>
}

/** The checkpoints in a folder, which is made if it is not there. */
export async function openCheckpoints(folder: string): Promise<Checkpoints> {
  await mkdir(folder, { recursive: true })
  const pathOf = (key: string) => join(folder, `${key}.json`)
  return {
    load: async (key) => {
      const text = await readFile(pathOf(key), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
      return text === null ? null : RunRecord.parse(JSON.parse(text))
    },
    save: (key, record) => replaceFile(pathOf(key), JSON.stringify(record)),
  }
}
