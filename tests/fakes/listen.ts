import { serve, type HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'

export interface Server {
  url: string
  close: () => Promise<void>
}

export interface NodeEnv {
  Bindings: HttpBindings
}

/** Serves an app on loopback; on a free port, if none is given. */
export async function listen(app: Pick<Hono<NodeEnv>, 'fetch'>, port = 0): Promise<Server> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const server = serve(
    {
      fetch: app.fetch,
      hostname: '127.0.0.1',
      port,
      // A caller on a busy machine may come back to a connection just as the usual 5 s end.
      serverOptions: { keepAliveTimeout: 60_000 },
    },
    ({ port }) => resolve(port),
  )
  return {
    url: `http://127.0.0.1:${await promise}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
