/** Reading the tree of a run's positions. */
import type { RunNode, RunRecord } from './record.ts'

/** Throws where the record has no such position. */
export function nodeOf({ nodes }: RunRecord, id: string): RunNode {
  const node = nodes.find((entry) => entry.id === id)
  if (node === undefined) throw new Error(`the run has no position ${id}`)
  return node
}

/** What followed a position, in the order in which it came about; several where the run forks. */
export const childrenOf = ({ nodes }: RunRecord, { id }: RunNode): RunNode[] =>
  nodes.filter(({ parent }) => parent === id)

/** From the start to a position. */
export function pathTo(record: RunRecord, node: RunNode): RunNode[] {
  const path = [node]
  for (let at = node; at.parent !== null;) {
    at = nodeOf(record, at.parent)
    path.unshift(at)
  }
  return path
}

/** The ends of all branches, in the order in which they came about. */
export function leavesOf(record: RunRecord): RunNode[] {
  const parents = new Set(record.nodes.map(({ parent }) => parent))
  return record.nodes.filter(({ id }) => !parents.has(id))
}

/** The end of the branch on which a position lies; where it forks after that, of the newest. */
export function leafAfter(record: RunRecord, node: RunNode): RunNode {
  const last = childrenOf(record, node).at(-1)
  return last === undefined ? node : leafAfter(record, last)
}

/** A record with one position more, whose id is its place in the order. */
export const withNode = (record: RunRecord, node: Omit<RunNode, 'id'>): RunRecord => ({
  ...record,
  nodes: [...record.nodes, { ...node, id: String(record.nodes.length) }],
})
