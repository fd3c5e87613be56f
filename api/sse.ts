import type { Context } from 'hono'
import { type SSEMessage, type SSEStreamingApi, streamSSE } from 'hono/streaming'
import type { StreamEvent } from '../shared/events.ts'
import type { AppEnv } from './env.ts'
import { problemOf } from './problem-response.ts'
import type { Send } from './replay/replay.ts'

/** Proxies close connections that stay silent for a minute or so. */
const usualHeartbeatMs = 15_000

export const wantsStream = (c: Context): boolean =>
  c.req.header('accept')?.includes('text/event-stream') ?? false

/**
 * Streams the events that `work` sends, then its result as `done`, or its failure as `error`, and
 * `[DONE]`. While there is nothing to send, a comment line keeps the connection open. The signal
 * aborts when the caller has gone.
 */
export function streamEvents<Done extends { type: 'done' }>(
  c: Context<AppEnv>,
  work: (send: Send, signal: AbortSignal) => Promise<Done>,
): Response {
  return sse<StreamEvent | Done>(c, {
    work: async (send, signal) => send(await work(send, signal)),
    encode: (event) => ({ event: event.type, data: JSON.stringify(event) }),
    failure: (error) => ({ type: 'error', problem: problemOf(c, error) }),
  })
}

export interface Sse<Event> {
  work: (send: (event: Event) => void, signal: AbortSignal) => Promise<void>
  encode: (event: Event) => SSEMessage
  /** The last event of work that failed. */
  failure: (error: unknown) => Event
}

/** The same for events of any shape, with comments while nothing happens. */
export function sse<Event>(c: Context<AppEnv>, options: Sse<Event>): Response {
  const over = Promise.withResolvers<void>()
  c.set('streamed', over.promise)
  return streamSSE(c, (stream) => sendAll(c, options, stream).finally(over.resolve))
}

async function sendAll<Event>(
  c: Context<AppEnv>,
  { work, encode, failure }: Sse<Event>,
  stream: SSEStreamingApi,
): Promise<void> {
  const gone = new AbortController()
  stream.onAbort(() => gone.abort())
  const signal = AbortSignal.any([c.req.raw.signal, gone.signal])
  let written: Promise<unknown> = Promise.resolve()
  let silent = true
  const write = (event: Event) => {
    silent = false
    const message = encode(event)
    written = written.then(() => stream.writeSSE(message))
  }
  const heartbeat = setInterval(
    () => {
      if (silent) written = written.then(() => stream.write(': still working\n\n'))
      silent = true
    },
    c.get('heartbeatMs') ?? usualHeartbeatMs,
  )
  try {
    await work(write, signal)
  } catch (error) {
    if (!signal.aborted) write(failure(error))
  } finally {
    clearInterval(heartbeat)
  }
  await written
  await stream.writeSSE({ data: '[DONE]' })
}
