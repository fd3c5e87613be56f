/** What became of an answer: which comparisons it stood in, and whether it is the best one. */
import type { Run } from '../../../shared/client.ts'
import type { Compared } from '../../common/compared.ts'
import type { Round } from './rounds.ts'

export interface Roles {
  readonly best: boolean
  /** The iterations whose critique took it as the chosen answer. */
  readonly chosenFor: readonly number[]
  readonly rejectedFor: readonly number[]
}

interface Place {
  readonly iteration: number
  readonly index: number
}

export const samePlace = (one: Place | null | undefined, other: Place | null | undefined) =>
  one != null && other != null && one.iteration === other.iteration && one.index === other.index

export function rolesOf(place: Place, rounds: readonly Round[], run: Run | null): Roles {
  const iterationsWhere = (answer: (round: Round) => Compared | null | undefined) =>
    rounds
      .filter((round) => samePlace(answer(round)?.place, place))
      .map(({ iteration }) => iteration)
  return {
    best: samePlace(run?.best, place),
    chosenFor: iterationsWhere(({ compared }) => compared.value?.chosen),
    rejectedFor: iterationsWhere(({ compared }) => compared.value?.rejected),
  }
}
