import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { requestId } from 'hono/request-id'
import { createQueue } from '../inference/runtime/queue.ts'
import { short } from '../shared/problems.ts'
import { type ObservedEnv, observeRequests } from '../shared/telemetry/requests.ts'
import { chatCompletions } from './chat-completions.ts'
import type { AppDeps } from './deps.ts'
import { ApiError, notReady, toApiError } from './errors.ts'
import { measuredPolicy, measuredQueue } from './metrics.ts'
import { observedPolicy, observedQueue } from './telemetry.ts'

const maxBodyBytes = 16 * 1024 * 1024
const maxWaiting = 64
const retryAfterSeconds = 5

/** The server as one Hono app: OpenAI's chat completions from one local model. */
export function createApp({ model, log }: AppDeps): Hono<ObservedEnv> {
  const app = new Hono<ObservedEnv>()
  const startedAt = Math.floor(Date.now() / 1000)

  app.use(requestId())
  app.post('/v1/chat/completions', observeRequests({ log }))
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        c.header('allow', methods.join(', '))
        return c.json(new ApiError(405, `This address takes ${methods.join(', ')}.`).body(), 405)
      },
    }),
  )
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () => {
        throw new ApiError(413, 'A request may have 16 MB at most.')
      },
    }),
  )
  app.onError((error, c) => {
    const known = toApiError(error, model.state())
    if (known.status === 500 && !c.req.raw.signal.aborted) {
      log.error('request failed', error, { request_id: c.get('requestId') })
    }
    if (known.status === 503) c.header('retry-after', String(retryAfterSeconds))
    return c.json(known.body(), known.status)
  })
  app.notFound((c) =>
    c.json(new ApiError(404, `There is no ${short(c.req.path)} here.`).body(), 404),
  )

  app.post(
    '/v1/chat/completions',
    chatCompletions({
      model: observedPolicy(measuredPolicy(model)),
      log,
      queue: observedQueue(measuredQueue(createQueue(maxWaiting))),
    }),
  )
  app.get('/v1/models', (c) =>
    c.json({
      object: 'list',
      data: [
        {
          id: model.name,
          object: 'model',
          created: startedAt,
          owned_by: 'tpo-edge',
          root: model.name,
          parent: null,
          max_model_len: model.decoder.context,
        },
      ],
    }),
  )
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', (c) =>
    model.state() === 'ready'
      ? c.json({ status: 'ready', model: model.name })
      : c.json(notReady(model.state()).body(), 503),
  )
  return app
}
