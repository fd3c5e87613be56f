import { createRoute } from '@hono/zod-openapi'
import { Estimate, StartRequest } from '../../shared/tpo.ts'
import type { App } from '../env.ts'
import { jsonAnswer, jsonBody } from './answers.ts'

const route = createRoute({
  method: 'post',
  path: '/v1/tpo/estimate',
  summary: 'What a run would take, before it starts; no model is called',
  request: jsonBody(StartRequest),
  responses: jsonAnswer('Requests, model calls and tokens', Estimate),
})

export const estimate = (app: App) =>
  app.openapi(route, (c) => c.json(c.get('runs').estimate(c.req.valid('json')), 200))
