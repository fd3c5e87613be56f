/** Which ways to an answer a run can be told of, and how many samples each may draw. */
import type { WholeSettings } from '../../common/batch.ts'
import type { ArmName } from './evaluation.ts'

/** Those that take part, with their samples; the contender last. */
export type Arms = ReadonlyMap<ArmName, number>

type Drawing = Pick<WholeSettings, 'mode' | 'samples' | 'iterations'>

/** As many as the run draws in all its iterations, if nothing stops it before. */
export const samplesOf = ({ mode, samples, iterations }: Drawing): number =>
  mode === 'bon' ? samples : samples * (iterations + 1)

/** What the run itself tells, and best-of-N with as many samples where that was run beside it. */
export function armsOf(settings: Drawing, beside: { bestOfN: boolean }): Arms {
  const all = samplesOf(settings)
  const arms = new Map<ArmName, number>([['first_answer', 1]])
  if (settings.mode === 'bon') return arms.set('best_of_n', all)
  arms.set('first_best', settings.samples)
  if (beside.bestOfN) arms.set('best_of_n', all)
  return arms.set('tpo', all)
}
