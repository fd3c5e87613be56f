import type { Edited } from '../../shared/edit.ts'
import type { Ranked } from '../../shared/tpo.ts'
import type { State } from './state.ts'

type Extremes = Pick<State, 'best' | 'worst'>

/** Folds scored candidates, oldest first, into best (argmax) and worst (argmin); ties keep the older. */
export function select(extremes: Extremes, scored: readonly Ranked[]): Extremes {
  let { best, worst } = extremes
  for (const candidate of scored) {
    if (best === null || candidate.reward > best.reward) best = candidate
    if (worst === null || candidate.reward < worst.reward) worst = candidate
  }
  return { best, worst }
}

type Answer = Pick<Ranked, 'text'>

/** Chosen and rejected of the next textual loss; `rejected` is null where there is nothing to compare. */
export interface Pair {
  chosen: Answer
  rejected: Answer | null
  /** Mode tpo has one answer only: one sample, equal rewards, or equal texts. */
  single: boolean
}

/** The pair this iteration compares: best and worst, or as it was edited. Throws before the first score. */
export function pair(
  state: Pick<State, 'mode' | 'best' | 'worst' | 'edited' | 'strict_reference'>,
): Pair {
  const { mode, best, worst, edited = {}, strict_reference } = state
  if (best === null || worst === null) throw new Error('nothing is scored yet')
  const answerOf = (name: NonNullable<Edited['chosen']>): Answer =>
    typeof name === 'string' ? { best, worst }[name] : name
  const chosen = answerOf(edited.chosen ?? 'best')
  const rejected = answerOf(edited.rejected ?? 'worst')
  // The reference compares an answer with itself.
  const single = mode === 'tpo' && chosen.text === rejected.text && !strict_reference
  return { chosen, rejected: mode === 'tpo' && !single ? rejected : null, single }
}
