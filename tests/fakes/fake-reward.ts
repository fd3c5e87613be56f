/** A fake reward service: speaks `POST /v1/rewards`, rewards by a given rule, fails on demand. */
import { Hono } from 'hono'
import { problem, type ProblemCode } from '../../shared/problems.ts'
import { RewardsAnswer, RewardsRequest } from '../../shared/rewards.ts'
import { digest } from './fake-vllm.ts'
import { listen, type NodeEnv, type Server } from './listen.ts'

export interface RewardBehaviour {
  reward?: (text: string) => number
  /** Answers this problem instead, with this status, the given number of times (always, if left out). */
  fails?: {
    code: ProblemCode
    status: number
    detail: string
    times?: number
    /** Its `Retry-After`; at once if left out. */
    retryAfter?: string
  }
  /** Answers only once this is over. */
  held?: (request: RewardsRequest) => Promise<void> | undefined
  /** Answers this instead. */
  body?: unknown
  hangs?: boolean
  /** Closes the connection of so many requests, without a word. */
  drops?: number
  /** Answers 401 to whoever has not this key. */
  key?: string
  /** Is not ready yet. */
  starts?: boolean
}

export interface FakeReward extends Server {
  requests: RewardsRequest[]
  /** The `traceparent` of each request. */
  traces: string[]
  /** The `X-TPO-Affinity` of each request. */
  affinities: string[]
  behave: (behaviour: RewardBehaviour) => void
  /** Resolves when so many requests have come. */
  asked: (count: number) => Promise<void>
}

export interface FakeRewardOptions {
  /** Of an earlier one; a free one if left out. */
  port?: number
}

/** A reward in −4 … 4 that depends only on the text. */
export const usualReward = (text: string) => Number.parseInt(digest(text), 16) / 2 ** 29 - 4

export async function startFakeReward({ port }: FakeRewardOptions = {}): Promise<FakeReward> {
  const requests: RewardsRequest[] = []
  const traces: string[] = []
  const affinities: string[] = []
  const waiting = new Map<number, () => void>()
  let behaviour: RewardBehaviour = {}
  const app = new Hono<NodeEnv>()
  const refuse = (code: ProblemCode, detail: string) => {
    const { problem: told } = problem(code, detail)
    const headers = { 'content-type': 'application/problem+json' }
    return Response.json(told, { status: told.status, headers })
  }
  app.use('/v1/*', async (c, next) => {
    const { key } = behaviour
    if (key === undefined || c.req.header('authorization') === `Bearer ${key}`) return next()
    return refuse('unauthorized', 'Send one of the service’s keys as "Authorization: Bearer …".')
  })
  app.get('/v1/rewards', () =>
    behaviour.hangs
      ? new Promise<Response>(() => undefined)
      : refuse('method_not_allowed', 'This address takes POST.'),
  )
  app.get('/readyz', (c) =>
    behaviour.starts
      ? refuse('not_ready', 'The model stopped and is being started again; try again in a moment.')
      : c.json({ status: 'ready' }),
  )
  app.get('/info', (c) =>
    c.json({
      model_id: 'fake-reward',
      model_dtype: 'float32',
      max_input_length: 4096,
      provider: 'fake',
    }),
  )
  app.post('/v1/rewards', async (c) => {
    const request = RewardsRequest.parse(await c.req.json())
    requests.push(request)
    traces.push(c.req.header('traceparent') ?? '')
    affinities.push(c.req.header('x-tpo-affinity') ?? '')
    waiting.get(requests.length)?.()
    const { reward = usualReward, fails, held, body, hangs } = behaviour
    if (hangs) return new Promise<Response>(() => undefined)
    if (requests.length <= (behaviour.drops ?? 0)) {
      c.env.outgoing.destroy()
      return new Promise<Response>(() => undefined)
    }
    const failing = (fails?.times ?? requests.length) >= requests.length
    await held?.(request)
    if (fails !== undefined && failing) {
      const { status, code, detail, retryAfter = '0' } = fails
      return Response.json(
        { ...problem(code, detail).problem, status },
        {
          status,
          // Retries come at once.
          headers: { 'content-type': 'application/problem+json', 'retry-after': retryAfter },
        },
      )
    }
    if (body !== undefined) return Response.json(body)
    const rewards = (request.candidates ?? []).map((text, index) => ({
      index,
      reward: reward(text),
      tokens: Math.ceil(text.length / 4),
      truncated: false,
    }))
    const answer: RewardsAnswer = {
      model: request.model ?? 'fake-reward',
      rewards,
      dtype: 'float32',
      provider: 'fake',
      template_hash: '0000000000000000',
      usage: { prompt_tokens: 1, total_tokens: 1 },
      timing: { queue: 0, tokenize: 0, model: 0 },
    }
    return Response.json(answer)
  })
  const server = await listen(app, port)
  return {
    ...server,
    requests,
    traces,
    affinities,
    behave(next) {
      behaviour = next
      requests.length = 0
      affinities.length = 0
      waiting.clear()
    },
    asked(count) {
      if (requests.length >= count) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.set(count, resolve)
      return promise
    },
  }
}
