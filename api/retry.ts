/** Which failed requests may be sent again, and when. The only layer that retries. */

/** Beyond the first attempt. */
export const mostRetries = 2
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

/** What came of an attempt. One that failed in a way that will not pass throws. */
export type Attempt<T> =
  | { value: T }
  /** It may be over soon; in so many milliseconds, if that is known. */
  | { passing: unknown; wait?: number }

/**
 * Sends until it succeeds, fails in a way that will not pass, or has no time left for another
 * attempt. `send` hears how many attempts there were before.
 */
export async function retrying<T>(
  send: (retried: number) => Promise<Attempt<T>>,
  { clock, pause }: RetryTools,
  { signal, until }: RetryLimit,
): Promise<T> {
  for (let retried = 0; ; retried++) {
    const attempt = await send(retried)
    if ('value' in attempt) return attempt.value
    const wait = attempt.wait ?? backoff(retried, Math.random())
    if (retried === mostRetries || clock() + wait >= until) throw attempt.passing
    await pause(wait, signal)
  }
}

/** Statuses of a trouble that may be over soon: 408, 429, and 5xx other than "not implemented". */
export const passingStatus = (status: number): boolean =>
  status === 408 || status === 429 || (status >= 500 && status !== 501)

/** How long the server asks to wait, in milliseconds: `Retry-After` in seconds or as a date, or Azure's `retry-after-ms`. */
export function retryAfter(headers: Headers | undefined, now: number): number | undefined {
  const milliseconds = headers?.get('retry-after-ms')?.trim()
  if (milliseconds !== undefined && /^\d+$/.test(milliseconds)) return Number(milliseconds)
  const asked = headers?.get('retry-after')?.trim()
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
