import { createRoute } from '@hono/zod-openapi'
import { Position, StartRequest } from '../../shared/tpo.ts'
import type { App } from '../env.ts'
import { jsonAnswer, jsonBody } from './answers.ts'
import { firstOf, IdempotencyHeader, markReplayed, replayKeyOf } from './once.ts'

const route = createRoute({
  method: 'post',
  path: '/v1/tpo/start',
  summary: 'A new run; no model is called',
  request: { ...jsonBody(StartRequest), headers: IdempotencyHeader },
  responses: jsonAnswer('Where the run stands: before its first step', Position),
})

export const start = (app: App) =>
  app.openapi(route, async (c) => {
    const request = c.req.valid('json')
    const made = await c.get('runs').start(request)
    const key = await replayKeyOf(c, c.req.valid('header')['idempotency-key'], request)
    const { first, replayed } = await firstOf(c, key, Position, made)
    if (replayed) markReplayed(c)
    return c.json(first, 200)
  })
