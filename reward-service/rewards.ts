/** One prompt, N candidates: their rewards. Or N sequences of token ids. */
import { problem, short } from '../shared/problems.ts'
import type { RewardsAnswer, RewardsRequest } from '../shared/rewards.ts'
import type { RewardModel } from './reward-model.ts'
import type { Score, Scored, Sequence } from './score.ts'

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
      `The model ${short(request.model)} is not served here; ${model.name} is.`,
      { path: '$.model' },
    )
  }
  const { messages, truncate, explain } = request
  const [{ scored, timing }, promptTokens] = await Promise.all([
    score(sequencesOf(request), signal, { truncate, explain }),
    messages === undefined ? null : model.promptTokens(messages),
  ])
  const total = scored.reduce((sum, { tokens }) => sum + tokens, 0)
  return {
    model: model.name,
    rewards: scored.map((one, index) => rewardOf(one, index)),
    dtype: model.dtype,
    provider: model.provider,
    template_hash: model.templateHash,
    usage: { prompt_tokens: promptTokens ?? total, total_tokens: total },
    timing,
  }
}

/** What a request asks to be scored, in order. */
export function sequencesOf(request: RewardsRequest): Sequence[] {
  if (request.sequences !== undefined) {
    return request.sequences.map((ids, index) => ({
      path: `$.sequences[${index}]`,
      ids: Int32Array.from(ids),
    }))
  }
  return request.candidates.map((content, index) => ({
    path: `$.candidates[${index}]`,
    refusedPath: '$.messages',
    messages: [...request.messages, { role: 'assistant', content }],
  }))
}

function rewardOf(
  { reward, tokens, cut, explanation }: Scored,
  index: number,
): RewardsAnswer['rewards'][number] {
  return {
    index,
    reward,
    tokens,
    truncated: cut > 0,
    ...(cut > 0 && { tokens_cut: cut }),
    ...(explanation && { rendered: explanation.rendered, pooled_token: explanation.pooled }),
  }
}
