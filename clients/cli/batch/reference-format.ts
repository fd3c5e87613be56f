/** A result as the reference (yafuly/TPO, run.py) writes it: every scored answer under one name. */
import type { RunRecord } from '../../common/record.ts'
import { questionOf } from '../../common/summary.ts'

/**
 * `INDEX<i><SEP>question<SEP>answer` → reward, where i is −1 for the first answers and counts the
 * rewrites from 0. Nothing takes these names apart, so a text with `<SEP>` in it is no harm.
 */
export function referenceEntry({ request, nodes }: RunRecord): Record<string, number> {
  const question = questionOf(request)
  const scored = nodes.flatMap(({ step }) => (step?.name === 'score' ? [step] : []))
  return Object.fromEntries(
    scored.flatMap(({ iteration, candidates = [] }) =>
      candidates.flatMap(({ text, reward }) =>
        reward === undefined
          ? []
          : [[`INDEX${iteration - 1}<SEP>${question}<SEP>${text}`, reward] as const],
      ),
    ),
  )
}
