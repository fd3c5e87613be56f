/**
 * The program that knows what each held-out question asks for, as a reward service. The answers are
 * graded by their facts and form, so it can judge what nano-reward prefers.
 */
import { Hono } from 'hono'
import { problem } from '../shared/problems.ts'
import { refusal } from '../shared/refusal.ts'
import { type RewardsAnswer, RewardsRequest } from '../shared/rewards.ts'
import { type Brief, grade, score } from './generate/grade.ts'
import { kits } from './generate/scenarios/index.ts'

/** Knows these questions and no others. */
export function createJudge(briefs: readonly Brief[]): Hono {
  const known = new Map(briefs.map((brief) => [brief.question, brief]))
  return new Hono().post('/v1/rewards', async (c) => {
    const { messages = [], candidates = [] } = RewardsRequest.parse(await c.req.json())
    const brief = known.get(messages.at(-1)?.content ?? '')
    if (brief === undefined) {
      const told = problem('invalid_request', 'The judge knows the held-out questions alone.')
      const { body, status, headers } = refusal(c.req.path, told.problem)
      return c.body(body, status, headers)
    }
    const kit = brief.kind === 'other' ? undefined : kits.get(brief.kind)
    const rewards = candidates.map((text, index) => ({
      index,
      reward: score(grade(brief, text, kit)),
      tokens: 0,
      truncated: false,
    }))
    const answer: RewardsAnswer = {
      model: 'program',
      rewards,
      dtype: 'none',
      provider: 'none',
      template_hash: '',
      usage: { prompt_tokens: 0, total_tokens: 0 },
      timing: { queue: 0, tokenize: 0, model: 0 },
    }
    return c.json(answer)
  })
}
