import { currentRun } from '../../state/current-run.ts'
import { words } from '../../words/index.ts'
import { Announcer } from '../run/announcer.tsx'
import { RunView } from '../run/run-view.tsx'
import { Composer } from './composer.tsx'
import { HowItWorks } from './how-it-works.tsx'

/** A question, and the run that answers it. */
export function Optimize() {
  const idle = currentRun.status.value === 'idle'
  return (
    <>
      <div class="start">
        <div>
          <div class="intro">
            <h1>{words.value.compose.headline}</h1>
            <p>{words.value.compose.lead}</p>
          </div>
          <Composer store={currentRun} />
        </div>
        <HowItWorks aside={!idle} />
      </div>
      {!idle && <RunView store={currentRun} />}
      <Announcer store={currentRun} />
    </>
  )
}
