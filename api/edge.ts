import { bearerAuth } from 'hono/bearer-auth'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { parseApiKey, unauthorized } from '../shared/api-keys.ts'
import { corsOptions, refuseOrigin } from '../shared/origins.ts'
import { type ProblemError, problem } from '../shared/problems.ts'
import { refusal } from '../shared/refusal.ts'
import { resolveSettings, SettingsError } from '../shared/settings.ts'
import { createLog } from '../shared/telemetry/log.ts'
import { createApp } from './app.ts'
import { dependencies } from './dependencies.ts'
import type { AppEnv } from './env.ts'
import { createObjectStore, isNamespace } from './replay/object-store.ts'
import { startWorkerTelemetry } from './telemetry/worker.ts'

/**
 * Cloudflare lets a request have six connections that wait for the head of an answer; one stays
 * free for the Durable Object, without which a claim would be lost.
 */
const connections = 5

export type EdgeEnvironment = Readonly<Record<string, unknown>>

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
    const settings = resolveSettings({ environment })
    const required = ['cursor_keys', 'policy_base_url', 'reward_base_url'] as const
    const missing = required.filter((key) => !settings[key]?.length)
    if (missing.length > 0) {
      const names = missing.map((key) => `TPO_${key.toUpperCase()}`).join(', ')
      throw new SettingsError(`this Worker needs ${names}; set them with \`wrangler secret put\``)
    }
    if (settings.replay_url !== undefined) {
      throw new SettingsError(
        'TPO_REPLAY_URL is for Node; a Worker keeps answers in its Durable Object, so leave it out',
      )
    }
    const namespace = environment['REPLAY']
    if (!isNamespace(namespace)) {
      throw new SettingsError(
        'this Worker needs the Durable Object binding REPLAY; deploy it with our wrangler.toml',
      )
    }
    const store = createObjectStore(namespace)
    const log = createLog({
      level: settings.log,
      human: false,
      write: (line) => console.log(line),
    })
    const parts = { cursorKeys: settings.cursor_keys, store, shared: false, connections, log }
    const flush = startWorkerTelemetry(environment)
    const app = createApp({ ...dependencies(settings, parts), flush })
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
