/** What the API asks of models, as metrics. */
import { counter, histogram, level, powers } from '../../shared/telemetry/measured.ts'
import { attribute, metric, operation } from '../../shared/telemetry/names.ts'
import { type Attributes, errorType, failure } from '../../shared/telemetry/traced.ts'
import type { Reward } from '../reward/reward.ts'
import { modelLabel } from './model-label.ts'

/** As the conventions want them, and on to where long answers end: 10 ms to 11 minutes. */
const seconds = powers(0.01, 17)

const tokens = histogram(metric.tokenUsage, powers(1, 14, 4), {
  description: 'Tokens of a model call',
  unit: '{token}',
})
const duration = histogram(metric.chatDuration, seconds, {
  description: 'Seconds of a model call, with its retries',
  unit: 's',
})
const firstChunk = histogram(metric.timeToFirstChunk, seconds, {
  description: 'Seconds until a model call has its first chunk',
  unit: 's',
})
const failedAttempts = counter(metric.failedAttempts, {
  description: 'Attempts of model calls that failed; the call may have succeeded with the next',
})
const scoring = histogram(metric.scoreDuration, seconds, {
  description: 'Seconds until the reward model has scored a group of candidates',
  unit: 's',
})
const active = level(metric.upstreamActive, {
  description: 'Calls of models under way',
  unit: '{request}',
})

const ofPolicy = { [attribute.upstream]: 'policy' }
const ofReward = { [attribute.upstream]: 'reward' }

export interface Spent {
  prompt_tokens: number
  completion_tokens: number
}

/** One model call, which is under way until it ends. */
export function chatBegins(model: string) {
  const began = performance.now()
  const since = () => (performance.now() - began) / 1000
  const labels = (answered?: boolean): Attributes => ({
    [attribute.operation]: operation.chat,
    [attribute.provider]: 'openai',
    [attribute.requestModel]: modelLabel(model, answered),
  })
  active(1, ofPolicy)
  return {
    attemptFailed: (error: unknown) =>
      failedAttempts(1, { [attribute.errorType]: errorType(error) }),
    firstChunk: () => firstChunk(since(), labels(true)),
    spent({ prompt_tokens, completion_tokens }: Spent) {
      tokens(prompt_tokens, { ...labels(), [attribute.tokenType]: 'input' })
      tokens(completion_tokens, { ...labels(), [attribute.tokenType]: 'output' })
    },
    /** `how`: what `failure` says of one that failed. */
    ends(how: Attributes = {}) {
      active(-1, ofPolicy)
      duration(since(), { ...labels(), ...how })
    },
  }
}

export const measuredScore =
  (score: Reward['score']): Reward['score'] =>
  async (request, signal) => {
    const began = performance.now()
    const over = (how = {}) => {
      active(-1, ofReward)
      scoring((performance.now() - began) / 1000, how)
    }
    active(1, ofReward)
    try {
      const rewards = await score(request, signal)
      over()
      return rewards
    } catch (error) {
      over(failure(error, signal))
      throw error
    }
  }
