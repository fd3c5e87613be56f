import { ConnectionError, type ProblemCode, ProblemError } from '../../../shared/client.ts'

/** What went wrong; the words for it are those of the language that is shown. */
export type Failure =
  | { readonly kind: 'problem'; readonly code: ProblemCode; readonly detail: string }
  | { readonly kind: 'connection' | 'unexpected' }

export function failureOf(error: unknown): Failure {
  if (error instanceof ProblemError) {
    const { code, detail } = error.problem
    return { kind: 'problem', code, detail }
  }
  return { kind: error instanceof ConnectionError ? 'connection' : 'unexpected' }
}
