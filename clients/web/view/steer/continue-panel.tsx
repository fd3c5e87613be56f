import type { TargetedSubmitEvent } from 'preact'
import type { RunNode, RunRecord } from '../../../common/record.ts'
import { childrenOf } from '../../../common/tree.ts'
import { draftOf, editOf } from '../../state/drafts.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { anchors } from '../run/follow.ts'
import { canCompare, openComparison } from './comparison-choice.ts'
import { EditFields } from './edit-fields.tsx'

/** What can be done where the branch in view ends: change what is next and go on, or branch off. */
export function ContinuePanel({ store }: { store: RunStore }) {
  const record = store.record.value
  const node = store.shown.value
  if (record === null || node === null || store.status.value === 'running') return null
  return (
    <section class="next" id={anchors.next} aria-labelledby="next-title">
      {node.next === null ? (
        <Ended store={store} />
      ) : (
        <Going key={node.id} store={store} record={record} node={node} next={node.next} />
      )}
    </section>
  )
}

function Ended({ store }: { store: RunStore }) {
  const text = words.value.steer
  return (
    <>
      <h2 id="next-title">{text.ended}</h2>
      <p class="hint">{text.endedAbout}</p>
      {canCompare(store) && (
        <div class="next-go">
          <button type="button" class="button" onClick={() => openComparison(store)}>
            {text.compareTwo}
          </button>
        </div>
      )}
    </>
  )
}

interface GoingProps {
  store: RunStore
  record: RunRecord
  node: RunNode
  next: NonNullable<RunNode['next']>
}

function Going({ store, record, node, next }: GoingProps) {
  const text = words.value.steer
  const draft = draftOf(record.id, node.id)
  const edit = editOf(draft.value)
  const followed = childrenOf(record, node.id).length > 0
  const go = (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const { submitter } = event
    const steps =
      submitter instanceof HTMLButtonElement && submitter.value === 'all' ? 'all' : 'one'
    // The button that was pressed goes away while the step is taken.
    document.getElementById(anchors.run)?.focus({ preventScroll: true })
    store.go(node, { steps, ...(edit !== undefined && { edit }) })
  }
  return (
    <form onSubmit={go}>
      <h2 id="next-title">{text.continueHere}</h2>
      <p class="hint">
        {text.next(words.value.run.running(next.iteration, node.run.iterations, next.step))}
      </p>
      <EditFields store={store} record={record} node={node} step={next.step} draft={draft} />
      {store.working.value !== null && <p class="hint">{text.elsewhere}</p>}
      {followed && <p class="hint">{edit === undefined ? text.unchanged : text.sibling}</p>}
      <div class="next-go">
        <button type="submit" value="one" class="button">
          {text.oneStep}
        </button>
        <button type="submit" value="all" class="button strong">
          {text.toTheEnd}
        </button>
        {edit !== undefined && (
          <button
            type="button"
            class="button quiet"
            onClick={() => {
              draft.value = {}
            }}
          >
            {text.reset}
          </button>
        )}
      </div>
    </form>
  )
}
