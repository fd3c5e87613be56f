/** How the answer to work that is done once leaves. */
import type { Context } from 'hono'
import { z } from '@hono/zod-openapi'
import type { StreamEvent } from '../../shared/events.ts'
import { attribute } from '../../shared/telemetry/names.ts'
import { noteCurrent } from '../../shared/telemetry/traced.ts'
import type { AppEnv } from '../env.ts'
import { keyedReplayKey } from '../replay/idempotency-key.ts'
import type { Work } from '../replay/replay.ts'
import { streamEvents, wantsStream } from '../sse.ts'

export const IdempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters')
    .optional()
    .describe('The same key and body share one execution for 24 hours'),
})

/** The replay key of a request without a cursor, where it has an Idempotency-Key. */
export async function replayKeyOf(
  c: Context<AppEnv>,
  key: string | undefined,
  body: unknown,
): Promise<string | undefined> {
  if (key === undefined) return undefined
  const request = { key, tenant: c.get('tenant'), path: c.req.path, body }
  return keyedReplayKey(c.get('replay'), request, c.req.raw.signal)
}

/** How a run begins: with a key as it was made first, without one as it was made now. */
export async function firstOf<S extends z.ZodType>(
  c: Context<AppEnv>,
  key: string | undefined,
  schema: S,
  made: z.output<S>,
): Promise<{ first: z.output<S>; replayed: boolean }> {
  if (key === undefined) return { first: made, replayed: false }
  const call = { send: () => undefined, signal: c.req.raw.signal }
  const { text, replayed } = await c.get('replay').once(key, async () => made, call)
  return { first: schema.parse(JSON.parse(text)), replayed }
}

/** Says that this answer cost nothing. */
export function markReplayed(c: Context<AppEnv>): void {
  c.header('Idempotency-Replayed', 'true')
  noteCurrent(() => ({ [attribute.replayed]: true }))
}

interface OnceOptions<T> {
  /** The last event before `done`. */
  eventOf?: (text: string) => StreamEvent
  /** Whether the answer is stored. */
  isKept?: (answer: T) => boolean
}

/** JSON, the same bytes every time, or for those who want it a stream: of the work's events, or only of `done` where it is stored. */
export async function once<T>(
  c: Context<AppEnv>,
  key: string,
  work: Work<T>,
  { eventOf, isKept }: OnceOptions<T> = {},
): Promise<Response> {
  const replay = c.get('replay')
  if (!wantsStream(c)) {
    const call = { send: () => undefined, signal: c.req.raw.signal }
    const { text, replayed } = await replay.once(key, work, call, isKept)
    if (replayed) markReplayed(c)
    return c.body(text, 200, { 'content-type': 'application/json' })
  }
  const stored = await replay.find(key)
  if (stored !== undefined) {
    markReplayed(c)
    return streamEvents(c, async () => doneOf(stored))
  }
  return streamEvents(c, async (send, signal) => {
    const { text } = await replay.once(key, work, { send, signal }, isKept)
    if (eventOf !== undefined) send(eventOf(text))
    return doneOf(text)
  })
}

const doneOf = (text: string) => ({
  type: 'done' as const,
  ...z.record(z.string(), z.unknown()).parse(JSON.parse(text)),
})
