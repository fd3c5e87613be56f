import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { requestId } from 'hono/request-id'
import { InferenceError } from '../inference/errors.ts'
import { QueueFullError } from '../inference/runtime/queue.ts'
import {
  invalidRequest,
  problem,
  problemCodes,
  ProblemError,
  short,
  toProblem,
} from '../shared/problems.ts'
import { RewardsRequest } from '../shared/rewards.ts'
import type { Log } from '../shared/telemetry/log.ts'
import { type ObservedEnv, observeRequests } from '../shared/telemetry/requests.ts'
import { addresses, errorsAt } from './contracts/addresses.ts'
import type { Served } from './contracts/contract.ts'
import { info } from './contracts/tei.ts'
import type { Metrics } from './metrics.ts'
import type { RewardModel } from './reward-model.ts'
import { rewardsOf } from './rewards.ts'
import { createScore, type Score, type Scores } from './score.ts'
import { observedModel } from './telemetry/requests.ts'

export interface AppDeps {
  model: RewardModel
  metrics: Metrics
  /** Of this software. */
  version: string
  log: Log
}

const maxBodyBytes = 16 * 1024 * 1024
const retryAfterSeconds = 5

/** Never sent: how servers count a caller who left before the answer. */
const callerLeft = 499

interface Env {
  Variables: ObservedEnv['Variables'] & {
    /** When the request came, by `performance.now()`. */
    began: number
  }
}

/** The reward service as one Hono app. */
export function createApp({ model, metrics, version, log }: AppDeps): Hono<Env> {
  const app = new Hono<Env>()
  const score = createScore(observedModel(model))
  metrics.watch(model)
  const about = { model: model.name, label: model.label }
  const served = (c: Context): Served => ({
    ...about,
    id: c.get('requestId'),
    created: Math.floor(Date.now() / 1000),
  })
  const notReady = () =>
    problem(
      'not_ready',
      model.state() === 'ended'
        ? 'The model has stopped and cannot be started again; restart the service.'
        : 'The model stopped and is being started again; try again in a moment.',
    )
  const ready = () => model.state() === 'ready'

  const problemResponse = (c: Context, error: unknown, toError = errorsAt(c.req.path)) => {
    const ended = error instanceof InferenceError && error.fault === 'ended'
    const known = ended ? notReady() : knownProblem(error)
    if (!(known instanceof ProblemError) && !c.req.raw.signal.aborted) {
      log.error('request failed', error, { request_id: c.get('requestId') })
    }
    const told = toProblem(known)
    c.set('problem', told)
    if (told.status === 503) c.header('retry-after', String(retryAfterSeconds))
    if (toError !== undefined) {
      const { status, body } = toError(told)
      return c.json(body, status)
    }
    c.header('content-type', 'application/problem+json')
    const body = { ...told, request_id: c.get('requestId') }
    return c.body(JSON.stringify(body), problemCodes[body.code].status)
  }

  /** Counts what is asked to score, and refuses it before its body is read when too much waits. */
  const scoring: MiddlewareHandler<Env> = async (c, next) => {
    const began = performance.now()
    c.set('began', began)
    await next()
    const status = c.req.raw.signal.aborted ? callerLeft : c.res.status
    metrics.answered(c.req.path, status, (performance.now() - began) / 1000)
  }
  const admit: MiddlewareHandler<Env> = async (_, next) => {
    const waiting = model.waiting()
    if (waiting >= model.maxWaiting) throw new QueueFullError(waiting, 'sequences')
    await next()
  }
  /** Scores, and tells in headers how long what took. */
  const timed =
    (c: Context<Env>): Score =>
    async (...request) => {
      const scores = await score(...request)
      metrics.scored(scores)
      for (const [name, value] of timeHeaders(scores, c.get('began'))) c.header(name, value)
      return scores
    }

  app.use(requestId())
  const scored = ['/v1/rewards', ...addresses.map(({ path }) => path)]
  app.on('POST', scored, observeRequests({ log }))
  app.on('POST', scored, scoring, admit)
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
  const limitBody = bodyLimit({
    maxSize: maxBodyBytes,
    onError: (c) => {
      // The rest of the body is never read, so the connection is of no more use.
      c.header('connection', 'close')
      throw problem('body_too_large', 'A request may have 16 MB at most. Send fewer candidates.')
    },
  })
  // To look at a body, even at its length, makes a stream of it, which costs as much as to score.
  app.use((c, next) => (declaredLength(c) <= maxBodyBytes ? next() : limitBody(c, next)))
  app.onError((error, c) => problemResponse(c, error))
  app.notFound((c) =>
    problemResponse(
      c,
      problem('not_found', `There is no ${short(c.req.path)}; POST /v1/rewards is.`),
    ),
  )

  app.post('/v1/rewards', async (c) => {
    const request = RewardsRequest.safeParse(parseJson(await c.req.arrayBuffer()))
    if (!request.success) throw invalidRequest(request.error)
    return c.json(await rewardsOf(model, timed(c), request.data, c.req.raw.signal))
  })
  for (const { path, contractOf } of addresses) {
    app.post(path, async (c) => {
      const body = parseJson(await c.req.arrayBuffer())
      const contract = contractOf(body)
      try {
        return c.json(await contract.answer(body, timed(c), served(c), c.req.raw.signal))
      } catch (error) {
        return problemResponse(c, error, contract.toError)
      }
    })
  }
  app.get('/info', (c) =>
    c.json({
      ...info({
        ...about,
        dtype: model.dtype,
        version,
        context: model.context,
        concurrent: model.maxWaiting,
        limits: model.limits,
      }),
      template_hash: model.templateHash,
      provider: model.provider,
      devices: model.devices.map(({ name, state, restarts }) => ({
        name,
        state: state(),
        restarts: restarts(),
      })),
      max_body_bytes: maxBodyBytes,
    }),
  )
  // What vLLM and TEI call it; neither says anything.
  app.get('/health', (c) => (ready() ? c.body(null, 200) : problemResponse(c, notReady())))
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', (c) =>
    ready() ? c.json({ status: 'ready', model: model.name }) : problemResponse(c, notReady()),
  )
  return app
}

/** Bytes of the body where its header says so, which Node holds it to. */
function declaredLength(c: Context): number {
  const length = c.req.header('content-length')
  return length === undefined || c.req.header('transfer-encoding') !== undefined
    ? Infinity
    : Number(length)
}

const milliseconds = (time: number) => String(Math.floor(time))

/** In whole milliseconds, by the names of Text Embeddings Inference. */
function timeHeaders({ scored, timing }: Scores, began: number): [string, string][] {
  return [
    ['x-total-time', milliseconds(performance.now() - began)],
    ['x-tokenization-time', milliseconds(timing.tokenize)],
    ['x-queue-time', milliseconds(timing.queue)],
    ['x-inference-time', milliseconds(timing.model)],
    ['x-compute-tokens', String(scored.reduce((sum, { tokens }) => sum + tokens, 0))],
  ]
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function parseJson(body: ArrayBuffer): unknown {
  try {
    return JSON.parse(utf8.decode(body))
  } catch (cause) {
    throw problem(
      'invalid_json',
      'The body is not valid JSON in UTF-8. Check its quotes, commas, braces and encoding.',
      { cause },
    )
  }
}

/** What the runtime throws, as the problem it is; anything else is a fault. */
function knownProblem(error: unknown): unknown {
  if (error instanceof QueueFullError) return problem('overloaded', `${error.message}.`)
  if (error instanceof InferenceError && error.fault === 'prompt') {
    return problem('invalid_request', `$.messages: ${error.message}`, { path: '$.messages' })
  }
  return error
}
