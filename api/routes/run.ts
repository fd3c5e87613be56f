import { createRoute } from '@hono/zod-openapi'
import { RunStream } from '../../shared/events.ts'
import { Position, RunAnswer, RunRequest, type StepAnswer } from '../../shared/tpo.ts'
import type { App } from '../env.ts'
import { runKey } from '../replay/keys.ts'
import { jsonBody, streamedAnswer } from './answers.ts'
import { firstOf, IdempotencyHeader, once, replayKeyOf } from './once.ts'
import { policyKeyOf, PolicyKeyHeaders } from './policy-key.ts'

const route = createRoute({
  method: 'post',
  path: '/v1/tpo/run',
  summary: 'A run from settings or from a cursor, to its end or to a step',
  request: { ...jsonBody(RunRequest), headers: IdempotencyHeader.extend(PolicyKeyHeaders.shape) },
  responses: streamedAnswer('Every step and the finished run', RunAnswer, RunStream),
})

export const run = (app: App) =>
  app.openapi(route, async (c) => {
    const runs = c.get('runs')
    const request = c.req.valid('json')
    const made = await runs.from(request)
    const edit = 'cursor' in request ? request.edit : undefined
    // Sent again, it begins at the same cursor, from which stored steps are not taken again.
    const headers = c.req.valid('header')
    const policyKey = policyKeyOf(headers)
    const key =
      'cursor' in request ? undefined : await replayKeyOf(c, headers['idempotency-key'], request)
    const { first: from } = await firstOf(c, key, Position, made)
    return once(c, await runKey(from.cursor, request), (send, signal) => {
      const onStep = (answer: StepAnswer) => send({ type: 'step', ...answer })
      const caller = { progress: send, signal, policyKey }
      return runs.drive(from, { ...caller, onStep, until: request.until, edit })
    })
  })
