/** OpenAI's clients get the optimized answer by changing their base URL. */
import { createRoute, z } from '@hono/zod-openapi'
import {
  ChatCompletion,
  ChatCompletionChunk,
  ChatRequest,
  ModelList,
  OpenAiError,
} from '../../shared/openai.ts'
import { openAiError } from '../../shared/refusal.ts'
import { Position, RunAnswer, type StepAnswer } from '../../shared/tpo.ts'
import type { App } from '../env.ts'
import {
  answerChunks,
  completion,
  Head,
  modelList,
  openingChunk,
  progressChunk,
  usageChunk,
} from '../openai/answer.ts'
import { progressTeller } from '../openai/progress.ts'
import { toStart } from '../openai/request.ts'
import { problemOf } from '../problem-response.ts'
import { completionKey } from '../replay/keys.ts'
import type { Send } from '../replay/replay.ts'
import { sse } from '../sse.ts'
import type { Policies } from '../policy/policies.ts'
import { jsonBody, replayable } from './answers.ts'
import { firstOf, IdempotencyHeader, markReplayed, replayKeyOf } from './once.ts'
import { policyKeyOf, PolicyKeyHeaders } from './policy-key.ts'

const failures = {
  description: 'Any failure, in the shape of OpenAI',
  content: { 'application/json': { schema: OpenAiError } },
}

const models = createRoute({
  method: 'get',
  path: '/v1/models',
  summary: 'The models of the policy, for clients of OpenAI',
  responses: {
    200: { description: 'Its models', content: { 'application/json': { schema: ModelList } } },
    default: failures,
  },
})

const chat = createRoute({
  method: 'post',
  path: '/v1/chat/completions',
  summary: 'A whole run, for clients of OpenAI',
  request: { ...jsonBody(ChatRequest), headers: IdempotencyHeader.extend(PolicyKeyHeaders.shape) },
  responses: {
    200: {
      headers: replayable,
      description: 'The best answers; with `stream` as chunks, then `data: [DONE]`',
      content: {
        'application/json': { schema: ChatCompletion },
        'text/event-stream': { schema: ChatCompletionChunk },
      },
    },
    default: failures,
  },
})

/** How an answer begins: its run before the first step, and what all its chunks share. */
const Beginning = z.object({ from: Position, head: Head })

interface OpenAiDeps {
  policies: Policies
  /** Milliseconds since the epoch. */
  clock: () => number
}

export function openAi(app: App, { policies, clock }: OpenAiDeps): void {
  app.openapi(models, async (c) => {
    const policy = await policies.of(undefined)
    return c.json(modelList((await policy.models(c.req.raw.signal)).models), 200)
  })
  app.openapi(chat, async (c) => {
    const runs = c.get('runs')
    const request = c.req.valid('json')
    const { signal } = c.req.raw
    const n = request.n ?? 1
    const { base_url } = request.tpo.policy
    policies.expectAllowed(base_url, '$.tpo.policy.base_url')
    const headers = c.req.valid('header')
    const policyKey = policyKeyOf(headers)
    const policy = await policies.of(base_url, policyKey)
    const served = await policy.models(signal)
    const from = await runs.start(toStart(request, served))
    const made = {
      from,
      head: {
        id: `chatcmpl-${from.run.id}`,
        created: Math.floor(clock() / 1000),
        model: request.model ?? served.ids[0] ?? '',
      },
    }
    const key = await replayKeyOf(c, headers['idempotency-key'], request)
    const { first } = await firstOf(c, key, Beginning, made)
    const { head } = first
    const replay = c.get('replay')
    const stored = await completionKey(first.from.cursor)
    const runOf = (send: Send, signal: AbortSignal) => {
      const onStep = (answer: StepAnswer) => send({ type: 'step', ...answer })
      return runs.drive(first.from, { progress: send, onStep, signal, policyKey })
    }
    /** The run; with a key it is stored as a whole, and shared with whoever asks for the same. */
    const take = async (send: Send, signal: AbortSignal) => {
      if (key === undefined) return { run: await runOf(send, signal), replayed: false }
      const { text, replayed } = await replay.once(stored, runOf, { send, signal })
      return { run: RunAnswer.parse(JSON.parse(text)), replayed }
    }
    if (request.stream !== true) {
      const { run, replayed } = await take(() => undefined, signal)
      if (replayed) markReplayed(c)
      return c.json(completion(head, run, n), 200)
    }
    if (key !== undefined && (await replay.find(stored)) !== undefined) markReplayed(c)
    const work = async (send: (chunk: ChatCompletionChunk) => void, signal: AbortSignal) => {
      send(openingChunk(head))
      const { run } = await take(
        progressTeller((text) => send(progressChunk(head, text))),
        signal,
      )
      for (const chunk of answerChunks(head, run, n)) send(chunk)
      if (request.stream_options?.include_usage) send(usageChunk(head, run, n))
    }
    return sse<ChatCompletionChunk | OpenAiError>(c, {
      work,
      encode: (chunk) => ({ data: JSON.stringify(chunk) }),
      failure: (error) => openAiError(problemOf(c, error)),
    })
  })
}
