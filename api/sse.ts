import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { StreamEvent } from '../shared/events.ts'
import type { AppEnv } from './env.ts'
import { problemOf } from './problem-response.ts'

/** Proxies close connections that stay silent for a minute or so. */
const usualHeartbeatMs = 15_000

export const wantsStream = (c: Context): boolean =>
  c.req.header('accept')?.includes('text/event-stream') ?? false

export type Send = (event: StreamEvent) => void

/**
 * Streams the events that `work` sends, then its result as `done`, or its failure as `error`, and
 * `[DONE]`. While there is nothing to send, a comment line keeps the connection open. The signal
 * aborts when the caller has gone.
 */
export function streamEvents<Done extends { type: 'done' }>(
  c: Context<AppEnv>,
  work: (send: Send, signal: AbortSignal) => Promise<Done>,
): Response {
  return streamSSE(c, async (stream) => {
    const gone = new AbortController()
    stream.onAbort(() => gone.abort())
    const signal = AbortSignal.any([c.req.raw.signal, gone.signal])
    let written: Promise<unknown> = Promise.resolve()
    let silent = true
    const write = (event: StreamEvent | Done) => {
      silent = false
      const data = JSON.stringify(event)
      written = written.then(() => stream.writeSSE({ event: event.type, data }))
    }
    const heartbeat = setInterval(
      () => {
        if (silent) written = written.then(() => stream.write(': still working\n\n'))
        silent = true
      },
      c.get('heartbeatMs') ?? usualHeartbeatMs,
    )
    try {
      write(await work(write, signal))
    } catch (error) {
      if (!signal.aborted) write({ type: 'error', problem: problemOf(c, error) })
    } finally {
      clearInterval(heartbeat)
    }
    await written
    await stream.writeSSE({ data: '[DONE]' })
  })
}
