import type { StepName } from '../../shared/tpo.ts'
import { sampling } from './edits.ts'
import type { State } from './state.ts'
import { nextStep } from './transitions.ts'

const stepNumbers: Record<StepName, number> = {
  sample: 0,
  score: 1,
  loss: 2,
  gradient: 3,
  update: 4,
}

/** MurmurHash3's 32-bit finaliser (fmix32, public domain): a bijection that avalanches every bit. */
function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/**
 * The seed of one model call: the finaliser chained over run seed, iteration, step and index, each
 * offset by the golden ratio so that zeros mix too. An integer in 0 … 2³¹−1, which every server takes.
 */
export function seed(runSeed: number, iteration: number, step: StepName, index: number): number {
  const parts = [runSeed, iteration, stepNumbers[step], index]
  return parts.reduce((h, part) => mix(h ^ mix(part + 0x9e3779b9)), 0) & 0x7fffffff
}

/**
 * The seed of each answer of the step that is next, or undefined where it is asked without one. The
 * reference draws every iteration with the run's seed itself, of which vLLM makes those of the other
 * answers as here, and its critic without any.
 */
export function seedsOf(state: State): ((index: number) => number) | undefined {
  const { step, iteration } = nextStep(state)
  const { seed: runSeed } = sampling(state)
  if (!state.strict_reference) return (index) => seed(runSeed, iteration, step, index)
  const draws = step === 'sample' || step === 'update'
  return draws ? (index) => (runSeed + index) & 0x7fffffff : undefined
}
