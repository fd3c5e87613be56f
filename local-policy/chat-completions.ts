import type { Context, Handler } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import type { AnswerDelta, GenerationRequest } from '../inference/generation/generate.ts'
import type { Queue } from '../inference/runtime/queue.ts'
import type { ObservedEnv } from '../shared/telemetry/requests.ts'
import {
  collector,
  completion,
  type CompletionHead,
  completionHead,
  deltaChunk,
  roleChunk,
  usageChunk,
} from './completion.ts'
import type { AppDeps } from './deps.ts'
import { ApiError, invalidRequest, toApiError } from './errors.ts'
import { generationRequest } from './prompt.ts'
import { ChatRequest } from './request.ts'
import { noteAnswer } from './telemetry.ts'

interface ChatDeps extends AppDeps {
  queue: Queue
}

/** `POST /v1/chat/completions`. A caller who leaves stops the model within one token. */
export function chatCompletions({ model, log, queue }: ChatDeps): Handler<ObservedEnv> {
  /** The answers' deltas once it is the request's turn. */
  async function* answers(
    turn: Promise<() => void>,
    generation: GenerationRequest,
    signal: AbortSignal,
  ): AsyncGenerator<AnswerDelta[], void, undefined> {
    const leave = await turn
    try {
      yield* model.generate(generation, signal)
    } finally {
      leave()
    }
  }

  const streamed = (
    c: Context<ObservedEnv>,
    { head, deltas, into }: Answer,
    { answers, includeUsage }: { answers: number; includeUsage: boolean },
  ) => {
    const sendAll = async (stream: SSEStreamingApi) => {
      const send = (chunks: readonly object[]) =>
        stream.write(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(''))
      try {
        const roles = Array.from({ length: answers }, (_, index) => roleChunk(head, index))
        for await (const step of deltas) {
          into.add(step)
          const told = step.filter(({ text, finish }) => text !== '' || finish !== null)
          const chunks = [...roles.splice(0), ...told.map((delta) => deltaChunk(head, delta))]
          if (chunks.length > 0) await send(chunks)
        }
        if (includeUsage) await send([usageChunk(head, into.usage())])
      } catch (error) {
        if (c.req.raw.signal.aborted) return
        log.error('stream failed', error, { request_id: c.get('requestId') })
        await send([toApiError(error, model.state()).body()])
      }
      await stream.write('data: [DONE]\n\n')
    }
    const over = Promise.withResolvers<void>()
    c.set('streamed', over.promise)
    return streamSSE(c, (stream) => sendAll(stream).finally(over.resolve))
  }

  return async (c) => {
    const request = parse(await c.req.text())
    const generation = generationRequest(model, request)
    const { signal } = c.req.raw
    const deltas = answers(queue.join(signal), generation, signal)
    const answer = { head: completionHead(model.name), deltas, into: collector(generation) }
    const stream = request.stream === true
    noteAnswer(answer.head, stream)
    if (!stream) return whole(c, answer)
    const includeUsage = request.stream_options?.include_usage === true
    return streamed(c, answer, { answers: generation.answers, includeUsage })
  }
}

interface Answer {
  head: CompletionHead
  deltas: AsyncIterable<AnswerDelta[]>
  /** What they add up to. */
  into: ReturnType<typeof collector>
}

async function whole(c: Context, { head, deltas, into }: Answer): Promise<Response> {
  for await (const step of deltas) into.add(step)
  return c.json(completion(head, into))
}

function parse(body: string): ChatRequest {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    throw new ApiError(400, 'The body is not valid JSON.')
  }
  const parsed = ChatRequest.safeParse(json)
  if (!parsed.success) throw invalidRequest(parsed.error)
  return parsed.data
}
