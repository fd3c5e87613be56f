import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { invalidRequest, problem, short } from '../shared/problems.ts'
import { securityHeaders } from '../shared/security-headers.ts'
import { observeRequests } from '../shared/telemetry/requests.ts'
import type { App, AppEnv } from './env.ts'
import { problemResponse } from './problem-response.ts'
import { docs } from './routes/docs.ts'
import { estimate } from './routes/estimate.ts'
import { health } from './routes/health.ts'
import { openAi } from './routes/openai.ts'
import { inspect } from './routes/inspect.ts'
import { jobs } from './routes/jobs.ts'
import { run } from './routes/run.ts'
import { start } from './routes/start.ts'
import { steps } from './routes/steps.ts'
import type { JobEngine } from './jobs/engine.ts'
import { type RunDeps, runsByTenant } from './runs.ts'
import type { TenantOf } from './tenant.ts'
import { limitUnderWay } from './under-way.ts'

export interface AppDeps extends RunDeps {
  tenantOf: TenantOf
  /** How many requests each caller may have under way. */
  keyConcurrency: number
  /** How long a stream may be silent; 15 s if left out. */
  heartbeatMs?: number
  /** Where bulk runs are worked on, if anywhere. */
  jobs?: JobEngine
  /** Sends what was traced, where nothing else does; never rejects. */
  flush?: () => Promise<void>
}

const maxBodyBytes = 10 * 1024 * 1024

/** The whole API as one Hono app, for any runtime with `fetch` and WebCrypto. */
export function createApp(deps: AppDeps): App {
  const app = new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error)
    },
  })
  const runsOf = runsByTenant(deps)

  app.use(requestId())
  app.use('/v1/*', observeRequests({ log: deps.log, meanwhile: flushAfter(deps.flush) }))
  app.use(secureHeaders(securityHeaders))
  app.use(async (c, next) => {
    const tenant = await deps.tenantOf(c.req.header('authorization'))
    c.set('log', deps.log)
    c.set('tenant', tenant)
    c.set('runs', runsOf(tenant))
    c.set('heartbeatMs', deps.heartbeatMs)
    c.set('replay', deps.replay)
    await next()
  })
  app.use('/v1/*', limitUnderWay(deps.keyConcurrency))
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const allow = methods.join(', ')
        c.header('allow', allow)
        return problemResponse(c, problem('method_not_allowed', `This address takes ${allow}.`))
      },
    }),
  )
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (c) => {
        // The rest of the body is never read, so the connection is of no more use.
        c.header('connection', 'close')
        return problemResponse(c, problem('body_too_large', 'A request may have 10 MB at most.'))
      },
    }),
  )
  app.onError((error, c) => problemResponse(c, error))
  app.notFound((c) =>
    problemResponse(
      c,
      problem('not_found', `There is no ${short(c.req.path)}; /docs lists what there is.`),
    ),
  )

  start(app)
  steps(app)
  run(app)
  inspect(app)
  estimate(app)
  jobs(app, deps)
  openAi(app, deps)
  health(app, deps)
  docs(app)
  return app
}

/** Sends what a request recorded once it is over, while its runtime still lets it. */
const flushAfter = (flush: AppDeps['flush']) => (c: Context<AppEnv>, over: Promise<void>) =>
  flush === undefined ? undefined : c.env?.waitUntil?.(over.then(flush))
