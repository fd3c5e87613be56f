/** Questions of jobs, as spans of what works on them. */
import { attribute, spanKind } from '../../shared/telemetry/names.ts'
import { epoch } from '../../shared/telemetry/past.ts'
import { contextFrom, lateSpan, note, SpanKind } from '../../shared/telemetry/traced.ts'

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
