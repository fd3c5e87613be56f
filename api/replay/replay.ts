/** Work that is done once: its answer is stored, and whoever asks meanwhile shares the execution. */
import type { StreamEvent } from '../../shared/events.ts'
import { problem } from '../../shared/problems.ts'
import type { Log } from '../../shared/telemetry/log.ts'
import type { ReplayStore } from './store.ts'

export type Send = (event: StreamEvent) => void

/** Paid work. What it gives is stored as JSON; what it throws is not stored. */
export type Work<T = unknown> = (send: Send, signal: AbortSignal) => Promise<T>

/** Someone who waits for an answer. */
export interface Call {
  /** Hears of the progress, from when the call came. */
  send: Send
  /** Aborts when the caller leaves. */
  signal: AbortSignal
}

export interface Answer {
  /** JSON. */
  text: string
  /** Whether another call's execution gave it, so that this one spent nothing. */
  replayed: boolean
}

export interface Replay {
  /** The stored answer. */
  find: (key: string) => Promise<string | undefined>
  /**
   * The stored answer, or that of the execution under way, or that of `work`. An execution stops
   * when all who wait for it here have left; its claim is then free, as it is after a failure.
   * Where another process executes, waits, and takes over when that one has died. An answer that
   * is not worth keeping goes to those who wait, and the next call works again.
   */
  once: <T>(
    key: string,
    work: Work<T>,
    call: Call,
    isKept?: (answer: T) => boolean,
  ) => Promise<Answer>
}

export interface ReplayOptions {
  store: ReplayStore
  /** How long an answer is kept, in milliseconds. */
  lifetime: number
  log: Log
  /**
   * Whether requests of this process may wait for each other directly. On Workers they may not:
   * one request's work ends with it, so that they meet in the store only.
   */
  shared: boolean
}

interface Execution {
  calls: Set<Call>
  abort: AbortController
  answer: Promise<Answer>
}

/** How long the work of a process that died is out of reach. */
const leaseMs = 5000
const longestPauseMs = 400

export function createReplay({ store, lifetime, log, shared }: ReplayOptions): Replay {
  const underWay = new Map<string, Execution>()

  function execution<T>(key: string, work: Work<T>, isKept: (answer: T) => boolean): Execution {
    const abort = new AbortController()
    const calls = new Set<Call>()
    const send: Send = (event) => {
      for (const call of calls) call.send(event)
    }
    const one = { calls, abort, answer: execute(key, work, send, abort.signal, isKept) }
    if (shared) underWay.set(key, one)
    const over = () => forget(key, one)
    one.answer.then(over, over)
    return one
  }

  function forget(key: string, one: Execution): void {
    if (underWay.get(key) === one) underWay.delete(key)
  }

  async function execute<T>(
    key: string,
    work: Work<T>,
    send: Send,
    signal: AbortSignal,
    isKept: (answer: T) => boolean,
  ): Promise<Answer> {
    const owner = crypto.randomUUID()
    for (let pauseMs = 25; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      signal.throwIfAborted()
      if (await reach(store.claim(key, owner, leaseMs))) {
        const text = await hold(key, owner, () => work(send, signal), isKept)
        return { text, replayed: false }
      }
      const text = await reach(store.read(key))
      if (text !== undefined) return { text, replayed: true }
      await pause(pauseMs, signal)
    }
  }

  /** Works under a claim, which is renewed meanwhile. */
  async function hold<T>(
    key: string,
    owner: string,
    work: () => Promise<T>,
    isKept: (answer: T) => boolean,
  ): Promise<string> {
    // A claim that is lost, or cannot be renewed, is no reason to throw away what is nearly paid.
    const renew = () => store.claim(key, owner, leaseMs).catch(storeFailed)
    const renewal = setInterval(renew, leaseMs / 3)
    try {
      const answer = await work()
      const text = JSON.stringify(answer)
      if (!isKept(answer)) {
        await store.release(key, owner).catch(storeFailed)
        return text
      }
      return (await store.complete(key, text, lifetime).catch(storeFailed)) ?? text
    } catch (error) {
      await store.release(key, owner).catch(storeFailed)
      throw error
    } finally {
      clearInterval(renewal)
    }
  }

  function storeFailed(error: unknown): undefined {
    log.error('the replay store failed', error)
  }

  async function reach<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (cause) {
      storeFailed(cause)
      throw problem(
        'replay_unavailable',
        'The store of answers cannot be reached, so nothing was spent. Send the same request again.',
        { cause },
      )
    }
  }

  return {
    find: (key) => reach(store.read(key)),

    async once(key, work, call, isKept = () => true) {
      call.signal.throwIfAborted()
      const met = underWay.get(key)
      const one = met ?? execution(key, work, isKept)
      one.calls.add(call)
      const gone = Promise.withResolvers<never>()
      const leave = () => gone.reject(call.signal.reason)
      call.signal.addEventListener('abort', leave)
      try {
        const { text, replayed } = await Promise.race([one.answer, gone.promise])
        return { text, replayed: replayed || met !== undefined }
      } finally {
        call.signal.removeEventListener('abort', leave)
        one.calls.delete(call)
        if (one.calls.size === 0) {
          // Who comes now begins anew.
          forget(key, one)
          one.abort.abort(call.signal.reason ?? over)
          // Where the work ends with its request, the request lasts until the claim is released.
          if (!shared) await one.answer.catch(() => undefined)
        }
      }
    },
  }
}

/** To make a reason takes a stack trace, each time. */
const over = new DOMException('The work is over.', 'AbortError')

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const end = () => resolve()
  signal.addEventListener('abort', end)
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  })
}
