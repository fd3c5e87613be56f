/** One prompt, N candidates: their rewards. */
import { setImmediate } from 'node:timers/promises'
import type { Queue } from '../inference/queue.ts'
import { problem } from '../shared/problems.ts'
import type { RewardsAnswer, RewardsRequest } from '../shared/rewards.ts'
import type { RewardModel } from './reward-model.ts'

/** Throws a problem when the model is another one or a candidate does not fit into its context. */
export async function rewardsOf(
  model: RewardModel,
  queue: Queue,
  request: RewardsRequest,
  signal: AbortSignal,
): Promise<RewardsAnswer> {
  if (request.model !== undefined && request.model !== model.name) {
    throw problem(
      'model_not_found',
      `The model ${request.model} is not served here; ${model.name} is.`,
      { path: '$.model' },
    )
  }
  const clock = stopwatch()
  const promptTokens = model.promptTokens(request.messages)
  const sequences: Int32Array[] = []
  for (const [index, candidate] of request.candidates.entries()) {
    const ids = model.encode(request.messages, candidate)
    if (ids.length > model.context) {
      throw problem(
        'too_many_tokens',
        `The conversation with candidate ${index} has ${ids.length} tokens, ${model.name} takes ${model.context}. Shorten it.`,
        { path: `$.candidates[${index}]` },
      )
    }
    sequences.push(ids)
    // Many long candidates must not hold up other callers.
    await setImmediate()
  }
  const tokenize = clock()

  const leave = await queue.join(signal)
  const waited = clock()
  try {
    const rewards: RewardsAnswer['rewards'] = []
    for (const [index, ids] of sequences.entries()) {
      signal.throwIfAborted()
      const reward = await model.reward(ids)
      rewards.push({ index, reward, tokens: ids.length, truncated: false })
    }
    const totalTokens = rewards.reduce((sum, { tokens }) => sum + tokens, 0)
    return {
      model: model.name,
      rewards,
      dtype: 'float32',
      provider: 'cpu',
      template_hash: model.templateHash,
      usage: { prompt_tokens: promptTokens, total_tokens: totalTokens },
      timing: { queue: waited, tokenize, model: clock() },
    }
  } finally {
    leave()
  }
}

/** Milliseconds since it was last asked, to the microsecond. */
function stopwatch(): () => number {
  let last = performance.now()
  return () => {
    const now = performance.now()
    const elapsed = now - last
    last = now
    return Math.round(elapsed * 1000) / 1000
  }
}
