/** Questions of jobs, as spans and metrics of the process that works on them. */
import type { JobResult } from '../../shared/jobs.ts'
import { counter, observed } from '../../shared/telemetry/measured.ts'
import { attribute, metric, spanKind } from '../../shared/telemetry/names.ts'
import { epoch } from '../../shared/telemetry/past.ts'
import { contextFrom, lateSpan, note, SpanKind } from '../../shared/telemetry/traced.ts'

const questions = counter(metric.jobQuestions, {
  description: 'Questions of jobs that came to their end, by how; those with a problem, by which',
})

export const countQuestion = ({ problem }: Pick<JobResult, 'problem'>): void =>
  questions(1, {
    [attribute.outcome]: problem === null ? 'finished' : 'failed',
    ...(problem !== null && { [attribute.problem]: problem.code }),
  })

interface QuestionCounts {
  /** Of all jobs and workers; rejects where the queue cannot be reached. */
  waiting: () => Promise<number>
  /** In this process. */
  underWay: () => number
}

/** Counts what waits and what is worked on, when somebody asks. */
export function observeQuestions({ waiting, underWay }: QuestionCounts): void {
  observed(
    metric.jobsWaiting,
    { of: 'gauge', description: 'Questions of all jobs that wait for a worker or for another try' },
    async () => {
      const count = await waiting().catch(() => undefined)
      return count === undefined ? [] : [[count]]
    },
  )
  observed(
    metric.jobsActive,
    { of: 'gauge', description: 'Questions of jobs that this worker has in hand' },
    () => [[underWay()]],
  )
}

/** A worker's share of a question is a span in the trace of its run. */
export async function observedQuestion<T>(
  { job, index }: { job: string; index: number },
  work: () => Promise<T>,
): Promise<T> {
  const late = lateSpan({
    kind: SpanKind.CONSUMER,
    startTime: Date.now(),
    from: contextFrom(() => undefined),
    name: () => 'process question',
  })
  try {
    return await late.within(work)
  } finally {
    const span = late.span()
    note(span, () => ({
      [attribute.spanKind]: spanKind.chain,
      [attribute.job]: job,
      [attribute.question]: index,
    }))
    span.end(epoch(performance.now()))
  }
}
