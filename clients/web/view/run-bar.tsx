import { formatCount, formatSeconds } from '../../common/format.ts'
import type { RunStore } from '../run-store.ts'
import { texts } from '../texts.ts'

/** Where the run is, what it has taken so far, and the way to stop or continue it. */
export function RunBar({ store }: { store: RunStore }) {
  const status = store.status.value
  return (
    <div class={`run-bar is-${status}`}>
      <div class="run-bar-row">
        <p class="run-state">{state(store)}</p>
        <dl class="spent">
          <div>
            <dd>{formatCount(store.tokens.value)}</dd>
            <dt>{texts.tokens}</dt>
          </div>
          <div>
            <dd>{formatCount(store.run.value?.usage.model_calls ?? 0)}</dd>
            <dt>{texts.modelCalls}</dt>
          </div>
          <div>
            <dd>{formatSeconds(store.seconds.value)}</dd>
            <dt>{texts.time}</dt>
          </div>
        </dl>
        {status === 'running' && (
          <button type="button" class="button" onClick={store.cancel}>
            {texts.cancel}
          </button>
        )}
        {status === 'cancelled' && (
          <button type="button" class="button" onClick={store.resume}>
            {texts.resume}
          </button>
        )}
      </div>
      <progress aria-label={texts.progress} max={1} value={store.progress.value} />
      <FailureNote store={store} />
    </div>
  )
}

function state({ status, run, current }: RunStore): string {
  if (status.value === 'done') return texts.done
  if (status.value === 'cancelled') return texts.cancelled
  if (status.value === 'failed') return texts.stopped
  if (run.value === null || current.value === null) return texts.starting
  return texts.running(current.value.iteration, run.value.iterations, current.value.step)
}

function FailureNote({ store }: { store: RunStore }) {
  const failure = store.failure.value
  if (failure === null) return null
  return (
    <div class="failure" role="alert">
      <div>
        <p class="failure-title">{failure.title}</p>
        <p>
          {failure.detail} {failure.code !== null && <code>{failure.code}</code>}
        </p>
      </div>
      <button type="button" class="button" onClick={store.resume}>
        {texts.tryAgain}
      </button>
    </div>
  )
}
