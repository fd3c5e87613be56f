import type { ComponentChildren } from 'preact'
import { formatGain } from '../../../common/format.ts'
import { type Change, lineageOf } from '../../state/lineage.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { Markdown } from '../parts/markdown.tsx'
import { PlaceLink } from '../parts/place-link.tsx'
import { ScrollBox } from '../parts/scroll-box.tsx'
import { WordDiff } from '../parts/word-diff.tsx'

/** What became of the first best answer, word by word, and the advice that caused each change. */
export function Changes({ store }: { store: RunStore }) {
  const best = store.run.value?.best ?? null
  if (best === null) return null
  const changes = lineageOf(store.rounds.value, best)
  const [first] = changes
  const last = changes.at(-1)
  if (first === undefined || last === undefined) return null
  const text = words.value.run
  return (
    <section class="changes" aria-labelledby="changes">
      <h2 id="changes">{text.changes}</h2>
      {changes.map((change) => (
        <ChangeView key={change.to.place?.iteration} change={change}>
          <article class="advice">
            <h4>{text.advice}</h4>
            <ScrollBox class="prose" label={text.advice}>
              <Markdown text={change.advice} />
            </ScrollBox>
          </article>
        </ChangeView>
      ))}
      {changes.length > 1 && (
        <ChangeView change={{ from: first.from, to: last.to, advice: '' }}>
          <p class="advice hint">{text.changesInAll}</p>
        </ChangeView>
      )}
    </section>
  )
}

function ChangeView({ change, children }: { change: Change; children: ComponentChildren }) {
  const { from, to } = change
  return (
    <div class="change">
      <h3>
        <VersionName of={from} />
        <span aria-hidden="true">→</span>
        <span class="unseen">{words.value.run.became}</span>
        <VersionName of={to} />
        {from.reward !== null && to.reward !== null && (
          <span class="gain">{words.value.run.gain(formatGain(to.reward - from.reward))}</span>
        )}
      </h3>
      {children}
      <ScrollBox class="change-text" label={words.value.run.changes}>
        <WordDiff before={from.text} after={to.text} />
      </ScrollBox>
    </div>
  )
}

const VersionName = ({ of: { place } }: { of: Change['from'] }) =>
  place === null ? <span>{words.value.run.ownAnswer}</span> : <PlaceLink {...place} />
