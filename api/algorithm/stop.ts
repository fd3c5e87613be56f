/** When a run ends early. What is returned is the best answer so far, so a run never ends before one is scored. */
import type { StopReason } from '../../shared/stop.ts'
import type { State } from './state.ts'

/** The run at its end, for this reason. */
export const finish = (state: State, stopped: StopReason): State => ({
  ...state,
  next: null,
  stopped,
})

/** The run after a step and what it spent: at its end where a stop says so, else as it is. */
export function conclude(state: State): State {
  const reason = stopReason(state)
  return reason === null ? state : finish(state, reason)
}

/**
 * Rewards are looked at between iterations; budgets between the critic's steps too. Answers that
 * were drawn are always scored: they are paid for, and a reward costs little beside them.
 */
function stopReason({ stop, next, best, history, usage }: State): StopReason | null {
  if (next === null || best === null || next.step === 'score') return null
  const between = next.step === 'loss'
  if (between) {
    if (stop.target_reward !== undefined && best.reward >= stop.target_reward)
      return 'target_reward'
    if (plateaued(stop, history)) return 'plateau'
    const last = history.at(-1)
    const gap = last === undefined || last.count < 2 ? Infinity : last.best - last.worst
    if (stop.min_gap !== undefined && gap < stop.min_gap) return 'small_gap'
  }
  /** An iteration takes no less than the ones before it, on average; one that cannot fit is not begun. */
  const spent = (amount: number, limit: number | undefined) =>
    limit !== undefined &&
    (amount >= limit || (between && amount + amount / history.length > limit))
  if (spent(usage.prompt_tokens + usage.completion_tokens, stop.token_budget)) return 'token_budget'
  if (spent(usage.seconds, stop.deadline)) return 'deadline'
  return null
}

function plateaued({ plateau, min_improvement = 0 }: State['stop'], history: State['history']) {
  if (plateau === undefined || history.length <= plateau) return false
  return highest(history.slice(-plateau)) - highest(history.slice(0, -plateau)) <= min_improvement
}

const highest = (rounds: State['history']) => Math.max(...rounds.map(({ best }) => best))

/** Seconds until the deadline passes inside the next step; undefined where it does not end that step. */
export function secondsLeft({ stop, next, usage }: State): number | undefined {
  if (stop.deadline === undefined || next === null || next.step === 'score') return undefined
  return Math.max(0, stop.deadline - usage.seconds)
}
