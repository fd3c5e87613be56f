import { useRef } from 'preact/hooks'
import type { Ranked } from '../../../../shared/client.ts'
import { formatGain, placeName } from '../../../common/format.ts'
import { goOnFrom } from '../../state/question.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Markdown } from '../parts/markdown.tsx'
import { ScrollBox } from '../parts/scroll-box.tsx'
import { RewardButton, scoredAt } from '../steer/reward-button.tsx'

/** The best answer, beside the one that was best before any improvement. */
export function Results({ store }: { store: RunStore }) {
  const best = store.run.value?.best ?? null
  const first = store.firstBest.value
  if (best === null || first === null) return null
  const improved = best.iteration !== first.iteration || best.index !== first.index
  return (
    <div class="results">
      <BestAnswer
        title={store.status.value === 'done' ? words.value.run.best : words.value.run.bestSoFar}
        answer={best}
        store={store}
        gain={improved ? best.reward - first.reward : null}
      />
      {improved && (
        <article class="result" aria-labelledby="first-best">
          <header>
            <h2 id="first-best">{words.value.run.firstBest}</h2>
            <Score answer={first} store={store} />
          </header>
          <p class="hint">{words.value.run.firstBestHint}</p>
          <ScrollBox class="answer" label={words.value.run.firstBest}>
            <Markdown text={first.text} />
          </ScrollBox>
        </article>
      )}
    </div>
  )
}

interface BestAnswerProps {
  title: string
  answer: Ranked
  store: RunStore
  /** Over the first best; null while that one is still the best. */
  gain: number | null
}

function BestAnswer({ title, answer, store, gain }: BestAnswerProps) {
  const text = useRef<HTMLDivElement>(null)
  const rewritten = (store.run.value?.history.length ?? 0) > 1
  return (
    <article class="result is-best" aria-labelledby="best">
      <header>
        <h2 id="best">{title}</h2>
        {gain !== null && <span class="gain">{words.value.run.gain(formatGain(gain))}</span>}
        <Score answer={answer} store={store} />
      </header>
      {gain === null && rewritten && <p class="hint">{words.value.run.stillBest}</p>}
      <div class="answer" ref={text}>
        <Markdown text={answer.text} />
      </div>
      <div class="result-do">
        <CopyButton text={answer.text} shown={text} />
        <button type="button" class="button quiet" onClick={() => followUp(store, answer.text)}>
          {words.value.run.followUp}
        </button>
      </div>
    </article>
  )
}

/** The conversation so far stands before the next question. */
function followUp({ record }: RunStore, answer: string): void {
  if (record.value === null) return
  goOnFrom(record.value.request, answer)
  const box = document.getElementById('question')
  box?.scrollIntoView({ block: 'center' })
  box?.focus({ preventScroll: true })
}

function Score({ answer, store }: { answer: Ranked; store: RunStore }) {
  return (
    <span class="score">
      <span class="place">{placeName(answer.iteration, answer.index)}</span>
      <RewardButton
        reward={answer.reward}
        node={scoredAt(store, answer.iteration)}
        index={answer.index}
      />
    </span>
  )
}
