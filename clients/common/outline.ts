/** The tree of a run's positions as a list to be read from top to bottom; only forks indent. */
import type { RunNode, RunRecord } from './record.ts'

export interface OutlineRow {
  readonly node: RunNode
  /** From 1; a position stands one deeper than the fork it follows, however far behind it. */
  readonly level: number
  /** The fork it follows, by id. */
  readonly fork: string | null
  /** Where it begins a branch: which of how many, from 1. */
  readonly branch: { readonly number: number; readonly of: number } | null
  /** Whether more than one position follows. */
  readonly forks: boolean
  /** Its place among the rows under the same fork, from 1. */
  readonly place: number
  readonly of: number
}

/** `folded`: forks whose branches are left out, by id. */
export function outline({ nodes }: RunRecord, folded: ReadonlySet<string>): OutlineRow[] {
  const followers = Map.groupBy(nodes, ({ parent }) => parent)
  const rows: Omit<OutlineRow, 'place' | 'of'>[] = []
  // Not by calling itself: a run can be longer than calls nest.
  const waiting: Pick<OutlineRow, 'node' | 'level' | 'fork' | 'branch'>[] = []
  for (const node of followers.get(null) ?? []) {
    waiting.push({ node, level: 1, fork: null, branch: null })
  }
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    const { node, level, fork } = row
    const next = followers.get(node.id) ?? []
    const forks = next.length > 1
    rows.push({ ...row, forks })
    if (forks && folded.has(node.id)) continue
    const following = next.map((follower, at) =>
      forks
        ? {
            node: follower,
            level: level + 1,
            fork: node.id,
            branch: { number: at + 1, of: next.length },
          }
        : { node: follower, level, fork, branch: null },
    )
    waiting.push(...following.toReversed())
  }
  const groups = Map.groupBy(rows, ({ fork }) => fork)
  return rows.map((row) => {
    const group = groups.get(row.fork) ?? []
    return Object.assign(row, { place: group.indexOf(row) + 1, of: group.length })
  })
}
