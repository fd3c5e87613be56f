import { bearerAuth } from 'hono/bearer-auth'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { parseApiKey, unauthorized } from '../shared/api-keys.ts'
import { corsOptions, refuseOrigin } from '../shared/origins.ts'
import { type ProblemError, problem } from '../shared/problems.ts'
import { refusal } from '../shared/refusal.ts'
import { SettingsError } from '../shared/settings.ts'
import { createApp } from './app.ts'
import { type EdgeEnvironment, edgeParts } from './edge-environment.ts'
import type { AppEnv } from './env.ts'
import { createWorkflowJobs } from './jobs/workflows/engine.ts'

/** Cloudflare's context of one request. */
export interface EdgeContext {
  waitUntil: (work: Promise<unknown>) => void
}

type Serve = (request: Request, context?: EdgeContext) => Response | Promise<Response>

/**
 * The API where there is no process to configure: the first request's environment does. While a
 * setting is missing or wrong, every request is answered with a problem that names it.
 */
export function createEdge() {
  let serve: Serve | undefined
  return (
    request: Request,
    environment: EdgeEnvironment,
    context?: EdgeContext,
  ): Response | Promise<Response> => {
    serve ??= configured(environment)
    return serve(request, context)
  }
}

function configured(environment: EdgeEnvironment): Serve {
  try {
    const { settings, deps, flush } = edgeParts(environment)
    const jobs = createWorkflowJobs(environment, deps.log)
    const app = createApp({ ...deps, jobs, flush })
    const door = new Hono<{ Bindings: AppEnv['Bindings'] }>()
    const { allowed_origins } = settings
    if (allowed_origins.length > 0) door.use(cors(corsOptions(allowed_origins)))
    door.use(async (c, next) => {
      const { host } = new URL(c.req.url)
      const foreign = refuseOrigin(allowed_origins, c.req.header('origin'), host)
      return foreign === undefined ? next() : refused(c.req.raw, foreign)
    })
    if (settings.api_keys.length > 0) {
      const token = settings.api_keys.map((entry) => parseApiKey(entry).key)
      door.use('/v1/*', bearerAuth({ token }))
    }
    door.onError((_, c) => refused(c.req.raw, unauthorized))
    door.all('*', (c) => app.fetch(c.req.raw, c.env))
    return (request, context) =>
      door.fetch(request, { waitUntil: (work: Promise<unknown>) => context?.waitUntil(work) })
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    console.error(`tpo: ${error.message}`)
    const misconfigured = problem('internal', error.message)
    return (request) => refused(request, misconfigured)
  }
}

function refused(request: Request, { problem }: ProblemError): Response {
  const { body, ...init } = refusal(new URL(request.url).pathname, problem)
  return new Response(body, init)
}
