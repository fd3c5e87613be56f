import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { corsOptions } from '../shared/origins.ts'
import { problem } from '../shared/problems.ts'
import { refusal } from '../shared/refusal.ts'
import type { Settings } from '../shared/settings.ts'
import { createDrain, drainTime } from './drain.ts'
import { StartError } from './entry.ts'
import { guard, isLoopback } from './guard.ts'
import type { Scrape } from './metrics.ts'
import { listenError, type PortKey, portOf } from './port.ts'
import { onStopSignals } from './signals.ts'
import { answerUnreadable, refuseUnreadable } from './unreadable.ts'

export interface Listening {
  /** Address to reach the service at, without a slash at the end. */
  url: string
  /** Takes nothing new, and resolves when the last request is over. */
  close: () => Promise<void>
}

interface Service {
  /** What a person calls it, such as "API". */
  name: string
  fetch: (request: Request) => Response | Promise<Response>
  portKey: PortKey
  settings: Settings
  /** What /metrics says, to whoever may look at /healthz. */
  scrape?: Scrape
  /** What it does besides answering, which is ended with it. */
  work?: Work
  /** Called once the last request and all other work is over. */
  onClose?: () => void | Promise<void>
}

interface Work {
  /** What its pieces are called, such as "steps". */
  unit: string
  inHand: () => number
  /** Begins nothing new, and resolves when what is in hand is over, or was cut off after so many milliseconds. */
  end: (patienceMs: number) => Promise<void>
}

/**
 * Serves on the configured host and port behind the guard, until SIGINT, SIGTERM or the end of
 * the process that started this one; requests in hand are then answered, unless a second signal
 * comes. Throws a `StartError` when the port is taken or the host is
 * open to others without API keys.
 */
export async function listen(service: Service): Promise<Listening> {
  const { settings, name } = service
  const port = settings[service.portKey]
  const hostname = settings.host
  if (!isLoopback(hostname) && settings.api_keys.length === 0) {
    throw new StartError(
      `the ${name} would be open to everyone on ${hostname}; set TPO_API_KEYS, or listen on 127.0.0.1`,
    )
  }
  const app = new Hono()
  app.use(async (c, next) => (drain.closing() ? refuseLate(c, name) : next()))
  // It touches every answer, which then goes out the slow way.
  if (settings.allowed_origins.length > 0) {
    app.use(cors(corsOptions(settings.allowed_origins)))
  }
  app.use(
    guard({
      host: hostname,
      apiKeys: settings.api_keys,
      allowedOrigins: settings.allowed_origins,
    }),
  )
  const { scrape } = service
  if (scrape !== undefined) {
    app.get('/metrics', async (c) =>
      c.body(await scrape(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
    )
  }
  app.all('*', (c) => service.fetch(c.req.raw))

  const server = createServer(
    getRequestListener(app.fetch, { hostname, errorHandler: refuseUnreadable }),
  )
  answerUnreadable(server)
  const drain = createDrain(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(listenError({ name, hostname, port, portKey: service.portKey }, error))
    })
    server.listen(port, hostname, resolve)
  })

  let closing: Promise<void> | undefined
  const { work } = service
  const close = () =>
    (closing ??= Promise.all([drain.close(), work?.end(drainTime)]).then(() => service.onClose?.()))
  const stop = () => {
    const inHand = work?.inHand() ?? drain.inHand()
    if (!drain.closing() && inHand > 0) {
      console.error(
        `tpo: the ${name} ends when its ${work?.unit ?? 'requests'} in hand do (${inHand}), after ${drainTime / 1000} s at most; another signal ends it now`,
      )
    }
    void close().then(() => process.exit(0))
  }
  onStopSignals(stop, () => process.exit(1))
  process.on('disconnect', stop)
  const url = `http://${hostname}:${portOf(server.address())}`
  // Tells the process that started this one, where there is one.
  process.send?.(url)
  return { url, close }
}

/** A connection may be older than the stop and ask only now. */
function refuseLate(c: Context, name: string): Response {
  const { problem: told } = problem('not_ready', `The ${name} is stopping; try again in a moment.`)
  const { body, status, headers } = refusal(c.req.path, told)
  return c.body(body, status, { ...headers, 'retry-after': '5', connection: 'close' })
}
