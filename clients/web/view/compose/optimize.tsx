import { useEffect } from 'preact/hooks'
import { currentRun } from '../../state/current-run.ts'
import { words } from '../../words/index.ts'
import { KeptNote } from '../library/kept-note.tsx'
import { Announcer } from '../run/announcer.tsx'
import { anchors } from '../run/follow.ts'
import { RunView } from '../run/run-view.tsx'
import { Composer } from './composer.tsx'
import { HowItWorks } from './how-it-works.tsx'

/** A question, and the run that answers it. */
export function Optimize() {
  const idle = currentRun.status.value === 'idle'
  const opened = currentRun.record.value?.id ?? null
  useEffect(() => {
    // A run that was kept is what one came for; one that begins is followed step by step.
    if (opened === null || currentRun.status.peek() === 'running') return
    document.getElementById(anchors.run)?.scrollIntoView()
  }, [opened])
  return (
    <>
      <div class={idle ? 'start' : 'start is-aside'}>
        <div>
          <div class="intro">
            <h1 class={idle ? '' : 'unseen'}>{words.value.compose.headline}</h1>
            {idle && <p>{words.value.compose.lead}</p>}
          </div>
          <Composer store={currentRun} />
        </div>
        {idle && <HowItWorks />}
      </div>
      <KeptNote />
      {!idle && <RunView store={currentRun} />}
      <Announcer store={currentRun} />
    </>
  )
}
