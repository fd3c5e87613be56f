/** Stands before a fake and lets its requests in by groups, so that it is seen how many come at a time. */
import { Hono } from 'hono'
import { listen, type NodeEnv, type Server } from './listen.ts'

export interface GateOptions {
  /** Where the fake is, without a path. */
  target: string
  /** How many POST requests pass before. */
  free: number
  /** How many come after these, and how many of them are expected at a time. */
  total: number
  width: number
}

/** `/most` tells how many have waited for the head of their answer at a time. */
export async function startGate({ target, free, total, width }: GateOptions): Promise<Server> {
  let passed = 0
  let answered = 0
  let waiting = 0
  let most = 0
  let group = Promise.withResolvers<void>()
  const app = new Hono<NodeEnv>()
  const forward = async (request: Request, path: string) =>
    fetch(`${target}${path}`, {
      method: request.method,
      headers: { 'content-type': 'application/json' },
      ...(request.method === 'POST' && { body: await request.text() }),
    })
  app.get('/most', (c) => c.text(String(most)))
  app.get('*', (c) => forward(c.req.raw, c.req.path))
  app.post('*', async (c) => {
    if (passed < free) {
      passed++
      return forward(c.req.raw, c.req.path)
    }
    waiting++
    most = Math.max(most, waiting)
    const { promise, resolve } = group
    if (waiting === Math.min(width, total - answered)) {
      group = Promise.withResolvers()
      // A way there and back, in which one too many would come.
      await fetch(target).then((response) => response.text())
      resolve()
    }
    await promise
    answered++
    waiting--
    return forward(c.req.raw, c.req.path)
  })
  return listen(app)
}
