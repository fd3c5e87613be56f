/**
 * Fakes of reward servers that cannot be here: vLLM, SGLang and TEI with a classifier, OpenRLHF's
 * reward server. Each takes only what the real one takes, answers and refuses in its words, records what
 * it was asked, and misbehaves on demand.
 */
import { Hono } from 'hono'
import { z } from 'zod'
import { usualReward } from './fake-reward.ts'
import { listen, type NodeEnv, type Server } from './listen.ts'

export interface Misbehaviour {
  status?: number
  body?: string
}

export interface FakeRewardServer extends Server {
  requests: unknown[]
  /** What came with each request in its Authorization header. */
  keys: string[]
  /** Answers this instead, until told otherwise. */
  behave: (next: Misbehaviour) => void
}

interface Protocol {
  path: string
  /** Undefined where the server has none. */
  health?: string
  /** Where it tells of its model, and what. */
  about?: { path: string; body: unknown }
  answer: (body: unknown) => Response
}

async function serve({ path, health, about, answer }: Protocol): Promise<FakeRewardServer> {
  const requests: unknown[] = []
  const keys: string[] = []
  let next: Misbehaviour = {}
  const app = new Hono<NodeEnv>()
  if (health !== undefined) app.get(health, (c) => c.body(null, 200))
  if (about !== undefined) app.get(about.path, () => Response.json(about.body))
  app.get(path, (c) => c.json({ detail: 'Method Not Allowed' }, 405))
  app.post(path, async (c) => {
    const body: unknown = await c.req.json()
    requests.push(body)
    keys.push(c.req.header('authorization') ?? '')
    const { status = 200, body: instead } = next
    if (instead !== undefined) return new Response(instead, { status })
    return answer(body)
  })
  const server = await listen(app)
  const behave = (wanted: Misbehaviour) => {
    next = wanted
    requests.length = 0
    keys.length = 0
  }
  return { ...server, requests, keys, behave }
}

const VllmRequest = z.object({
  model: z.string().optional(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  use_activation: z.boolean().nullish(),
})

export const startFakeVllmRewards = () =>
  serve({
    path: '/classify',
    health: '/health',
    about: {
      path: '/v1/models',
      body: { object: 'list', data: [{ id: 'fake-rm', object: 'model', max_model_len: 4096 }] },
    },
    answer(body) {
      const { messages, use_activation, model } = VllmRequest.parse(body)
      if (model !== undefined && model !== 'fake-rm') {
        const message = `The model \`${model}\` does not exist.`
        const error = { message, type: 'NotFoundError', param: 'model', code: 404 }
        return Response.json({ error }, { status: 404 })
      }
      const logit = usualReward(messages.at(-1)?.content ?? '')
      const value = use_activation === false ? logit : 1 / (1 + Math.exp(-logit))
      return Response.json({
        id: 'classify-1',
        object: 'list',
        created: 1,
        model: 'fake-rm',
        data: [{ index: 0, label: 'LABEL_0', probs: [value], num_classes: 1 }],
        usage: {
          prompt_tokens: 9,
          total_tokens: 9,
          completion_tokens: 0,
          prompt_tokens_details: null,
        },
      })
    },
  })

/** SGLang's native contract: fields it does not know, such as `model`, it passes over. */
const SglangRequest = z.object({
  text: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
})

/** SGLang with a tokenizer that adds BOS; it takes 32768 characters, for want of tokens. */
export const startFakeSglang = () =>
  serve({
    path: '/classify',
    health: '/health',
    about: {
      path: '/get_model_info',
      body: { model_path: 'fake-rm', tokenizer_path: 'fake-rm', is_generation: false },
    },
    answer(body) {
      const request = SglangRequest.safeParse(body)
      if (!request.success) {
        const { message } = request.error
        const error = { object: 'error', message, type: 'Bad Request', param: null, code: 400 }
        return Response.json(error, { status: 400 })
      }
      const texts = [request.data.text].flat()
      const long = texts.find((text) => text.length > 32_768)
      if (long !== undefined) {
        const message = `The input (${long.length} tokens) is longer than the model's context length (32768 tokens).`
        return Response.json({ error: { message } }, { status: 400 })
      }
      const answers = texts.map((text) => ({
        embedding: [usualReward(text)],
        meta_info: {
          id: 'a0',
          finish_reason: { type: 'length', length: 0 },
          prompt_tokens: 9,
          weight_version: 'default',
          e2e_latency: 0.01,
        },
      }))
      return Response.json(Array.isArray(request.data.text) ? answers : answers[0])
    },
  })

const TeiRequest = z.object({
  inputs: z.array(z.tuple([z.string(), z.string()])),
  raw_scores: z.boolean().default(false),
  truncate: z.boolean().nullish(),
})

export const startFakeTei = () =>
  serve({
    path: '/predict',
    health: '/health',
    about: {
      path: '/info',
      body: { model_id: 'fake-rm', model_dtype: 'float16', max_input_length: 512 },
    },
    answer(body) {
      const { inputs, raw_scores } = TeiRequest.parse(body)
      if (inputs.length > 32) {
        const error = `batch size ${inputs.length} > maximum allowed batch size 32`
        return Response.json({ error, error_type: 'Validation' }, { status: 413 })
      }
      return Response.json(
        inputs.map(([, answer]) => {
          const logit = usualReward(answer)
          const score = raw_scores ? logit : 1 / (1 + Math.exp(-logit))
          return [{ score, label: 'LABEL_0' }]
        }),
      )
    },
  })

const OpenRlhfRequest = z.object({
  query: z.array(z.string()),
  prompts: z.array(z.string()),
  labels: z.array(z.string()),
})

export const startFakeOpenRlhf = () =>
  serve({
    path: '/get_reward',
    answer(body) {
      const { query } = OpenRlhfRequest.parse(body)
      const rewards = query.map((text) => usualReward(text))
      return Response.json({ rewards, scores: rewards, extra_logs: { dummy_scores: rewards } })
    },
  })
