import { StartError } from '../entry.ts'

/** A server cannot be asked now, though it may be later. */
export class UnreachableError extends StartError {}

/** What is behind a failed fetch, such as ENOTFOUND. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time'
  const { cause } = error
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return cause instanceof Error ? cause.message : error.message
}
