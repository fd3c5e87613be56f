import { formatCost, formatCount, formatSeconds } from '../../../common/format.ts'
import { childrenOf } from '../../../common/tree.ts'
import { costOf } from '../../state/prices.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { FailureText } from '../parts/failure-text.tsx'
import { positionName } from '../steer/position-name.ts'

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
            <dt>{words.value.run.tokens}</dt>
          </div>
          <div>
            <dd>{formatCount(store.run.value?.usage.model_calls ?? 0)}</dd>
            <dt>{words.value.run.modelCalls}</dt>
          </div>
          <Cost store={store} />
          <div>
            <dd>{formatSeconds(store.seconds.value)}</dd>
            <dt>{words.value.run.time}</dt>
          </div>
        </dl>
        {status === 'running' && (
          <button type="button" class="button" onClick={store.cancel}>
            {words.value.run.cancel}
          </button>
        )}
        {(status === 'cancelled' || status === 'open') && (
          <button type="button" class="button" onClick={store.resume}>
            {words.value.run.resume}
          </button>
        )}
      </div>
      <progress aria-label={words.value.run.progress} max={1} value={store.progress.value} />
      <FailureNote store={store} />
    </div>
  )
}

/** What the tokens cost so far, where this browser knows the prices. */
function Cost({ store }: { store: RunStore }) {
  const run = store.run.value
  const { prompt_tokens = 0, completion_tokens = 0 } = run?.usage ?? {}
  const written = store.tokens.value - prompt_tokens - completion_tokens
  const cost = costOf(prompt_tokens, completion_tokens + written)
  return cost === null ? null : (
    <div>
      <dd>{formatCost(cost)}</dd>
      <dt>{words.value.run.cost}</dt>
    </div>
  )
}

function state({ status, run, current, record, shown }: RunStore): string {
  const text = words.value.run
  if (status.value === 'cancelled') return text.cancelled
  if (status.value === 'failed') return text.stopped
  if (status.value === 'open') {
    const followed =
      record.value !== null &&
      shown.value !== null &&
      childrenOf(record.value, shown.value.id).length > 0
    return followed ? words.value.steer.at(positionName(shown.value)) : text.open
  }
  if (run.value === null) return text.starting
  if (current.value === null) {
    const reason = run.value.stop_reason
    return reason === null || reason === 'iterations'
      ? text.done
      : `${text.done} · ${text.stopReasons[reason]}`
  }
  return text.running(current.value.iteration, run.value.iterations, current.value.step)
}

function FailureNote({ store }: { store: RunStore }) {
  const failure = store.failure.value
  if (failure === null) return null
  return (
    <div class="failure" role="alert">
      <FailureText failure={failure} />
      <button type="button" class="button" onClick={store.resume}>
        {words.value.run.tryAgain}
      </button>
    </div>
  )
}
