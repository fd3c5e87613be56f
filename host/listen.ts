import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import type { Settings } from '../shared/settings.ts'
import { StartError } from './entry.ts'
import { guard, isLoopback } from './guard.ts'
import { listenError, type PortKey } from './port.ts'

export interface Listening {
  /** Address to reach the service at, without a slash at the end. */
  url: string
  close: () => Promise<void>
}

interface Service {
  /** What a person calls it, such as "API". */
  name: string
  fetch: (request: Request) => Response | Promise<Response>
  portKey: PortKey
  settings: Settings
  /** Called once the last request is over. */
  onClose?: () => void | Promise<void>
}

/** The message of a service to the process that started it. */
export const listening = 'listening'

/**
 * Serves on the configured host and port behind the guard, until SIGINT, SIGTERM or the end of
 * the process that started this one. Throws a `StartError` when the port is taken or the host is
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
  app.use(cors({ origin: settings.allowed_origins, maxAge: 600 }))
  app.use(
    guard({
      host: hostname,
      apiKeys: settings.api_keys,
      allowedOrigins: settings.allowed_origins,
    }),
  )
  app.all('*', (c) => service.fetch(c.req.raw))

  const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>()
  const server = serve({ fetch: app.fetch, hostname, port }, resolve)
  server.once('error', (error: NodeJS.ErrnoException) => {
    reject(listenError({ name, hostname, port, portKey: service.portKey }, error))
  })
  const address = await promise

  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= new Promise<void>((resolveClose) => {
      server.close(() => resolveClose())
      if ('closeAllConnections' in server) server.closeAllConnections()
    }).then(() => service.onClose?.())
    return closing
  }
  const stop = () => void close().then(() => process.exit(0))
  // Not once: one Ctrl-C can come twice, from the terminal and from npm.
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('disconnect', stop)
  // Tells the supervisor, where there is one.
  process.send?.(listening)
  return { url: `http://${hostname}:${address.port}`, close }
}
