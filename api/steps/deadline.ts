/** A step whose end is the run's deadline at the latest. */
import { problem } from '../../shared/problems.ts'
import type { Candidate, Usage } from '../../shared/tpo.ts'
import { sampling } from '../algorithm/edits.ts'
import type { State } from '../algorithm/state.ts'
import { finish, secondsLeft } from '../algorithm/stop.ts'
import { applyCandidates, nextStep, scorable, spend } from '../algorithm/transitions.ts'
import { timeoutAfter } from '../upstream.ts'
import { named } from './candidates.ts'
import type { Progress, StepResult, TakeStep } from './deps.ts'
import { warnings } from './warnings.ts'

/**
 * The step, ended when the deadline passes: answers that are complete by then go on to be scored;
 * without any, and for a critique that is not complete, the run ends with the best answer so far.
 * Throws `policy_timeout` where there is no answer yet at all.
 */
export const withinDeadline =
  (take: TakeStep): TakeStep =>
  async (state, deps, progress, signal) => {
    const seconds = secondsLeft(state)
    if (seconds === undefined) return take(state, deps, progress, signal)
    const deadline = timeoutAfter(seconds)
    const heard = listener(progress)
    try {
      return await take(state, deps, heard.progress, AbortSignal.any([signal, deadline]))
    } catch (error) {
      if (signal.aborted || !deadline.aborted) throw error
      return cut(state, heard.candidates(), heard.usage())
    }
  }

/** What was heard of a step that never came to its end; the server did not get to count its tokens. */
function listener(progress: Progress) {
  const candidates = new Map<number, Candidate>()
  const tokens = new Map<number, number>()
  return {
    progress: ((event) => {
      // Servers stream a token at a time, or nearly so.
      if (event.type === 'delta') tokens.set(event.index, (tokens.get(event.index) ?? 0) + 1)
      if (event.type === 'candidate') {
        candidates.set(event.candidate.index, event.candidate)
        tokens.set(event.candidate.index, event.candidate.tokens)
      }
      progress(event)
    }) satisfies Progress,
    candidates: () => [...candidates.values()].sort((a, b) => a.index - b.index),
    usage: (): Partial<Usage> => ({
      completion_tokens: [...tokens.values()].reduce((sum, count) => sum + count, 0),
      model_calls: tokens.size === 0 ? 0 : 1,
    }),
  }
}

function cut(state: State, candidates: readonly Candidate[], usage: Partial<Usage>): StepResult {
  const next = nextStep(state)
  const draws = next.step === 'sample' || next.step === 'update'
  const drawn = scorable({ pending: [...candidates] }).length > 0
  if (!drawn && state.best === null) {
    throw problem(
      'policy_timeout',
      `Not one answer was complete within the deadline of ${state.stop.deadline} s. Start a run with a later stop.deadline, or a smaller policy.max_tokens.`,
    )
  }
  const missing = draws ? sampling(state).samples - candidates.length : 1
  return {
    state: spend(drawn ? applyCandidates(state, candidates) : finish(state, 'deadline'), usage),
    step: {
      ...named(next),
      ...(draws && { candidates: [...candidates] }),
      ...warnings({
        cut_by_deadline: missing,
        cut_by_length: candidates.filter(({ finish_reason }) => finish_reason === 'length').length,
      }),
    },
  }
}
