import { conclude } from '../algorithm/stop.ts'
import { nextStep, spend } from '../algorithm/transitions.ts'
import type { StepName } from '../../shared/tpo.ts'
import { withinDeadline } from './deadline.ts'
import type { TakeStep } from './deps.ts'
import { gradient } from './gradient.ts'
import { loss } from './loss.ts'
import { sample } from './sample.ts'
import { score } from './score.ts'
import { update } from './update.ts'

const steps: Record<StepName, TakeStep> = { sample, score, loss, gradient, update }

/** Takes the step that is next, with its time in the run's usage, and ends the run where a stop says so. Throws `run_finished` at the end. */
export const takeStep: TakeStep = async (state, deps, progress, signal) => {
  const { step, iteration } = nextStep(state)
  const began = deps.clock()
  progress({ type: 'step_started', step, iteration })
  const result = await withinDeadline(steps[step])(state, deps, progress, signal)
  const spent = spend(result.state, { seconds: (deps.clock() - began) / 1000 })
  return { ...result, state: conclude(spent) }
}
