import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { RunTools } from '../library/run-tools.tsx'
import { Candidates } from './candidates.tsx'
import { Changes } from './changes.tsx'
import { ContinuePanel } from '../steer/continue-panel.tsx'
import { OpenedSheets } from '../steer/opened-sheets.tsx'
import { Steering } from '../steer/steering.tsx'
import { anchors, useFollow } from './follow.ts'
import { LengthNote } from './length-note.tsx'
import { Results } from './results.tsx'
import { RewardCurve } from './reward-curve.tsx'
import { RoundView } from './round-view.tsx'
import { RunBar } from './run-bar.tsx'
import { Worth } from './worth.tsx'

export function RunView({ store }: { store: RunStore }) {
  useFollow(store)
  const running = store.status.value === 'running'
  return (
    <section
      class="run"
      id={anchors.run}
      tabIndex={-1}
      aria-label={words.value.run.run}
      aria-busy={running}
    >
      <RunBar store={store} />
      <RunTools store={store} />
      <div class="run-body">
        <Steering store={store} />
        <div class="run-main">
          <Results store={store} />
          <LengthNote store={store} />
          <RewardCurve store={store} />
          {!running && (
            <>
              <Changes store={store} />
              <Worth store={store} />
              <Candidates store={store} />
            </>
          )}
          {store.rounds.value.map((round) => (
            <RoundView key={round.iteration} round={round} store={store} />
          ))}
          <ContinuePanel store={store} />
        </div>
      </div>
      <OpenedSheets store={store} />
    </section>
  )
}
