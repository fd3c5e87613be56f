/** Reading the tree of a run's positions. */
import { Edit, type Position, type Ranked, type StartSettings } from '../../shared/tpo.ts'
import type { RunNode, RunRecord } from './record.ts'

/** Throws where the record has no such position. */
export function nodeOf({ nodes }: RunRecord, id: string): RunNode {
  const node = nodes.find((entry) => entry.id === id)
  if (node === undefined) throw new Error(`the run has no position ${id}`)
  return node
}

/** From the start to a position. */
export function pathTo(record: RunRecord, node: RunNode): RunNode[] {
  const path = [node]
  for (let at = node; at.parent !== null;) {
    at = nodeOf(record, at.parent)
    path.unshift(at)
  }
  return path
}

/** What followed a position, in the order in which it came about; several where the run forks. */
export const childrenOf = ({ nodes }: RunRecord, id: string): RunNode[] =>
  nodes.filter(({ parent }) => parent === id)

/** The ends of all branches, in the order in which they came about. */
export function leavesOf({ nodes }: RunRecord): RunNode[] {
  const parents = new Set(nodes.map(({ parent }) => parent))
  return nodes.filter(({ id }) => !parents.has(id))
}

/** The end of the branch that was worked on last. */
export function newestLeaf(record: RunRecord): RunNode {
  const last = record.nodes.at(-1)
  if (last === undefined) throw new Error('the run has no position')
  return last
}

/** The record of a run that has just been started. */
export const beginRecord = (
  request: StartSettings,
  { cursor, run, next }: Position,
  now: Date,
): RunRecord => ({
  format: 'tpo-run',
  version: 1,
  id: run.id,
  created_at: now.toISOString(),
  request,
  nodes: [{ id: '0', parent: null, step: null, run, next, cursor, at: now.toISOString() }],
})

/** A record with one position more, whose id is its place in the order. */
export function withNode(record: RunRecord, position: Omit<RunNode, 'id' | 'at'>, now: Date) {
  const node: RunNode = { ...position, id: String(record.nodes.length), at: now.toISOString() }
  return { record: { ...record, nodes: [...record.nodes, node] }, node }
}

/**
 * How far the same has been done before: along the first step with this edit and, of `all`, the
 * ones without any that follow. `from` itself where it has not.
 */
export function furthest(
  record: RunRecord,
  from: RunNode,
  edit: Edit | undefined,
  steps: 'one' | 'all',
): RunNode {
  const next = childrenOf(record, from.id).find((child) => sameEdit(child.edit, edit))
  if (next === undefined) return from
  return steps === 'one' ? next : furthest(record, next, undefined, steps)
}

const sameEdit = (one: Edit = {}, other: Edit = {}) => written(one) === written(other)

/** Fields in the order of the schema, texts without the space around them. */
const written = (edit: Edit) => JSON.stringify(Edit.safeParse(edit).data ?? edit)

/** The last position that two have in common. */
export function forkOf(record: RunRecord, one: RunNode, other: RunNode): RunNode {
  const before = new Set(pathTo(record, one).map(({ id }) => id))
  const common = pathTo(record, other).findLast(({ id }) => before.has(id))
  return common ?? one
}

/** Every answer with a reward on a branch, in the order of its steps. */
export const scoredAnswers = (path: readonly RunNode[]): Ranked[] =>
  path.flatMap(({ step }) =>
    step?.name !== 'score'
      ? []
      : (step.candidates ?? []).flatMap(({ index, text, reward }) =>
          reward === undefined ? [] : [{ index, text, reward, iteration: step.iteration }],
        ),
  )
