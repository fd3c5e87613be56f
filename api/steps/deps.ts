import type { PromptPack } from '../prompts/pack.ts'
import type { Policy } from '../policy/policy.ts'
import type { Reward } from '../reward/reward.ts'
import type { ProgressEvent } from '../../shared/events.ts'
import type { Step } from '../../shared/tpo.ts'
import type { State } from '../algorithm/state.ts'

export interface StepDeps {
  policy: Policy
  reward: Reward
  pack: PromptPack
  /** Milliseconds since the epoch. */
  clock: () => number
}

export type Progress = (event: ProgressEvent) => void

export interface StepResult {
  state: State
  step: Step
}

/** One step: a function of the state, its I/O through `deps`. Throws problems; the state it got stays good. */
export type TakeStep = (
  state: State,
  deps: StepDeps,
  progress: Progress,
  signal: AbortSignal,
) => Promise<StepResult>
