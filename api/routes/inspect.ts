import { createRoute } from '@hono/zod-openapi'
import { InspectAnswer, InspectRequest } from '../../shared/tpo.ts'
import type { App } from '../env.ts'
import { jsonAnswer, jsonBody } from './answers.ts'

const route = createRoute({
  method: 'post',
  path: '/v1/tpo/inspect',
  summary: 'What a cursor holds; no model is called',
  request: jsonBody(InspectRequest),
  responses: jsonAnswer('The readable state', InspectAnswer),
})

export const inspect = (app: App) =>
  app.openapi(route, async (c) =>
    c.json(await c.get('runs').inspect(c.req.valid('json').cursor), 200),
  )
