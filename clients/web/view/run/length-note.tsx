import { lengthTrend } from '../../../common/length.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'

/** Says when rewards rise along with length, where hacking of the reward model shows first. */
export function LengthNote({ store }: { store: RunStore }) {
  // Only once a round is scored: not with every word that is written.
  if (store.run.value === null || store.run.value.history.length < 2) return null
  const trend = lengthTrend(
    store.rounds.value.flatMap(({ iteration, lanes }) =>
      lanes.value.flatMap(({ text, reward }) =>
        reward.value === null
          ? []
          : [{ iteration, reward: reward.value, length: text.peek().length }],
      ),
    ),
  )
  if (trend === null) return null
  return (
    <p class="warning length-note">
      {words.value.run.lengthTrend(Math.round(trend.growth * 100), trend.correlation.toFixed(2))}
    </p>
  )
}
