import { formatReward, placeName } from '../../../common/format.ts'
import type { Lane } from '../../state/rounds.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'

interface LaneCardProps {
  iteration: number
  lane: Lane
  store: RunStore
}

/** One candidate: streaming in, then its reward, and whether it is the chosen or rejected one. */
export function LaneCard({ iteration, lane, store }: LaneCardProps) {
  const place = placeName(iteration, lane.index)
  const role = roleOf(iteration, lane, store)
  const running = store.status.value === 'running'
  const writing = lane.finish.value === null && running
  if (lane.finish.value === null && !running && lane.text.value === '') return null
  return (
    <article
      class={`lane ${role === null ? '' : `is-${role}`}`}
      aria-label={words.value.run.answer(place)}
    >
      <header>
        <span class="place">{place}</span>
        {role !== null && <span class="role">{words.value.run[role]}</span>}
        <LaneReward lane={lane} />
      </header>
      <Meter lane={lane} store={store} />
      <Thinking lane={lane} />
      <div class={writing ? 'answer is-writing' : 'answer'}>{lane.text}</div>
      {lane.finish.value !== null && lane.text.value === '' && (
        <p class="cut">{words.value.run.empty}</p>
      )}
      {lane.finish.value === 'length' && <p class="cut">{words.value.run.cutOff}</p>}
    </article>
  )
}

function roleOf(iteration: number, { index }: Lane, { run }: RunStore) {
  const { best = null, worst = null } = run.value ?? {}
  if (best?.iteration === iteration && best.index === index) return 'chosen'
  if (worst?.iteration === iteration && worst.index === index) return 'rejected'
  return null
}

function LaneReward({ lane }: { lane: Lane }) {
  const reward = lane.reward.value
  return reward === null ? (
    <span class="reward is-open">
      <span aria-hidden="true">–</span>
      <span class="unseen">{words.value.run.unscored}</span>
    </span>
  ) : (
    <span class="reward">
      <span class="unseen">{words.value.run.reward} </span>
      {formatReward(reward)}
    </span>
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
  if (lane.thinking.value === '') return null
  return (
    <details class="thinking">
      <summary>{words.value.run.thinking}</summary>
      <div>{lane.thinking}</div>
    </details>
  )
}
