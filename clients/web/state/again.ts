/** Asking once more with the settings of a run that was. */
import type { StartSettings } from '../../../shared/tpo.ts'
import { nextRun } from './next-run.ts'
import { question, turns } from './question.ts'

/** Fills the composer with a run's question and settings, to be changed before the next start. */
export function askAgain(request: StartSettings): void {
  const { mode, samples, iterations, seed, policy, critic, stop } = request
  const messages = request.messages ?? [{ role: 'user' as const, content: request.query ?? '' }]
  const said = messages.filter(({ role }) => role !== 'system')
  question.value = said.at(-1)?.content ?? ''
  turns.value = said.slice(0, -1)
  const system = messages.filter(({ role }) => role === 'system')
  nextRun.system.value = system.map(({ content }) => content).join('\n\n')
  nextRun.mode.value = mode
  nextRun.samples.value = samples
  nextRun.iterations.value = iterations
  nextRun.seed.value = seed
  nextRun.temperature.value = policy.temperature
  nextRun.topP.value = policy.top_p
  nextRun.maxTokens.value = policy.max_tokens
  nextRun.criticTemperature.value = critic.temperature
  nextRun.criticTopP.value = critic.top_p
  nextRun.criticMaxTokens.value = critic.max_tokens
  nextRun.plateau.value = stop.plateau
  nextRun.minImprovement.value = stop.min_improvement
  nextRun.targetReward.value = stop.target_reward
  nextRun.minGap.value = stop.min_gap
  nextRun.tokenBudget.value = stop.token_budget
  nextRun.deadline.value = stop.deadline
}
