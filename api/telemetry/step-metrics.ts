/** Steps, how runs end, and what an iteration brings, as metrics. */
import { counter, histogram } from '../../shared/telemetry/measured.ts'
import { attribute, metric } from '../../shared/telemetry/names.ts'
import { failure } from '../../shared/telemetry/traced.ts'
import type { State } from '../algorithm/state.ts'
import { nextStep } from '../algorithm/transitions.ts'
import type { TakeStep } from '../steps/deps.ts'

const duration = histogram(
  metric.stepDuration,
  [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000],
  { description: 'Seconds of a step that was taken; steps by name and outcome', unit: 's' },
)
const runs = counter(metric.runs, { description: 'Runs that came to their end, by why it came' })
/** The first bound tells iterations that brought nothing from the others, whatever the scale. */
const gain = histogram(metric.rewardGain, [0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100], {
  description: 'By how much an iteration raised the best reward of its run; 0 where it did not',
})

/** Runs may have a hundred iterations; those after so many are told apart no more. */
const mostIterations = 8

/** A step that is answered from memory is not taken, so it counts once. */
export const measuredStep =
  (take: TakeStep): TakeStep =>
  async (state, deps, progress, signal) => {
    const { step } = nextStep(state)
    const ofStep = { [attribute.step]: step, [attribute.mode]: state.mode }
    const began = performance.now()
    const over = (how = {}) => duration((performance.now() - began) / 1000, { ...ofStep, ...how })
    try {
      const result = await take(state, deps, progress, signal)
      over()
      brought(state, result.state)
      return result
    } catch (error) {
      over(failure(error, signal))
      throw error
    }
  }

function brought(before: State, { mode, best, next, stopped, history }: State): void {
  if (history.length > before.history.length && best !== null && before.best !== null) {
    const iteration = history.length - 1
    gain(best.reward - before.best.reward, {
      [attribute.mode]: mode,
      [attribute.iteration]: iteration < mostIterations ? String(iteration) : `${mostIterations}+`,
    })
  }
  if (next === null) {
    runs(1, { [attribute.mode]: mode, [attribute.stopReason]: stopped ?? 'iterations' })
  }
}
