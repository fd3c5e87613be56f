/** With which settings and models the results in a folder were made. */
import { join } from 'node:path'
import { z } from 'zod'
import { readKept, replaceFile } from './checkpoints.ts'
import { differences } from './differences.ts'
import { PlainError } from '../failure.ts'

const Manifest = z.object({ settings: z.unknown(), models: z.unknown() })
export type Manifest = z.infer<typeof Manifest>

/**
 * Writes what the results are made with, or compares it with what they were made with: throws a
 * `PlainError` that names every difference, for no old result may pass for a new one.
 */
export async function expectSame(folder: string, manifest: Manifest): Promise<void> {
  const path = join(folder, 'made-with.json')
  const before = await readKept(
    path,
    Manifest,
    'delete it to go on: each result is known by its own settings besides',
  )
  if (before === null) return replaceFile(path, `${JSON.stringify(manifest, null, 2)}\n`)
  const changed = differences(before, JSON.parse(JSON.stringify(manifest)))
  if (changed.length === 0) return
  throw new PlainError(
    [
      `the results in ${folder} were made with other settings:`,
      ...changed.map((line) => `  ${line}`),
      'Give another --output, or the settings of before.',
    ].join('\n'),
  )
}
