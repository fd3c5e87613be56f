/** An attempt to ask through the openai client, as what retries understands it. */
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'
import { type Attempt, passingStatus, retryAfter } from '../retry.ts'

/** `clock` gives milliseconds since the epoch. */
export async function attempted<T>(
  send: () => Promise<T>,
  clock: () => number,
): Promise<Attempt<T>> {
  try {
    return { value: await send() }
  } catch (error) {
    if (!passing(error)) throw error
    return { passing: error, wait: retryAfter(error.headers, clock()) }
  }
}

function passing(error: unknown): error is APIError {
  if (error instanceof APIConnectionTimeoutError) return false
  if (error instanceof APIConnectionError) return true
  if (!(error instanceof APIError)) return false
  const status: unknown = error.status
  return typeof status === 'number' && passingStatus(status)
}

/**
 * Whether a stream that this broke may come whole when it is asked for again: the connection ended,
 * or the server failed. Not where it refuses what it was asked, or sends what cannot be read.
 */
export function passingBreak(error: unknown): boolean {
  if (error instanceof SyntaxError) return false
  if (!(error instanceof APIError)) return true
  // Errors inside a stream have no status; vLLM's and SGLang's code is what it would have been.
  const code: unknown = error.code
  return typeof code !== 'number' || passingStatus(code)
}
