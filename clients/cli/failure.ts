import { ConnectionError, ProblemError } from '../../shared/client.ts'
import type { QuestionFailure } from '../common/export/results.ts'

/** Anything that ended a command, as one line: what happened and what to do. */
export function failureLine(error: unknown, api?: string): string {
  if (error instanceof ProblemError) {
    const { code, detail } = error.problem
    return `error: ${oneLine(detail)} (${code})`
  }
  if (error instanceof ConnectionError) {
    return `error: no connection to the API at ${api ?? 'its address'}; run \`npm start\` first or give --api (${oneLine(error.message)})`
  }
  if (error instanceof PlainError) return `error: ${error.message}`
  return `error: ${oneLine(error instanceof Error ? error.message : String(error))}`
}

/** A failure whose message, of one line or several, is all a person needs. */
export class PlainError extends Error {
  override readonly name = 'PlainError'
}

/** Whether it is this machine, its disk for one, that refuses. */
export const isOfMachine = (error: unknown): error is Error =>
  error instanceof Error && 'syscall' in error

/** The same as data, for the results of a batch. */
export function questionFailure(error: unknown): QuestionFailure {
  if (error instanceof ProblemError) {
    const { title, detail, code } = error.problem
    return { title, detail, code }
  }
  const detail = oneLine(error instanceof Error ? error.message : String(error))
  const title = error instanceof ConnectionError ? 'No connection to the API' : 'Unexpected'
  return { title, detail, code: null }
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
