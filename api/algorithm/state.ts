import { z } from 'zod'
import { StopReason } from '../../shared/stop.ts'
import { Candidate, InspectAnswer, Run } from '../../shared/tpo.ts'

/** A candidate as the state keeps it: without its thinking text, which nothing reads again. */
export const Pending = Candidate.omit({ thinking: true, reward: true, reward_detail: true })
export type Pending = z.infer<typeof Pending>

const run = Run.shape
const settings = InspectAnswer.shape

/**
 * The minimal sufficient state of a run: all that its remaining steps depend on, so a cursor holds
 * exactly this. Candidates that have been scored and are neither best nor worst are gone.
 */
export const State = z.object({
  id: run.id,
  created_at: settings.created_at,
  mode: run.mode,
  samples: run.samples,
  iterations: run.iterations,
  seed: settings.seed,
  messages: settings.messages,
  policy: settings.policy,
  critic: settings.critic,
  reward: settings.reward,
  /** Templates of the run's own; the others are this server's. */
  prompts: settings.prompts,
  stop: settings.stop,
  strict_reference: settings.strict_reference,
  next: settings.next,
  /** Why the run ended before its last iteration, where it did. */
  stopped: StopReason.optional(),
  /** Highest reward over all candidates seen so far; the oldest of equals. */
  best: run.best,
  /** Lowest reward over all candidates seen so far; the oldest of equals. */
  worst: run.worst,
  /** Drawn and not yet scored; an empty text marks an empty answer, which never is. */
  pending: z.array(Pending),
  loss: settings.loss,
  gradient: settings.gradient,
  /** Shapes the current iteration only: gone once its answers are drawn. */
  edited: settings.edited,
  history: run.history,
  usage: run.usage,
})
export type State = z.infer<typeof State>
