import { placeName } from '../../../common/format.ts'
import { rolesOf } from '../../state/roles.ts'
import type { Lane } from '../../state/rounds.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { Markdown } from '../parts/markdown.tsx'
import { laneId } from '../parts/place-link.tsx'
import { ScrollBox } from '../parts/scroll-box.tsx'
import { RewardButton, scoredAt } from '../steer/reward-button.tsx'

interface LaneCardProps {
  iteration: number
  lane: Lane
  store: RunStore
}

/** One candidate: streaming in, then its reward, and which part it had in the comparisons. */
export function LaneCard({ iteration, lane, store }: LaneCardProps) {
  const running = store.status.value === 'running'
  const finished = lane.finish.value !== null
  const started = lane.started.value
  if (!finished && !running && !started) return null
  const place = placeName(iteration, lane.index)
  const { best, chosenFor, rejectedFor } = rolesOf(
    { iteration, index: lane.index },
    store.rounds.value,
    store.run.value,
  )
  const look = best
    ? 'is-best'
    : chosenFor.length > 0
      ? 'is-chosen'
      : rejectedFor.length > 0
        ? 'is-rejected'
        : ''
  const text = words.value.run
  return (
    <article
      class={`lane ${look}`}
      id={laneId(iteration, lane.index)}
      tabIndex={-1}
      aria-label={text.answer(place)}
    >
      <header>
        <span class="place">{place}</span>
        <span class="roles">
          {best && <span class="role is-best">{text.bestShort}</span>}
          {chosenFor.length > 0 && <span class="role is-chosen">{text.chosenFor(chosenFor)}</span>}
          {rejectedFor.length > 0 && (
            <span class="role is-rejected">{text.rejectedFor(rejectedFor)}</span>
          )}
        </span>
        <LaneReward iteration={iteration} lane={lane} store={store} />
      </header>
      <Meter lane={lane} store={store} />
      <Thinking lane={lane} />
      <ScrollBox
        class={!finished && running ? 'answer is-writing' : 'answer'}
        label={text.answer(place)}
      >
        <Markdown text={lane.text} />
      </ScrollBox>
      {finished && !started && <p class="cut">{text.empty}</p>}
      {lane.finish.value === 'length' && <p class="cut">{text.cutOff}</p>}
    </article>
  )
}

function LaneReward({ iteration, lane, store }: LaneCardProps) {
  const reward = lane.reward.value
  return reward === null ? (
    <span class="reward is-open">
      <span aria-hidden="true">–</span>
      <span class="unseen">{words.value.run.unscored}</span>
    </span>
  ) : (
    <RewardButton reward={reward} node={scoredAt(store, iteration)} index={lane.index} />
  )
}

/** Where this reward stands among all rewards of the run. */
function Meter({ lane, store }: Pick<LaneCardProps, 'lane' | 'store'>) {
  const reward = lane.reward.value
  const { low, high } = store.rewardRange.value
  const share = reward === null ? 0 : 0.04 + (0.96 * (reward - low)) / (high - low || 1)
  return (
    <svg class="meter" aria-hidden="true">
      <rect width={`${(share * 100).toFixed(1)}%`} height="100%" />
    </svg>
  )
}

function Thinking({ lane }: { lane: Lane }) {
  if (!lane.thinks.value) return null
  return (
    <details class="thinking">
      <summary>{words.value.run.thinking}</summary>
      <div>{lane.thinking}</div>
    </details>
  )
}
