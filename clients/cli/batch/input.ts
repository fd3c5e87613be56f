/** The questions of a batch, from their file. */
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { describeQuestionError } from '../../common/question-faults.ts'
import { type Question, readQuestions } from '../../common/questions.ts'
import { PlainError } from '../failure.ts'

const shownErrors = 5

/** Throws a `PlainError` that says where the file is wrong, before anything is asked. */
export async function readInput(path: string): Promise<readonly Question[]> {
  const before = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new PlainError(
      error.code === 'ENOENT' ? `there is no file ${path}` : `${path}: ${error.message}`,
    )
  })
  if (before.isDirectory()) throw new PlainError(`${path} is a folder; give a file of questions`)
  const bytes = await readFile(path)
  const after = await stat(path)
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
    throw new PlainError(`${path} is still being written; start again when it is whole`)
  }
  const { questions, errors, unread } = readQuestions(decode(bytes, path), basename(path))
  if (errors.length > 0) {
    const lines = errors.slice(0, shownErrors).map((error) => `  ${describeQuestionError(error)}`)
    const more = errors.length - lines.length
    throw new PlainError(
      [`${path} cannot be used:`, ...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n'),
    )
  }
  if (unread.length > 0) {
    process.stderr.write(`note: nothing reads ${unread.join(', ')} in ${path}\n`)
  }
  return questions
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new PlainError(`${path} is not UTF-8 text; save it as UTF-8`)
  }
}
