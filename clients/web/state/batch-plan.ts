/** What a batch is to do, and what came of each of its questions, as this browser keeps them. */
import { z } from 'zod'
import { problemCodeNames } from '../../../shared/problems.ts'
import { StartRequest } from '../../../shared/tpo.ts'
import { type BatchSettings, requestOf } from '../../common/batch.ts'
import { Question } from '../../common/questions.ts'
import { RunRecord } from '../../common/record.ts'

export const BatchPlan = z.object({
  id: z.literal('current'),
  /** The file's. */
  name: z.string(),
  /** How many questions are worked on at a time. */
  concurrency: z.number().int().min(1),
  questions: z.array(z.object({ question: Question, key: z.string(), request: StartRequest })),
})
export type BatchPlan = z.infer<typeof BatchPlan>

const KeptFailure = z.union([
  z.object({
    kind: z.literal('problem'),
    code: z.enum(problemCodeNames),
    detail: z.string(),
    path: z.string().optional(),
  }),
  z.object({ kind: z.enum(['connection', 'unexpected']) }),
])

export const BatchAnswer = z.object({
  key: z.string(),
  /** As far as it got; null before its start. */
  record: RunRecord.nullable(),
  failure: KeptFailure.nullable(),
})
export type BatchAnswer = z.infer<typeof BatchAnswer>

/**
 * The plan for a file of questions. Each is known by what it asks and how, never by its place: of
 * questions that are the same in both, the first, second… stay apart.
 */
export function planBatch(
  name: string,
  questions: readonly Question[],
  settings: BatchSettings,
  concurrency: number,
): BatchPlan {
  const same = new Map<string, number>()
  return {
    id: 'current',
    name,
    concurrency,
    questions: questions.map((question) => {
      const request = requestOf(question, settings)
      const content = JSON.stringify(request)
      const before = same.get(content) ?? 0
      same.set(content, before + 1)
      return { question, key: `${content}#${before}`, request }
    }),
  }
}
