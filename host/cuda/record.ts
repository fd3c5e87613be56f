/** What an earlier setup put in place, so that the next one need not fetch it again. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { sha256Of } from './place.ts'
import { providerNames, type Runtime } from './runtime.ts'

const Record = z.object({
  version: z.string(),
  /** For a person: where the files came from and how they were checked. */
  origin: z.string(),
  sha256: z.record(z.string(), z.string()),
})
export type Record = z.infer<typeof Record>

const fileOf = ({ folder }: Runtime) => join(folder, 'tpo-edge-cuda.json')

export const writeRecord = (runtime: Runtime, record: Record): Promise<void> =>
  writeFile(fileOf(runtime), `${JSON.stringify(record, null, 2)}\n`)

/** The record, where the provider's files are still the ones it speaks of. */
export async function readRecord(runtime: Runtime): Promise<Record | undefined> {
  try {
    const record = Record.parse(JSON.parse(await readFile(fileOf(runtime), 'utf8')))
    if (record.version !== runtime.version) return undefined
    for (const name of providerNames) {
      if (record.sha256[name] !== (await sha256Of(join(runtime.folder, name)))) return undefined
    }
    return record
  } catch {
    // Not there, or not whole: then the files are put in place anew.
    return undefined
  }
}
