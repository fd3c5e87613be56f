import { createRoute } from '@hono/zod-openapi'
import { StepStream, type StreamEvent } from '../../shared/events.ts'
import { StepAnswer, StepName, StepRequest } from '../../shared/tpo.ts'
import type { App } from '../env.ts'
import { stepKey } from '../replay/keys.ts'
import type { Work } from '../replay/replay.ts'
import { jsonBody, streamedAnswer } from './answers.ts'
import { isWhole } from '../runs.ts'
import { once } from './once.ts'
import { policyKeyOf, PolicyKeyHeaders } from './policy-key.ts'

const route = (path: string, summary: string) =>
  createRoute({
    method: 'post',
    path,
    summary,
    request: { ...jsonBody(StepRequest), headers: PolicyKeyHeaders },
    responses: streamedAnswer('The step and where the run stands after it', StepAnswer, StepStream),
  })

const summaries: Record<StepName, string> = {
  sample: 'Draws the first answers',
  score: 'Scores the drawn answers with the reward model',
  loss: 'Puts the gap between chosen and rejected into words',
  gradient: 'Turns the textual loss into advice',
  update: 'Draws new answers that follow the advice',
}

/** `POST /v1/tpo/step` for whatever is next, and one address for each step. */
export function steps(app: App): void {
  step(app, '/v1/tpo/step', 'Takes the step that is next')
  for (const name of StepName.options) {
    step(app, `/v1/tpo/steps/${name}`, summaries[name], name)
  }
}

function step(app: App, path: string, summary: string, asked?: StepName): void {
  app.openapi(route(path, summary), async (c) => {
    const runs = c.get('runs')
    const request = c.req.valid('json')
    const opened = await runs.open(request, asked)
    const policyKey = policyKeyOf(c.req.valid('header'))
    const work: Work<StepAnswer> = (progress, signal) =>
      runs.take(opened, { progress, signal, policyKey })
    return once(c, await stepKey(request), work, { eventOf: stepEvent, isKept: isWhole })
  })
}

const stepEvent = (text: string): StreamEvent => ({
  type: 'step',
  ...StepAnswer.parse(JSON.parse(text)),
})
