/** The work on questions of jobs, as spans: what a request is to a run elsewhere. */
import { operation } from '../../shared/telemetry/names.ts'
import { fail, lateSpan, noContext, SpanKind } from '../../shared/telemetry/traced.ts'

/** A part of a question's work. The first is where its run's trace begins, which the others join. */
export async function observedPart<T>(work: () => Promise<T>): Promise<T> {
  const part = lateSpan({
    kind: SpanKind.CONSUMER,
    startTime: Date.now(),
    from: noContext,
    name: () => operation.question,
  })
  return part.within(async () => {
    try {
      return await work()
    } catch (error) {
      fail(part.span(), error)
      throw error
    } finally {
      part.span().end()
    }
  })
}
