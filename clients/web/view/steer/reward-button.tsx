import { formatReward } from '../../../common/format.ts'
import type { RunStore } from '../../state/runs.ts'
import { provenance } from '../../state/sheets.ts'
import { words } from '../../words/index.ts'

interface RewardButtonProps {
  reward: number
  /** The score step that came to this position; without one, nothing can be told of the reward. */
  node: string | undefined
  index: number
}

/** A reward that opens its provenance. */
export function RewardButton({ reward, node, index }: RewardButtonProps) {
  const text = (
    <>
      <span class="unseen">{words.value.run.reward} </span>
      {formatReward(reward)}
    </>
  )
  if (node === undefined) return <span class="reward">{text}</span>
  return (
    <button
      type="button"
      class="reward"
      title={words.value.steer.showProvenance}
      onClick={() => {
        provenance.value = { node, index }
      }}
    >
      {text}
    </button>
  )
}

/** The position at which an iteration of the branch in view was scored. */
export const scoredAt = ({ rounds }: RunStore, iteration: number): string | undefined =>
  rounds.value.find((round) => round.iteration === iteration)?.nodes.value.score
