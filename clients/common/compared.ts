import type { Edit, Run } from '../../shared/tpo.ts'

/** Where a candidate stands in its branch. */
export interface CandidatePlace {
  readonly iteration: number
  readonly index: number
}

/** An answer that the textual loss speaks about; a person's own has no place among the drawn. */
export interface Compared {
  readonly text: string
  readonly place: CandidatePlace | null
}

export interface Pair {
  readonly chosen: Compared
  /** Null where the loss sees one answer only. */
  readonly rejected: Compared | null
}

/** What the loss compares that is taken from a position, edited or not; null before the first score. */
export function comparedIn({ best, worst, mode }: Run, edit: Edit = {}): Pair | null {
  if (best === null) return null
  const answer = (wanted: Edit['chosen'], usual: typeof best): Compared => {
    if (typeof wanted === 'object') return { text: wanted.text, place: null }
    const { text, iteration, index } =
      wanted === undefined ? usual : wanted === 'best' ? best : (worst ?? best)
    return { text, place: { iteration, index } }
  }
  const chosen = answer(edit.chosen, best)
  const rejected = answer(edit.rejected, worst ?? best)
  const alone = mode === 'revision' || chosen.text === rejected.text
  return { chosen, rejected: alone ? null : rejected }
}
