/** Whether results can be kept, found out before anything is asked. */
import { mkdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isOfMachine, PlainError } from '../failure.ts'
import { replaceFile } from './checkpoints.ts'

/** Bytes; a disk with no room for them has none for a result. */
const trial = 4096

/** Throws a `PlainError` if a folder, which is made if it is not there, takes no file. */
export async function expectTakesFiles(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    const path = join(folder, `.trial-${process.pid}`)
    await replaceFile(path, ' '.repeat(trial))
    await rm(path)
  } catch (error) {
    if (!isOfMachine(error)) throw error
    // Without the name of the trial's file.
    const [reason] = error.message.split(', ')
    throw new PlainError(
      `results cannot be written into ${folder}: ${reason}; give another --output`,
    )
  }
}

/**
 * Throws a `PlainError` if the folder of the results, or that of what is finished beside them, takes
 * no file, or if a folder stands where one of the `files` is to be.
 */
export async function expectWritable(output: string, files: readonly string[]): Promise<void> {
  await expectTakesFiles(dirname(output))
  await expectTakesFiles(`${output}.parts`)
  for (const path of files) {
    const taken = await stat(path).catch(() => null)
    if (taken?.isDirectory()) {
      throw new PlainError(`results cannot be written: ${path} is a folder; give another --output`)
    }
  }
}
