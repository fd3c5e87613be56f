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

/** Chosen and rejected of the next textual loss; `rejected` is null where there is nothing to compare. */
export interface Pair {
  chosen: Ranked
  rejected: Ranked | null
  /** Mode tpo has one answer only: one sample, equal rewards, or equal texts. */
  single: boolean
}

/** The pair the next textual loss compares. Throws before the first score. */
export function pair({ mode, best, worst }: Pick<State, 'mode' | 'best' | 'worst'>): Pair {
  if (best === null || worst === null) throw new Error('nothing is scored yet')
  const single = mode === 'tpo' && best.text === worst.text
  return { chosen: best, rejected: mode === 'tpo' && !single ? worst : null, single }
}
