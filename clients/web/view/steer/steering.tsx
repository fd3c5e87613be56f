import { signal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { RunRecord } from '../../../common/record.ts'
import { leavesOf } from '../../../common/tree.ts'
import { askAgain } from '../../state/again.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { anchors } from '../run/follow.ts'
import { canCompare, openComparison } from './comparison-choice.ts'
import { positionName } from './position-name.ts'
import { StepTree } from './step-tree.tsx'

/** Whether the tree has a column of its own; else it folds out. */
const beside = matchMedia('(width >= 72rem)')
const wide = signal(beside.matches)
beside.addEventListener('change', ({ matches }) => {
  wide.value = matches
})

/** The tree of steps beside a run, or folded away above it. */
export function Steering({ store }: { store: RunStore }) {
  const fold = useRef<HTMLDetailsElement>(null)
  const record = store.record.value
  if (record === null) return null
  const text = words.value.steer
  if (wide.value) {
    return (
      <nav class="steps" aria-label={text.tree}>
        <header>
          <h2>{text.tree}</h2>
          <span class="hint">{extent(record)}</span>
        </header>
        <StepTree store={store} record={record} onPick={toTheNext} />
        <Actions store={store} record={record} />
      </nav>
    )
  }
  return (
    <details class="steps is-folded" ref={fold}>
      <summary>
        <span class="steps-title">{text.tree}</span>
        <span class="hint">
          {store.shown.value !== null && `${positionName(store.shown.value)} · `}
          {extent(record)}
        </span>
      </summary>
      <StepTree
        store={store}
        record={record}
        onPick={() => {
          if (fold.current !== null) fold.current.open = false
          toTheNext()
        }}
      />
      <Actions store={store} record={record} />
    </details>
  )
}

function Actions({ store, record }: { store: RunStore; record: RunRecord }) {
  const text = words.value.steer
  return (
    <div class="steps-go">
      {canCompare(store) && (
        <button type="button" class="button" onClick={() => openComparison(store)}>
          {text.compare}
        </button>
      )}
      <button
        type="button"
        class="button"
        onClick={() => {
          askAgain(record.request)
          document.getElementById('question')?.focus()
        }}
      >
        {text.again}
      </button>
    </div>
  )
}

const extent = (record: RunRecord) => {
  const ends = leavesOf(record)
  return words.value.steer.positions(record.nodes.length, ends.length)
}

/** What a position came to stands last, with what can be done next. */
function toTheNext(): void {
  requestAnimationFrame(() => {
    document.getElementById(anchors.next)?.scrollIntoView({ block: 'nearest' })
  })
}
