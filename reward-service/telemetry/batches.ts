/** Forward passes as spans. */
import type { ScoringEvents } from '../../inference/scoring/classifier.ts'
import type { BatchReport, FinishedBatch } from '../../inference/scoring/scorer.ts'
import { typeNames } from '../../inference/runtime/target.ts'
import { attribute, stage } from '../../shared/telemetry/names.ts'
import { pastSpan } from '../../shared/telemetry/past.ts'
import { recordedSpan, type Span } from '../../shared/telemetry/traced.ts'

/**
 * The same events, of which a span comes for each batch that a traced request is in. Several requests
 * may be: the span stands inside the first one's and is linked to all of them, and they to it.
 */
export function observedScoring(events: Partial<ScoringEvents> = {}): Partial<ScoringEvents> {
  const requests = new WeakMap<object, Span>()

  const batchSpan = (report: BatchReport, error?: unknown): Span | undefined => {
    const served = report.calls.flatMap((call) => requests.get(call) ?? [])
    const [parent] = served
    if (parent === undefined) return undefined
    const batch = pastSpan(stage.batch, {
      parent,
      from: report.began,
      to: report.ended,
      links: served,
      error,
      attributes: () => ({
        [attribute.device]: report.device,
        [attribute.requests]: report.calls.length,
        [attribute.sequences]: report.sequences,
        [attribute.tokens]: report.sequenceTokens,
      }),
    })
    for (const request of served) {
      // Whoever left has ended it.
      if (request.isRecording()) request.addLink({ context: batch.spanContext() })
    }
    return batch
  }

  return {
    ...events,
    onCall(call) {
      events.onCall?.(call)
      const request = recordedSpan()
      if (request !== undefined) requests.set(call, request)
    },
    onBatch(report) {
      events.onBatch?.(report)
      const batch = batchSpan(report)
      if (batch !== undefined) runSpan(batch, report)
    },
    onFailedBatch(report, error) {
      events.onFailedBatch?.(report, error)
      batchSpan(report, error)
    },
  }
}

/** The forward pass alone; the rest of a batch's time it waited for that, or was on its way. */
function runSpan(parent: Span, report: FinishedBatch): void {
  const { ended, seconds, target, sequences, tokens, sequenceTokens, paddedTokens } = report
  pastSpan(stage.run, {
    parent,
    from: ended - 1000 * seconds,
    to: ended,
    attributes: () => ({
      [attribute.runtimeProvider]: target.provider,
      [attribute.dtype]: typeNames[target.type],
      [attribute.sequences]: sequences,
      [attribute.computedTokens]: tokens,
      [attribute.sharedTokens]: sequenceTokens - tokens,
      [attribute.paddedTokens]: paddedTokens,
    }),
  })
}
