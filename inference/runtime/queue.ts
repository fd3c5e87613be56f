/** A bounded line before a model: one task at a time, first come, first served. */

/** Too much is waiting; the same request may succeed later. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'

  constructor(waiting: number, of: string) {
    super(`${waiting} ${of} are waiting already; try again later`)
  }
}

export interface Queue {
  /**
   * Joins the line, or throws a `QueueFullError` at once. The promise resolves when it is one's
   * turn, to a function to call when done; it rejects when the signal aborts before.
   */
  join: (signal: AbortSignal) => Promise<() => void>
  /** How many wait. */
  waiting: () => number
}

export function createQueue(maxWaiting: number): Queue {
  const waiting: (() => void)[] = []
  let busy = false

  const leave = () => {
    const next = waiting.shift()
    if (next === undefined) busy = false
    else next()
  }
  const onceOnly = () => {
    let left = false
    return () => {
      if (left) return
      left = true
      leave()
    }
  }

  const wait = async (signal: AbortSignal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const abort = () => {
      const place = waiting.indexOf(resolve)
      // Its turn may have come a moment before.
      if (place !== -1) waiting.splice(place, 1)
      reject(signal.reason)
    }
    waiting.push(resolve)
    signal.addEventListener('abort', abort, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', abort)
    }
    return onceOnly()
  }

  return {
    waiting: () => waiting.length,

    join(signal) {
      if (signal.aborted) return Promise.reject(signal.reason)
      if (!busy) {
        busy = true
        return Promise.resolve(onceOnly())
      }
      if (waiting.length >= maxWaiting) throw new QueueFullError(waiting.length, 'requests')
      return wait(signal)
    },
  }
}
