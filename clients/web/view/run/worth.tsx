import { useMemo } from 'preact/hooks'
import type { Run } from '../../../../shared/client.ts'
import {
  formatCost,
  formatCount,
  formatGain,
  formatReward,
  formatSeconds,
} from '../../../common/format.ts'
import { totalTokens } from '../../../common/iterations.ts'
import { contest, contestIsFor, contestSamples, startContest } from '../../state/contest.ts'
import { costOf } from '../../state/prices.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { FailureText } from '../parts/failure-text.tsx'
import { Markdown } from '../parts/markdown.tsx'
import { ScrollBox } from '../parts/scroll-box.tsx'

/** "Was it worth it?": best-of-N with the same number of samples, one click away. */
export function Worth({ store }: { store: RunStore }) {
  const isFor = useMemo(() => contestIsFor(store), [store])
  const run = store.run.value
  if (run === null || run.best === null || run.mode === 'bon' || run.history.length < 2) return null
  const text = words.value.worth
  const samples = contestSamples(run)
  return (
    <section class="worth" aria-labelledby="worth">
      <h2 id="worth">{text.title}</h2>
      {isFor.value ? (
        <Contest run={run} samples={samples} />
      ) : (
        <div class="worth-offer">
          <p>{text.about(samples)}</p>
          <button type="button" class="button" onClick={() => startContest(store)}>
            {text.compare(samples)}
          </button>
        </div>
      )}
    </section>
  )
}

function Contest({ run, samples }: { run: Run; samples: number }) {
  const text = words.value.worth
  const status = contest.status.value
  const other = contest.run.value
  return (
    <>
      <p class="worth-verdict" role="status">
        {status === 'done' && other !== null ? verdict(run, other, samples) : ''}
        {status === 'running' &&
          (other?.usage.model_calls
            ? text.scoring
            : text.drawing(samples, formatCount(contest.tokens.value)))}
        {status === 'cancelled' && text.cancelled}
      </p>
      {contest.failure.value !== null && (
        <div class="failure" role="alert">
          <FailureText failure={contest.failure.value} />
        </div>
      )}
      {status === 'running' && (
        <button type="button" class="button" onClick={contest.cancel}>
          {words.value.run.cancel}
        </button>
      )}
      {(status === 'cancelled' || status === 'failed') && (
        <button type="button" class="button" onClick={contest.resume}>
          {words.value.run.tryAgain}
        </button>
      )}
      {status === 'done' && other !== null && (
        <div class="worth-sides">
          <Side title={text.thisRun(words.value.compose.modes[run.mode].name)} run={run} />
          <Side title={text.bestOf(samples)} run={other} />
        </div>
      )}
    </>
  )
}

function Side({ title, run }: { title: string; run: Run }) {
  const { best, usage } = run
  const text = words.value.run
  const cost = costOf(usage.prompt_tokens, usage.completion_tokens)
  if (best === null) return null
  return (
    <article class="worth-side" aria-label={title}>
      <header>
        <h3>{title}</h3>
        <span class="reward">
          <span class="unseen">{text.reward} </span>
          {formatReward(best.reward)}
        </span>
      </header>
      <dl class="spent">
        <div>
          <dd>{formatCount(totalTokens(run))}</dd>
          <dt>{text.tokens}</dt>
        </div>
        <div>
          <dd>{formatCount(usage.model_calls)}</dd>
          <dt>{text.modelCalls}</dt>
        </div>
        {cost !== null && (
          <div>
            <dd>{formatCost(cost)}</dd>
            <dt>{text.cost}</dt>
          </div>
        )}
        <div>
          <dd>{formatSeconds(usage.seconds)}</dd>
          <dt>{text.time}</dt>
        </div>
      </dl>
      <ScrollBox class="answer" label={title}>
        <Markdown text={best.text} />
      </ScrollBox>
    </article>
  )
}

function verdict(run: Run, other: Run, samples: number): string {
  const text = words.value.worth
  const ahead = (run.best?.reward ?? Number.NaN) - (other.best?.reward ?? Number.NaN)
  const name = words.value.compose.modes[run.mode].name
  if (Math.abs(ahead) < 0.005) return text.equal
  return ahead > 0
    ? text.worthIt(name, formatGain(ahead), samples)
    : text.notWorthIt(name, formatGain(-ahead), samples)
}
