import { createRoute } from '@hono/zod-openapi'
import { Position, StartRequest } from '../../shared/tpo.ts'
import type { App } from '../env.ts'
import { jsonAnswer, jsonBody } from './answers.ts'

const route = createRoute({
  method: 'post',
  path: '/v1/tpo/start',
  summary: 'A new run; no model is called',
  request: jsonBody(StartRequest),
  responses: jsonAnswer('Where the run stands: before its first step', Position),
})

export const start = (app: App) =>
  app.openapi(route, async (c) => c.json(await c.get('runs').start(c.req.valid('json')), 200))
