/** OpenAI's clients get the optimized answer by changing their base URL. */
import { createRoute } from '@hono/zod-openapi'
import {
  ChatCompletion,
  ChatCompletionChunk,
  ChatRequest,
  ModelList,
  OpenAiError,
} from '../../shared/openai.ts'
import { openAiError } from '../../shared/refusal.ts'
import type { App } from '../env.ts'
import {
  answerChunks,
  completion,
  type Head,
  modelList,
  openingChunk,
  progressChunk,
  usageChunk,
} from '../openai/answer.ts'
import { progressTeller } from '../openai/progress.ts'
import { toStart } from '../openai/request.ts'
import { problemOf } from '../problem-response.ts'
import { sse } from '../sse.ts'
import type { StepDeps } from '../steps/deps.ts'
import { jsonBody } from './answers.ts'

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
  request: jsonBody(ChatRequest),
  responses: {
    200: {
      description: 'The best answers; with `stream` as chunks, then `data: [DONE]`',
      content: {
        'application/json': { schema: ChatCompletion },
        'text/event-stream': { schema: ChatCompletionChunk },
      },
    },
    default: failures,
  },
})

export function openAi(app: App, { policy, clock }: Pick<StepDeps, 'policy' | 'clock'>): void {
  app.openapi(models, async (c) =>
    c.json(modelList((await policy.models(c.req.raw.signal)).models), 200),
  )
  app.openapi(chat, async (c) => {
    const runs = c.get('runs')
    const request = c.req.valid('json')
    const { signal } = c.req.raw
    const n = request.n ?? 1
    const served = await policy.models(signal)
    const from = await runs.start(toStart(request, served))
    const head: Head = {
      id: `chatcmpl-${from.run.id}`,
      created: Math.floor(clock() / 1000),
      model: request.model ?? served.ids[0] ?? '',
    }
    if (request.stream !== true) {
      const silent = { progress: () => undefined, onStep: () => undefined }
      return c.json(completion(head, await runs.drive(from, { ...silent, signal }), n), 200)
    }
    const work = async (send: (chunk: ChatCompletionChunk) => void, signal: AbortSignal) => {
      send(openingChunk(head))
      const teller = progressTeller((text) => send(progressChunk(head, text)))
      const run = await runs.drive(from, { ...teller, signal })
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
