/** How the best answer came about: from which answers, by which advice. */
import type { Ranked } from '../../../shared/client.ts'
import type { Round } from './rounds.ts'

interface Version {
  readonly text: string
  readonly place: { readonly iteration: number; readonly index: number } | null
  /** Null where it was never scored. */
  readonly reward: number | null
}

/** One rewriting: the answer that was chosen, and what it became. */
export interface Change {
  readonly from: Version
  readonly to: Version
  readonly advice: string
}

/** From the first version to `best`; nothing where that was among the first answers. */
export function lineageOf(rounds: readonly Round[], best: Ranked): Change[] {
  const changes: Change[] = []
  let to: Version = { text: best.text, place: best, reward: best.reward }
  while (to.place !== null && to.place.iteration > 0) {
    const { iteration } = to.place
    const round = rounds.find((one) => one.iteration === iteration)
    const chosen = round?.compared.value?.chosen
    if (round === undefined || chosen === undefined) break
    const from: Version = { ...chosen, reward: rewardAt(rounds, chosen.place) }
    changes.unshift({ from, to, advice: round.gradient.value })
    to = from
  }
  return changes
}

const rewardAt = (rounds: readonly Round[], place: Version['place']): number | null =>
  rounds
    .find(({ iteration }) => iteration === place?.iteration)
    ?.lanes.value.find(({ index }) => index === place?.index)?.reward.value ?? null
