import { useEffect, useMemo } from 'preact/hooks'
import { questionOf } from '../../../common/summary.ts'
import { createReplay, type Replay } from '../../state/replay.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { bringIntoView } from '../run/follow.ts'
import { ExportMenu } from './export-menu.tsx'

/** What one can do with a run besides going on: show it again, and take it away. */
export function RunTools({ store }: { store: RunStore }) {
  const replay = useMemo(() => createReplay(store), [store])
  useEffect(() => replay.dispose, [replay])
  if (replay.length.value !== null) return <ReplayBar store={store} replay={replay} />
  const record = store.record.value
  const replayable = store.status.value !== 'running' && store.path.value.length > 1
  return (
    <div class="run-tools">
      {record !== null && <p class="run-question">{questionOf(record.request)}</p>}
      {replayable && (
        <button type="button" class="button" onClick={replay.begin}>
          {words.value.library.replay}
        </button>
      )}
      <ExportMenu store={store} />
    </div>
  )
}

function ReplayBar({ store, replay }: { store: RunStore; replay: Replay }) {
  const { library } = words.value
  const length = replay.length.value ?? 0
  const place = replay.place.value
  const step = store.shown.value?.step ?? null
  const position = library.position(place, length, step?.name ?? null, step?.iteration ?? 0)
  useEffect(() => {
    if (step !== null) bringIntoView({ step: step.name, iteration: step.iteration })
  }, [step])
  return (
    <section class="replay" aria-label={library.replayBar}>
      <button
        type="button"
        class="button"
        onClick={replay.playing.value ? replay.pause : replay.play}
      >
        {replay.playing.value ? library.pause : library.play}
      </button>
      <input
        type="range"
        min={0}
        max={length}
        value={place}
        aria-label={library.replay}
        aria-valuetext={position}
        onInput={({ currentTarget }) => replay.seek(currentTarget.valueAsNumber)}
      />
      <p>{position}</p>
      <button type="button" class="button" onClick={replay.end}>
        {library.end}
      </button>
    </section>
  )
}
