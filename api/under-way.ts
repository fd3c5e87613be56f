/** The requests that each caller has under way, of which there is a limit. */
import type { MiddlewareHandler } from 'hono'
import { problem } from '../shared/problems.ts'
import type { AppEnv } from './env.ts'

/**
 * Refuses a caller's request while `most` of them are under way in this process: from their
 * beginning until their answer is whole, or they have left. What only looks is not counted.
 */
export function limitUnderWay(most: number): MiddlewareHandler<AppEnv> {
  const counts = new Map<string, number>()
  const count = (tenant: string, change: 1 | -1) => {
    const now = (counts.get(tenant) ?? 0) + change
    if (now === 0) counts.delete(tenant)
    else counts.set(tenant, now)
  }
  return async (c, next) => {
    if (c.req.method !== 'POST') return next()
    const tenant = c.get('tenant')
    if ((counts.get(tenant) ?? 0) >= most) throw tooMany(most)
    const over = Promise.withResolvers<void>()
    // Whoever runs this may end it when the caller leaves; what is claimed is released first.
    c.env?.waitUntil?.(over.promise)
    count(tenant, 1)
    const end = () => {
      count(tenant, -1)
      over.resolve()
    }
    try {
      await next()
    } finally {
      const streamed = c.get('streamed')
      if (streamed === undefined) end()
      else void streamed.then(end)
    }
  }
}

const tooMany = (most: number) =>
  problem(
    'too_many_requests',
    `${most} of your requests are under way, and there may be no more at a time (TPO_KEY_CONCURRENCY). Wait for one to end, then send this one again.`,
  )
