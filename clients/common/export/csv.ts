/** Every candidate of a run as a row of a table. */
import { type Cell, writeCsv } from '../csv-text.ts'
import { type CandidatePlace, comparedIn } from '../compared.ts'
import type { RunNode, RunRecord } from '../record.ts'
import { childrenOf, leavesOf, pathTo } from '../tree.ts'

const columns = [
  'run',
  'node',
  'iteration',
  'index',
  'reward',
  'best',
  'chosen',
  'rejected',
  'tokens',
  'finish_reason',
  'text',
]

/**
 * One row for each candidate of all branches, those too that are not scored yet. `best`: of a branch
 * it is on, at its end. `chosen`, `rejected`: by a loss of a branch it is on.
 */
export function candidatesCsv(record: RunRecord): string {
  const branches = leavesOf(record).map((leaf) => pathTo(record, leaf))
  const rows = record.nodes.flatMap((node) => {
    const { id, step } = node
    if (step === null || (step.name !== 'score' && childrenOf(record, node.id).length > 0))
      return []
    const here = branches.filter((branch) => branch.includes(node))
    const pairs = here.flatMap(pairsOf)
    return (step.candidates ?? []).map((candidate): Cell[] => {
      const at = { iteration: step.iteration, index: candidate.index }
      return [
        record.id,
        id,
        at.iteration,
        at.index,
        candidate.reward ?? null,
        here.some((branch) => stands(branch.at(-1)?.run.best, at)),
        pairs.some(({ chosen }) => stands(chosen.place, at)),
        pairs.some(({ rejected }) => stands(rejected?.place, at)),
        candidate.tokens,
        candidate.finish_reason,
        candidate.text,
      ]
    })
  })
  return writeCsv([columns, ...rows])
}

/** What the losses of a branch compare. */
function pairsOf(branch: readonly RunNode[]) {
  return branch.flatMap(({ step, edit }, place) => {
    const before = branch[place - 1]
    if (step?.name !== 'loss' || before === undefined) return []
    const pair = comparedIn(before.run, edit)
    return pair === null ? [] : [pair]
  })
}

const stands = (place: CandidatePlace | null | undefined, at: CandidatePlace): boolean =>
  place?.iteration === at.iteration && place.index === at.index
