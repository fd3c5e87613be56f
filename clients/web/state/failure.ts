import { ConnectionError, type ProblemCode, ProblemError } from '../../../shared/client.ts'

/** What went wrong; the words for it are those of the language that is shown. */
export type Failure =
  | {
      readonly kind: 'problem'
      readonly code: ProblemCode
      readonly detail: string
      /** JSON path of the field that is wrong. */
      readonly path?: string | undefined
    }
  | { readonly kind: 'connection' | 'unexpected' }

export function failureOf(error: unknown): Failure {
  if (error instanceof ProblemError) {
    const { code, detail, path } = error.problem
    return { kind: 'problem', code, detail, path }
  }
  return { kind: error instanceof ConnectionError ? 'connection' : 'unexpected' }
}
