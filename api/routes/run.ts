import { createRoute } from '@hono/zod-openapi'
import { RunStream } from '../../shared/events.ts'
import { RunAnswer, RunRequest, type StepAnswer } from '../../shared/tpo.ts'
import type { App } from '../env.ts'
import { streamEvents, wantsStream } from '../sse.ts'
import { jsonBody, streamedAnswer } from './answers.ts'

const route = createRoute({
  method: 'post',
  path: '/v1/tpo/run',
  summary: 'A run from settings or from a cursor, to its end or to a step',
  request: jsonBody(RunRequest),
  responses: streamedAnswer('Every step and the finished run', RunAnswer, RunStream),
})

export const run = (app: App) =>
  app.openapi(route, async (c) => {
    const runs = c.get('runs')
    const request = c.req.valid('json')
    const { until } = request
    const edit = 'cursor' in request ? request.edit : undefined
    const from = await runs.from(request)
    if (!wantsStream(c)) {
      const silent = { progress: () => undefined, onStep: () => undefined }
      return c.json(
        await runs.drive(from, { ...silent, signal: c.req.raw.signal, until, edit }),
        200,
      )
    }
    return streamEvents(c, async (send, signal) => {
      const onStep = (answer: StepAnswer) => send({ type: 'step', ...answer })
      return {
        type: 'done' as const,
        ...(await runs.drive(from, { progress: send, onStep, signal, until, edit })),
      }
    })
  })
