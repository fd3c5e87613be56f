/**
 * The state machine of a run, as pure functions:
 *
 *     sample → score → (loss → gradient → update → score) × D → done
 *
 * `bon` is D = 0; `revision` differs only in what the loss sees (select.ts).
 */
import { problem } from '../../shared/problems.ts'
import type { Candidate, Next, Run, StartSettings, StepName, Usage } from '../../shared/tpo.ts'
import { select } from './select.ts'
import type { Pending, State } from './state.ts'
import { summarize } from './statistics.ts'

/** What makes a run itself; given, because the algorithm has neither clock nor randomness. */
export interface Identity {
  id: string
  /** ISO 8601, UTC. */
  created_at: string
}

/** The state before the first step. */
export function begin(settings: StartSettings, identity: Identity): State {
  const { query = '', messages = [{ role: 'user' as const, content: query }] } = settings
  return {
    ...identity,
    mode: settings.mode,
    samples: settings.samples,
    iterations: settings.mode === 'bon' ? 0 : settings.iterations,
    seed: settings.seed,
    messages,
    policy: settings.policy,
    critic: settings.critic,
    reward: settings.reward,
    ...(settings.prompts !== undefined && { prompts: settings.prompts }),
    stop: settings.stop,
    strict_reference: settings.strict_reference,
    next: { step: 'sample', iteration: 0 },
    best: null,
    worst: null,
    pending: [],
    loss: null,
    gradient: null,
    history: [],
    usage: { prompt_tokens: 0, completion_tokens: 0, model_calls: 0, reward_calls: 0, seconds: 0 },
  }
}

/** The step that is next, or a `run_finished` problem; with `asked`, a `wrong_step` problem if it is another. */
export function nextStep(state: State, asked?: StepName): Next {
  const { next } = state
  if (next === null) {
    throw problem(
      'run_finished',
      'Every iteration of this run is done; its best answer stands in run.best. Start a new run, or send an earlier cursor.',
    )
  }
  if (asked !== undefined && asked !== next.step) {
    throw problem('wrong_step', `This cursor is before "${next.step}", not before "${asked}".`, {
      expected: next.step,
    })
  }
  return next
}

/** After sample or update: the drawn candidates wait for their rewards. */
export function applyCandidates(state: State, candidates: readonly Pending[]): State {
  const { iteration } = nextStep(state)
  const pending = candidates.map(({ index, text, finish_reason, tokens }) => ({
    index,
    text,
    finish_reason,
    tokens,
  }))
  const { edited: _, ...kept } = state
  return { ...kept, pending, loss: null, gradient: null, next: { step: 'score', iteration } }
}

/** The pending candidates that can be scored: empty answers cannot. */
export const scorable = (state: Pick<State, 'pending'>): Pending[] =>
  state.pending.filter((candidate) => candidate.text !== '')

/** After score: `scored` are the scorable candidates with their rewards. */
export function applyScore(
  state: State,
  scored: readonly (Pick<Candidate, 'index' | 'text'> & { reward: number })[],
): State {
  const { iteration } = nextStep(state)
  const ranked = scored.map(({ text, reward, index }) => ({ text, reward, iteration, index }))
  const summary = summarize(
    iteration,
    scored.map(({ reward }) => reward),
  )
  return {
    ...state,
    ...select(state, ranked),
    pending: [],
    history: [...state.history, summary],
    next: iteration < state.iterations ? { step: 'loss', iteration: iteration + 1 } : null,
  }
}

/** After loss: the critique waits to become advice. */
export function applyLoss(state: State, loss: string): State {
  return { ...state, loss, next: { step: 'gradient', iteration: nextStep(state).iteration } }
}

/** After gradient: the advice waits for the update. */
export function applyGradient(state: State, gradient: string): State {
  return { ...state, gradient, next: { step: 'update', iteration: nextStep(state).iteration } }
}

/** Adds what a step spent. */
export function spend(state: State, spent: Partial<Usage>): State {
  const usage = { ...state.usage }
  for (const key of Object.keys(usage) as (keyof Usage)[]) usage[key] += spent[key] ?? 0
  // Whole milliseconds, so that sums do not carry binary noise.
  usage.seconds = Math.round(usage.seconds * 1000) / 1000
  return { ...state, usage }
}

/** The run as its caller sees it. */
export function toRun(state: State): Run {
  const { id, mode, samples, iterations, best, worst, history, usage, next, stopped } = state
  return {
    id,
    mode,
    samples,
    iterations,
    iteration: reached(state),
    best,
    worst,
    history,
    usage,
    stop_reason: next === null ? (stopped ?? 'iterations') : null,
  }
}

/** The iteration of the last step that was taken; at the end, of the last that was scored. */
function reached({ next, history }: State): number {
  if (next === null) return history.at(-1)?.iteration ?? 0
  return next.step === 'loss' ? next.iteration - 1 : next.iteration
}
