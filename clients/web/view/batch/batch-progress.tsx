import { formatCount, formatGain, formatReward, formatSeconds } from '../../../common/format.ts'
import type { QuestionResult } from '../../../common/export/results.ts'
import {
  batchName,
  batchStatus,
  elsewhere,
  pauseBatch,
  resultLines,
  resultPairs,
  resultTable,
  resumeBatch,
  retryFailed,
  stoppedBy,
  totals,
} from '../../state/batch.ts'
import { download } from '../../state/download.ts'
import type { Failure } from '../../state/failure.ts'
import { words } from '../../words/index.ts'
import { FailureText } from '../parts/failure-text.tsx'
import { Menu } from '../parts/menu.tsx'

/** How far the batch is, what it has come to, and how to stop and continue it. */
export function BatchProgress({ onNew }: { onNew: () => void }) {
  const text = words.value.batch
  const status = batchStatus.value
  const { failed, share } = totals.value
  const rests = status === 'paused' || status === 'done'
  return (
    <section
      class={`batch-progress is-${status === 'pausing' ? 'running' : status}`}
      aria-label={text.progress}
    >
      <div class="run-bar-row">
        <p class="run-state" role="status">
          {batchName.value} · {status === 'none' ? '' : text.status[status]}
        </p>
        {status === 'running' && (
          <button type="button" class="button" onClick={pauseBatch}>
            {text.pause}
          </button>
        )}
        {status === 'paused' && (
          <button type="button" class="button strong" onClick={() => void resumeBatch()}>
            {text.resume}
          </button>
        )}
        {rests && failed > 0 && (
          <button type="button" class="button" onClick={() => void retryFailed()}>
            {text.retry(failed)}
          </button>
        )}
        <Downloads />
        {rests && (
          <button type="button" class="button" onClick={onNew}>
            {text.new}
          </button>
        )}
      </div>
      <progress aria-label={text.progress} max={1} value={share} />
      <Numbers />
      {elsewhere.value && (
        <p class="kept-note" role="status">
          {text.elsewhere}
        </p>
      )}
      {stoppedBy.value !== null && (
        <div class="failure" role="alert">
          <FailureText failure={stoppedBy.value} />
          <p>{text.stopped}</p>
        </div>
      )}
    </section>
  )
}

function Numbers() {
  const text = words.value.batch
  const { all, done, failed, tokens, meanReward, meanGain, rate, secondsLeft } = totals.value
  const working = batchStatus.value === 'running'
  const numbers: [name: string, value: string | null][] = [
    [text.done, text.ofAll(done, all)],
    [text.failed, failed === 0 ? null : formatCount(failed)],
    [text.meanReward, meanReward === null ? null : formatReward(meanReward)],
    [text.meanGain, meanGain === null ? null : formatGain(meanGain)],
    [text.tokens, formatCount(tokens)],
    [text.rate, working && rate !== null ? rate.toFixed(1) : null],
    [text.left, working && secondsLeft !== null ? formatSeconds(secondsLeft) : null],
  ]
  return (
    <dl class="numbers">
      {numbers.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

function Downloads() {
  const { download: label, downloads } = words.value.batch
  const name = batchName.value.replace(/\.[^.]*$/, '')
  const jsonl = async () => download(`${name}-results.jsonl`, await resultLines(nameFailure))
  const csv = async () => download(`${name}-results.csv`, [await resultTable(nameFailure)])
  const pairs = async () => download(`${name}-pairs.jsonl`, await resultPairs())
  return (
    <Menu
      label={label}
      items={[
        { ...downloads.jsonl, choose: () => void jsonl() },
        { ...downloads.csv, choose: () => void csv() },
        { ...downloads.preferences, choose: () => void pairs() },
      ]}
    />
  )
}

function nameFailure(failure: Failure): QuestionResult['failure'] {
  const { problems, shell } = words.value
  if (failure.kind === 'problem') {
    const { code, detail } = failure
    return { title: problems[code], detail, code }
  }
  return { title: shell.unexpected, detail: shell.unexpectedDetail, code: null }
}
