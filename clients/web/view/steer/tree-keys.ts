/** What a key does in the tree of steps: the arrows as in any tree, and one letter for each kin. */
import type { OutlineRow } from '../../../common/outline.ts'
import type { RunRecord } from '../../../common/record.ts'
import { childrenOf } from '../../../common/tree.ts'

export type TreeMove = { readonly to: string } | { readonly fold: string; readonly folded: boolean }

/** Null where the key is none of the tree's, or there is nowhere to go. */
export function treeMove(
  key: string,
  record: RunRecord,
  rows: readonly OutlineRow[],
  at: string,
  folded: ReadonlySet<string>,
): TreeMove | null {
  const place = rows.findIndex(({ node }) => node.id === at)
  const row = rows[place]
  if (row === undefined) return null
  const { node, fork, forks } = row
  const closed = folded.has(node.id)
  const to = (id: string | null | undefined) => (id == null || id === at ? null : { to: id })
  const sibling = (step: number) => {
    const siblings = node.parent === null ? [node] : childrenOf(record, node.parent)
    const found = siblings.findIndex(({ id }) => id === node.id) + step
    return to(siblings.at(found % siblings.length)?.id)
  }
  switch (key) {
    case 'ArrowDown':
      return to(rows[place + 1]?.node.id)
    case 'ArrowUp':
      return to(rows[place - 1]?.node.id)
    case 'Home':
      return to(rows[0]?.node.id)
    case 'End':
      return to(rows.at(-1)?.node.id)
    case 'ArrowRight':
      if (!forks) return null
      return closed ? { fold: node.id, folded: false } : to(rows[place + 1]?.node.id)
    case 'ArrowLeft':
      return forks && !closed ? { fold: node.id, folded: true } : to(fork)
    case 'h':
      return to(node.parent)
    case 'l':
      return to(childrenOf(record, node.id)[0]?.id)
    case 'j':
      return sibling(1)
    case 'k':
      return sibling(-1)
    default:
      return null
  }
}
