/** The parts of a question's work, each of which may be done again. */
import type { Place } from '../../../shared/drive.ts'
import { type Problem, ProblemError, problem, toProblem } from '../../../shared/problems.ts'
import { type EdgeEnvironment, edgeParts } from '../../edge-environment.ts'
import { runsByTenant } from '../../runs.ts'
import { observedQuestion } from '../../telemetry/jobs.ts'
import { begin, failed, finished, type QuestionOrder, retriesOf, takeNext } from '../question.ts'
import { jobBindings } from './bindings.ts'
import type { InstanceParams } from './instances.ts'
import { parseOrder } from './order.ts'
import { queueOf } from './queue.ts'
import { reachingJobs } from '../reach.ts'
import { keepResult } from './results.ts'

/** Where a run goes no further: at the cursor of the step that failed, or before there was any. */
export interface Stuck<At extends string | null> {
  cursor: At
  next: null
  problem: Problem
}

export function questionWork(environment: EdgeEnvironment, { job, tenant, index }: InstanceParams) {
  const { deps, flush } = edgeParts(environment)
  const bindings = jobBindings(environment)
  if (bindings === undefined) throw new Error('the bindings of jobs are incomplete')
  const { bucket } = bindings
  const queue = queueOf(bindings.queue)
  const reach = reachingJobs(deps.log)
  const runs = runsByTenant(deps)(tenant)

  /** Undefined where the question has a result, or its job was cancelled. */
  const order = async () => parseOrder(await reach(queue.order(job, index)))

  /** Throws what may pass and is to be tried again; anything else is where the run ends. */
  async function attempted<At extends string | null>(
    cursor: At,
    attempt: number,
    work: () => Promise<Place>,
  ): Promise<Place | Stuck<At>> {
    try {
      return await observedQuestion({ job, index }, work)
    } catch (error) {
      const problem = toProblem(error)
      if (attempt <= retriesOf(error)) throw toTryAgain(problem)
      if (!(error instanceof ProblemError)) deps.log.error('a question of a job failed', error)
      return { cursor, next: null, problem }
    } finally {
      await flush?.()
    }
  }

  async function resultOf(question: QuestionOrder, end: Place | Stuck<string | null>) {
    try {
      if ('problem' in end) throw new ProblemError(end.problem)
      return await finished(runs, question, end.cursor)
    } catch (error) {
      return failed(question, end.cursor, error)
    }
  }

  return {
    begin: (attempt: number) =>
      attempted(null, attempt, async () => begin(runs, (await order()) ?? cancelled())),

    takeNext: (cursor: string, attempt: number) =>
      attempted(cursor, attempt, () => takeNext(runs, cursor, new AbortController().signal)),

    /** Keeps the result, and lets the queue go on. */
    async keep(end: Place | Stuck<string | null>): Promise<void> {
      const question = await order()
      if (question === undefined) return
      const outcome = await keepResult(bucket, job, await resultOf(question, end))
      await reach(queue.ended(job, index, outcome))
    },
  }
}

/** Cloudflare writes down what is thrown, and a problem's detail may quote what a model was asked. */
const toTryAgain = ({ code, title }: Problem) => new Error(`${code}: ${title}`)

const cancelled = (): never => {
  throw problem('job_not_found', 'The job was cancelled.')
}
