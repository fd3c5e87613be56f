import { useSignal } from '@preact/signals'
import { formatGain, formatReward } from '../../../common/format.ts'
import { questionOf } from '../../../common/summary.ts'
import { type BatchRow, failedCount, openRow, type Progress, rows } from '../../state/batch.ts'
import { addressOf } from '../../state/route.ts'
import { words } from '../../words/index.ts'
import { FailureText } from '../parts/failure-text.tsx'

/** Every question and how far it is; the browser lays out only those in sight. */
export function BatchRows() {
  const onlyFailed = useSignal(false)
  const text = words.value.batch
  const failed = failedCount.value
  const shown =
    onlyFailed.value && failed > 0
      ? rows.value.filter(({ progress }) => progress.value.status === 'failed')
      : rows.value
  return (
    <>
      {failed > 0 && (
        <label class="only-failed">
          <input
            type="checkbox"
            checked={onlyFailed.value}
            onChange={({ currentTarget }) => {
              onlyFailed.value = currentTarget.checked
            }}
          />
          {text.onlyFailed}
        </label>
      )}
      <ol class="entries">
        {shown.map((row) => (
          <Row key={row.key} row={row} />
        ))}
      </ol>
    </>
  )
}

function Row({ row }: { row: BatchRow }) {
  const { question, request } = row
  const progress = row.progress.value
  const { best, gain, failure, status } = progress
  const open = async () => {
    const run = await openRow(row)
    if (run !== null) location.hash = addressOf({ tab: 'optimize', run })
  }
  return (
    <li class={`entry batch-row is-${status}`}>
      <button
        type="button"
        class="entry-open-run"
        disabled={progress.taken === 0}
        onClick={() => void open()}
      >
        <span class="entry-question">{questionOf(request)}</span>
        {best !== null && <span class="entry-answer">{best.text}</span>}
      </button>
      <p class="entry-facts">
        <span class="place">{question.id}</span>
        <span>{stateOf(progress)}</span>
      </p>
      <p class="entry-worth">
        {best !== null && <span class="reward">{formatReward(best.reward)}</span>}
        {gain !== null && gain > 0 && <span class="gain">{formatGain(gain)}</span>}
      </p>
      {failure !== null && (
        <div class="row-failure">
          <FailureText failure={failure} />
        </div>
      )}
    </li>
  )
}

function stateOf({ status, next, taken, steps }: Progress): string {
  const text = words.value.batch
  if (status === 'running') return text.working(taken, steps, next?.step ?? null)
  if (status === 'done') return text.done
  if (status === 'failed') return text.failed
  return taken === 0 ? text.waiting : text.leftOff(taken, steps)
}
