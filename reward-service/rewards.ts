/** One prompt, N candidates: their rewards. */
import { problem } from '../shared/problems.ts'
import type { RewardsAnswer, RewardsRequest } from '../shared/rewards.ts'
import type { RewardModel } from './reward-model.ts'
import type { Score } from './score.ts'

/** Throws a problem when the model is another one or a candidate does not fit into its context. */
export async function rewardsOf(
  model: RewardModel,
  score: Score,
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
  const promptTokens = model.promptTokens(request.messages)
  const sequences = request.candidates.map((content, index) => ({
    path: `$.candidates[${index}]`,
    messages: [...request.messages, { role: 'assistant', content }],
  }))
  const { scored, timing } = await score(sequences, signal)
  return {
    model: model.name,
    rewards: scored.map(({ reward, tokens }, index) => ({
      index,
      reward,
      tokens,
      truncated: false,
    })),
    dtype: model.dtype,
    provider: model.provider,
    template_hash: model.templateHash,
    usage: {
      prompt_tokens: promptTokens,
      total_tokens: scored.reduce((sum, { tokens }) => sum + tokens, 0),
    },
    timing,
  }
}
