/** Which failed requests may be sent again, and when. The only layer that retries. */
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'

/** Beyond the first attempt. */
const mostRetries = 2
const shortestWait = 500
const longestWait = 8000

/** What makes a retry; given, so that tests need not wait. */
export interface RetryTools {
  /** Milliseconds since the epoch. */
  clock: () => number
  /** Resolves after so many milliseconds; rejects with the signal's reason once it aborts. */
  pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

export interface RetryLimit {
  signal: AbortSignal
  /** When the time for all attempts together is over, in milliseconds since the epoch. */
  until: number
}

/** Sends until it succeeds, fails in a way that will not pass, or has no time left for another attempt. */
export async function retrying<T>(
  send: () => Promise<T>,
  { clock, pause }: RetryTools,
  { signal, until }: RetryLimit,
): Promise<T> {
  for (let retried = 0; ; retried++) {
    try {
      return await send()
    } catch (error) {
      const now = clock()
      const wait = passing(error) ? (retryAfter(error, now) ?? backoff(retried, Math.random())) : 0
      if (!passing(error) || retried === mostRetries || now + wait >= until) throw error
      await pause(wait, signal)
    }
  }
}

/** A failure that may be over soon: no connection, 408, 429, or 5xx other than "not implemented". */
function passing(error: unknown): error is APIError {
  if (error instanceof APIConnectionTimeoutError) return false
  if (error instanceof APIConnectionError) return true
  if (!(error instanceof APIError)) return false
  const status: unknown = error.status
  if (typeof status !== 'number') return false
  return status === 408 || status === 429 || (status >= 500 && status !== 501)
}

/** How long the server asks to wait, in milliseconds: `Retry-After` in seconds or as a date, or Azure's `retry-after-ms`. */
export function retryAfter(error: APIError, now: number): number | undefined {
  const milliseconds = error.headers?.get('retry-after-ms')?.trim()
  if (milliseconds !== undefined && /^\d+$/.test(milliseconds)) return Number(milliseconds)
  const asked = error.headers?.get('retry-after')?.trim()
  if (asked === undefined) return undefined
  if (/^\d+$/.test(asked)) return Number(asked) * 1000
  const date = Date.parse(asked)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Doubles with every retry up to a cap; half of it is left to chance, so that callers do not come back together. */
export function backoff(retried: number, random: number): number {
  const most = Math.min(longestWait, shortestWait * 2 ** retried)
  return (most * (1 + random)) / 2
}

export const pause: RetryTools['pause'] = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal.addEventListener('abort', stop, { once: true })
  })
