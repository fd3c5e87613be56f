/** Spans of what is over, from times that were taken anyway: who took them need not know of spans. */
import { context, type Span, trace } from '@opentelemetry/api'
import { type Attributes, fail, note, tracer } from './traced.ts'

export interface PastSpanOptions {
  parent: Span
  /** When it began, and when it ended, by `performance.now()`; now, if left out. */
  from: number
  to?: number
  /** Spans of others that it was for too. */
  links?: readonly Span[]
  attributes?: () => Attributes
  /** What it failed with. */
  error?: unknown
  /** Of whom it was for. */
  signal?: AbortSignal
}

export function pastSpan(
  name: string,
  { parent, from, to = performance.now(), links = [], attributes, error, signal }: PastSpanOptions,
): Span {
  const span = tracer.startSpan(
    name,
    { startTime: epoch(from), links: links.map((one) => ({ context: one.spanContext() })) },
    trace.setSpan(context.active(), parent),
  )
  if (attributes !== undefined) note(span, attributes)
  if (error !== undefined) fail(span, error, signal)
  span.end(epoch(to))
  return span
}

/** From `performance.now()` to milliseconds since 1970. */
let offset = performance.timeOrigin

/**
 * A time by `performance.now()` in milliseconds since 1970. The clock may be set, or stand still
 * while a laptop sleeps. `Date.now()` is cut to whole milliseconds, so what it says is up to one less.
 */
export function epoch(time: number): number {
  const now = Date.now() - performance.now()
  if (now > offset || now < offset - 1) offset = now
  return time + offset
}
