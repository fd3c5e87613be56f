import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { requestId } from 'hono/request-id'
import { InferenceError } from '../inference/errors.ts'
import { createQueue, QueueFullError } from '../inference/queue.ts'
import {
  invalidRequest,
  problem,
  problemCodes,
  ProblemError,
  toProblem,
} from '../shared/problems.ts'
import { RewardsRequest } from '../shared/rewards.ts'
import type { RewardModel } from './reward-model.ts'
import { rewardsOf } from './rewards.ts'

/** Where faults of this service are told. */
export type Log = (message: string, error: unknown) => void

export interface AppDeps {
  model: RewardModel
  log: Log
}

const maxBodyBytes = 16 * 1024 * 1024
const maxWaiting = 256
const retryAfterSeconds = 5

/** The reward service as one Hono app. */
export function createApp({ model, log }: AppDeps): Hono {
  const app = new Hono()
  const queue = createQueue(maxWaiting)
  const stopped = problem('not_ready', 'The model has stopped; restart the service.')

  const problemResponse = (c: Context, error: unknown) => {
    const known = model.alive() ? knownProblem(error) : stopped
    if (!(known instanceof ProblemError) && !c.req.raw.signal.aborted) log('request failed', error)
    const body = { ...toProblem(known), request_id: c.get('requestId') }
    if (body.status === 503) c.header('retry-after', String(retryAfterSeconds))
    c.header('content-type', 'application/problem+json')
    return c.body(JSON.stringify(body), problemCodes[body.code].status)
  }

  app.use(requestId())
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        c.header('allow', methods.join(', '))
        return problemResponse(
          c,
          problem('method_not_allowed', `This address takes ${methods.join(', ')}.`),
        )
      },
    }),
  )
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () => {
        throw problem('body_too_large', 'A request may have 16 MB at most. Send fewer candidates.')
      },
    }),
  )
  app.onError((error, c) => problemResponse(c, error))
  app.notFound((c) =>
    problemResponse(c, problem('not_found', `There is no ${c.req.path}; POST /v1/rewards is.`)),
  )

  app.post('/v1/rewards', async (c) => {
    const request = parse(await c.req.text())
    return c.json(await rewardsOf(model, queue, request, c.req.raw.signal))
  })
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', (c) =>
    model.alive() ? c.json({ status: 'ready', model: model.name }) : problemResponse(c, stopped),
  )
  return app
}

function parse(body: string): RewardsRequest {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch (cause) {
    throw problem(
      'invalid_json',
      'The body is not valid JSON. Check its quotes, commas and braces.',
      {
        cause,
      },
    )
  }
  const parsed = RewardsRequest.safeParse(json)
  if (!parsed.success) throw invalidRequest(parsed.error)
  return parsed.data
}

/** What the runtime throws, as the problem it is; anything else is a fault. */
function knownProblem(error: unknown): unknown {
  if (error instanceof QueueFullError) return problem('overloaded', `${error.message}.`)
  if (error instanceof InferenceError && error.fault === 'prompt') {
    return problem('invalid_request', `$.messages: ${error.message}`, { path: '$.messages' })
  }
  return error
}
