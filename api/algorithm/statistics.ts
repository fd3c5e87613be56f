import type { IterationSummary } from '../../shared/tpo.ts'

/** Mean, extremes and population standard deviation of one iteration's rewards (at least one). */
export function summarize(iteration: number, rewards: readonly number[]): IterationSummary {
  const count = rewards.length
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / count
  const variance = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / count
  return {
    iteration,
    mean,
    best: Math.max(...rewards),
    worst: Math.min(...rewards),
    std: Math.sqrt(variance),
    count,
  }
}
