import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { RunTools } from '../library/run-tools.tsx'
import { anchors, useFollow } from './follow.ts'
import { Results } from './results.tsx'
import { RewardCurve } from './reward-curve.tsx'
import { RoundView } from './round-view.tsx'
import { RunBar } from './run-bar.tsx'

export function RunView({ store }: { store: RunStore }) {
  useFollow(store)
  return (
    <section
      class="run"
      id={anchors.run}
      aria-label={words.value.run.run}
      aria-busy={store.status.value === 'running'}
    >
      <RunBar store={store} />
      <RunTools store={store} />
      <Results store={store} />
      <RewardCurve store={store} />
      {store.rounds.value.map((round) => (
        <RoundView key={round.iteration} round={round} store={store} />
      ))}
    </section>
  )
}
