import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { PlainError } from '../failure.ts'

export interface QuestionSource {
  argument?: string | undefined
  /** A text file that holds it. */
  file?: string | undefined
}

/** The question as given, of a file, or from standard input for `-` or a pipe; null if there is none. */
export async function readQuestion({ argument, file }: QuestionSource): Promise<string | null> {
  const fromInput = argument === '-' || (argument === undefined && !process.stdin.isTTY)
  const question =
    file !== undefined
      ? await readFrom(file)
      : fromInput
        ? await text(process.stdin)
        : (argument ?? '')
  return question.trim() === '' ? null : question.trim()
}

const readFrom = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'there is no such file' : error.message
    throw new PlainError(`--file ${file}: ${reason}`)
  })
