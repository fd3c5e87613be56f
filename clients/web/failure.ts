import { ConnectionError, ProblemError } from '../../shared/client.ts'
import { texts } from './texts.ts'

/** What went wrong, in words for the page. */
export interface Failure {
  readonly title: string
  readonly detail: string
  /** A problem code, where the API gave one. */
  readonly code: string | null
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof ProblemError) {
    const { title, detail, code } = error.problem
    return { title, detail, code }
  }
  return error instanceof ConnectionError
    ? { title: texts.noConnection, detail: texts.noConnectionDetail, code: null }
    : { title: texts.unexpected, detail: texts.unexpectedDetail, code: null }
}
