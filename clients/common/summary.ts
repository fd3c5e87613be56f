import { z } from 'zod'
import { Mode } from '../../shared/mode.ts'
import { firstBest } from './iterations.ts'
import type { RunRecord } from './record.ts'
import { leavesOf, newestLeaf, pathTo } from './tree.ts'

/** What a list of runs tells of each. */
export const RunSummary = z.object({
  id: z.string(),
  /** The last message of what was asked. */
  question: z.string(),
  mode: Mode,
  /** Of the branch that was worked on last; null before the first score. */
  best: z.object({ text: z.string(), reward: z.number() }).nullable(),
  /** Of the best over the first best. */
  gain: z.number().nullable(),
  finished: z.boolean(),
  branches: z.number().int(),
  created_at: z.iso.datetime(),
})
export type RunSummary = z.infer<typeof RunSummary>

export function summaryOf(record: RunRecord): RunSummary {
  const { id, request, created_at } = record
  const leaf = newestLeaf(record)
  const { best } = leaf.run
  const steps = pathTo(record, leaf).flatMap(({ step }) => (step === null ? [] : [step]))
  const first = firstBest(steps)
  return {
    id,
    question: questionOf(request),
    mode: request.mode,
    best: best === null ? null : { text: best.text, reward: best.reward },
    gain: best === null || first === null ? null : best.reward - first.reward,
    finished: leaf.next === null,
    branches: leavesOf(record).length,
    created_at,
  }
}

/** What is asked in the end: the query, or a conversation's last message. */
export const questionOf = ({ query, messages }: Pick<RunRecord['request'], 'query' | 'messages'>) =>
  query ?? messages?.at(-1)?.content ?? ''
