/** What the local policy counts and measures. */
import type { Policy } from '../inference/generation/policy.ts'
import type { Queue } from '../inference/runtime/queue.ts'
import { counter, observed } from '../shared/telemetry/measured.ts'
import { attribute, metric } from '../shared/telemetry/names.ts'

const tokens = counter(metric.policyTokens, {
  description: 'Tokens of prompts, each counted once whatever n is, and of answers',
})
const busy = counter(metric.policySeconds, { description: 'Seconds in which the model wrote' })

/** The same model; what it generates is counted, however that ends. */
export const measuredPolicy = (model: Policy): Policy => ({
  ...model,

  async *generate(...request) {
    const [{ ids }] = request
    const began = performance.now()
    const drawn: number[] = []
    try {
      for await (const step of model.generate(...request)) {
        for (const { index, tokens } of step) drawn[index] = tokens
        yield step
      }
    } finally {
      tokens(ids.length, { [attribute.tokenType]: 'input' })
      tokens(
        drawn.reduce((sum, count) => sum + count, 0),
        { [attribute.tokenType]: 'output' },
      )
      busy((performance.now() - began) / 1000)
    }
  },
})

/** The same line; how many wait in it is told to whoever asks. */
export function measuredQueue(queue: Queue): Queue {
  observed(
    metric.policyQueue,
    { of: 'gauge', description: 'Requests that wait for the model' },
    () => [[queue.waiting()]],
  )
  return queue
}
