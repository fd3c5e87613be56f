import { judged } from '../algorithm/prompts.ts'
import { applyScore, nextStep, scorable, spend } from '../algorithm/transitions.ts'
import type { Candidate } from '../../shared/tpo.ts'
import { named } from './candidates.ts'
import type { TakeStep } from './deps.ts'
import { warnings } from './warnings.ts'

/** Scores the drawn candidates with the reward model; empty ones stay without a reward. */
export const score: TakeStep = async (state, deps, progress, signal) => {
  const next = nextStep(state)
  const candidates = scorable(state)
  const rewards = await deps.reward.score(
    { ...state.reward, messages: judged(state), candidates: candidates.map(({ text }) => text) },
    signal,
  )
  const scored = candidates.flatMap((candidate, place) => {
    const { reward, detail } = rewards[place] ?? {}
    if (reward === undefined) return []
    return [{ ...candidate, reward, ...(state.reward.explain && { reward_detail: detail }) }]
  })
  for (const { index, reward } of scored) {
    progress({ type: 'score', iteration: next.iteration, index, reward })
  }
  const byIndex = new Map(scored.map((candidate) => [candidate.index, candidate]))
  const all = state.pending.map((candidate): Candidate => byIndex.get(candidate.index) ?? candidate)
  return {
    state: spend(applyScore(state, scored), { reward_calls: 1 }),
    step: {
      ...named(next),
      candidates: all,
      ...warnings({
        empty_answer: all.length - scored.length,
        reward_truncated: rewards.filter(({ detail }) => detail?.truncated).length,
      }),
    },
  }
}
