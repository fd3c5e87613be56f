/** What every engine does with one question; when each part is done, and again after a failure, is the engine's. */
import type { Place } from '../../shared/drive.ts'
import { type JobOrder, type JobResult, questionName } from '../../shared/jobs.ts'
import { ProblemError, toProblem } from '../../shared/problems.ts'
import { type Position, StartRequest } from '../../shared/tpo.ts'
import type { Runs } from '../runs.ts'

/** A question of a job, as an engine keeps it: JSON. */
export type QuestionOrder = Pick<JobOrder, 'settings'> & {
  index: number
  question: JobOrder['questions'][number]
}

/** All that is kept between steps: a few KB, whatever the step gave. */
export const placeOf = ({ cursor, next }: Position): Place => ({ cursor, next })

/** The run of a question before its first step. */
export async function begin(runs: Runs, { question, settings }: QuestionOrder): Promise<Place> {
  const { id: _id, ...asked } = question
  return placeOf(await runs.start(StartRequest.parse({ ...settings, ...asked })))
}

/** Takes the step that is next; free where its answer is stored. */
export async function takeNext(runs: Runs, cursor: string, signal: AbortSignal): Promise<Place> {
  return placeOf(await runs.step({ cursor }, { progress: () => undefined, signal }))
}

/** The result of a run that is over. */
export async function finished(
  runs: Runs,
  { index, question }: QuestionOrder,
  cursor: string,
): Promise<JobResult> {
  const { run } = await runs.inspect(cursor)
  return { index, id: questionName(question, index), run, cursor, problem: null }
}

/** The result of a question that cannot be answered; `cursor` is of where it failed. */
export function failed(
  { index, question }: QuestionOrder,
  cursor: string | null,
  error: unknown,
): JobResult {
  const id = questionName(question, index)
  return { index, id, run: null, cursor, problem: toProblem(error) }
}

/**
 * How often a step is tried again beyond the tries of one request, and how long before the first time,
 * in milliseconds; the wait doubles. Together they outlast an outage of an hour.
 */
export const retries = { most: 12, firstWait: 1000 } as const

/** How often a step that failed so is tried again: a policy that wrote nothing has the same seed each time. */
export function retriesOf(error: unknown): number {
  if (!(error instanceof ProblemError) || !error.problem.retryable) return 0
  return error.problem.code === 'policy_empty' ? 2 : retries.most
}
