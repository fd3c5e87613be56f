import { useComputed, useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { formatGain, formatReward } from '../../../common/format.ts'
import { outline, type OutlineRow } from '../../../common/outline.ts'
import type { RunNode, RunRecord } from '../../../common/record.ts'
import { childrenOf, nodeOf } from '../../../common/tree.ts'
import type { Edit } from '../../../../shared/client.ts'
import type { RunStore } from '../../state/runs.ts'
import { anatomy } from '../../state/sheets.ts'
import { words } from '../../words/index.ts'
import { anchors } from '../run/follow.ts'
import { canCompare, openComparison } from './comparison-choice.ts'
import { positionName } from './position-name.ts'
import { treeMove } from './tree-keys.ts'

interface StepTreeProps {
  store: RunStore
  record: RunRecord
  /** A position was chosen with a pointer. */
  onPick?: () => void
}

const deepest = 6

/** Every position of the run; the one in view is selected, and moving selects. */
export function StepTree({ store, record, onPick }: StepTreeProps) {
  const list = useRef<HTMLUListElement>(null)
  const folded = useSignal<ReadonlySet<string>>(new Set())
  const rows = useComputed(() =>
    store.record.value === null ? [] : outline(store.record.value, folded.value),
  ).value
  const text = words.value.steer

  // Of a position inside a folded fork, the fork.
  const at = store.path.value.findLast(({ id }) => rows.some(({ node }) => node.id === id))?.id
  const byKey = useRef(false)
  // At once, so that the next key comes to the new row.
  useLayoutEffect(() => {
    const row = list.current?.querySelector<HTMLElement>('[tabindex="0"]')
    if (row == null || list.current === null) return
    reveal(list.current, row)
    if (byKey.current) row.focus({ preventScroll: true })
    byKey.current = false
  }, [at, rows.length])

  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    if (at === undefined) return
    const act = actionOf(event.key, store, nodeOf(record, at))
    const move = act === null ? treeMove(event.key, record, rows, at, folded.value) : null
    if (act === null && move === null) return
    event.preventDefault()
    act?.()
    if (move === null) return
    byKey.current = true
    if ('to' in move) store.show(move.to)
    else {
      const others = [...folded.value].filter((id) => id !== move.fold)
      folded.value = new Set(move.folded ? [...others, move.fold] : others)
      // Who folds a fork that he is inside of comes to stand on it.
      store.show(move.fold)
    }
  }

  return (
    <>
      <ul class="tree" role="tree" aria-label={text.tree} ref={list} onKeyDown={key}>
        {rows.map((row) => (
          <TreeRow
            key={row.node.id}
            row={row}
            folded={folded.value.has(row.node.id)}
            last={isLast(record, row)}
            before={row.node.parent === null ? null : nodeOf(record, row.node.parent)}
            store={store}
            reachable={row.node.id === at}
            pick={() => {
              store.show(row.node.id)
              onPick?.()
            }}
            fold={() => {
              const others = [...folded.value].filter((id) => id !== row.node.id)
              const closed = others.length < folded.value.size
              folded.value = new Set(closed ? others : [...others, row.node.id])
            }}
          />
        ))}
      </ul>
      <p class="tree-keys">
        <span class="unseen">{text.keysAbout} </span>
        {text.keys.map(([key, does]) => (
          <span key={key}>
            {key.split(' ').map((one) => (
              <kbd key={one}>{one}</kbd>
            ))}{' '}
            {does}
          </span>
        ))}
      </p>
    </>
  )
}

/** What the other keys do. */
function actionOf(key: string, store: RunStore, { step }: RunNode): (() => void) | null {
  if (key === 'Enter' || key === ' ') return () => scrollToStep(step?.iteration)
  if (key === 'e') return focusEdit
  if (key === 'c' && canCompare(store)) return () => openComparison(store)
  if (key === 'a' && step !== null) {
    return () => {
      anatomy.value = step.iteration
    }
  }
  return null
}

function scrollToStep(iteration: number | undefined): void {
  const id = iteration === undefined ? anchors.run : anchors.round(iteration)
  document.getElementById(id)?.scrollIntoView({ block: 'start' })
}

function focusEdit(): void {
  const panel = document.getElementById(anchors.next)
  panel?.querySelector<HTMLElement>('textarea, select, input, button')?.focus()
}

/** Scrolls the list and nothing around it. */
function reveal(list: HTMLElement, row: HTMLElement): void {
  const [inner, outer] = [row.getBoundingClientRect(), list.getBoundingClientRect()]
  if (inner.top < outer.top) list.scrollTop -= outer.top - inner.top
  else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom
}

interface TreeRowProps {
  row: OutlineRow
  folded: boolean
  /** Whether its line ends here. */
  last: boolean
  before: RunNode | null
  store: RunStore
  /** Whether the Tab key comes here. */
  reachable: boolean
  pick: () => void
  fold: () => void
}

function TreeRow({ row, folded, last, before, store, reachable, pick, fold }: TreeRowProps) {
  const { node, level, branch, forks, place, of } = row
  const { steer: text, run: runText } = words.value
  const stopped = store.stopped.value?.id === node.id ? store.stopped.value : null
  const state =
    store.working.value === node.id
      ? 'running'
      : stopped !== null
        ? stopped.failed
          ? 'failed'
          : 'cancelled'
        : node.next === null
          ? 'end'
          : null
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the tree has the keys
    <li
      role="treeitem"
      class={`node level-${Math.min(level, deepest)}${branch === null ? '' : ' is-branch'}${last ? ' is-last' : ''}${
        store.path.value.includes(node) ? ' is-on-path' : ''
      }${state === null ? '' : ` is-${state}`}`}
      aria-level={level}
      aria-setsize={of}
      aria-posinset={place}
      aria-expanded={forks ? !folded : undefined}
      aria-selected={store.shown.value?.id === node.id}
      tabIndex={reachable ? 0 : -1}
      onClick={pick}
    >
      {level > 1 && <span class="node-rails" aria-hidden="true" />}
      <span class="node-dot" aria-hidden="true" />
      <span class="node-name">{positionName(node)}</span>
      {forks && (
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the arrow keys do the same
        <span
          class="node-fold"
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation()
            fold()
          }}
        />
      )}
      {node.edit !== undefined && (
        <span class="node-edited">
          <span class="unseen">{text.edited(fieldsOf(node.edit))}</span>
          <span aria-hidden="true">{fieldsOf(node.edit).map((field) => text.edits[field])[0]}</span>
        </span>
      )}
      {branch !== null && <span class="unseen">{text.branch(branch.number, branch.of)}</span>}
      <Outcome node={node} before={before} />
      {state !== null && (
        <span class="node-state">
          {state === 'end' && node.run.stop_reason !== null ? (
            <span title={runText.stopReasons[node.run.stop_reason]}>{text.end}</span>
          ) : (
            text[state]
          )}
        </span>
      )}
    </li>
  )
}

const isLast = (record: RunRecord, { node, forks }: OutlineRow) =>
  forks || childrenOf(record, node.id).length === 0

const fieldsOf = (edit: Edit) => Object.keys(edit) as (keyof Edit)[]

/** What a step came to, in a word: how many answers, or the best reward and what it gained. */
function Outcome({ node, before }: { node: RunNode; before: RunNode | null }) {
  const { step, run, edit } = node
  if ((step?.name === 'sample' || step?.name === 'update') && edit === undefined) {
    return <span class="node-count">{words.value.steer.answers(step.candidates?.length ?? 0)}</span>
  }
  const best = run.history.find(({ iteration }) => iteration === step?.iteration)?.best
  if (step?.name !== 'score' || best === undefined) return null
  const earlier = before?.run.best?.reward
  const gain = earlier === undefined ? null : best - earlier
  return (
    <span class={gain !== null && gain > 0 ? 'node-reward is-gain' : 'node-reward'}>
      <span class="unseen">{words.value.steer.bestReward} </span>
      {formatReward(best)}
      {gain !== null && gain > 0 && <small>{formatGain(gain)}</small>}
    </span>
  )
}
