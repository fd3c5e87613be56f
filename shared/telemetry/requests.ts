import { SpanStatusCode } from '@opentelemetry/api'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Problem } from '../problems.ts'
import { type Log, traceIds } from './log.ts'
import { attribute, spanKind } from './names.ts'
import { epoch } from './past.ts'
import { requestBegins } from './request-metrics.ts'
import { contextFrom, lateSpan, note, SpanKind } from './traced.ts'

/** What handlers tell of a request. */
export interface ObservedEnv {
  Variables: {
    requestId: string
    /** What was answered, where it was a problem. */
    problem?: Problem
    /** Resolves when an answer that is streamed is whole; never rejects. */
    streamed?: Promise<void>
  }
}

export interface ObserveOptions {
  log: Log
  /** Is given the end of each request, which never rejects. */
  meanwhile?: (c: Context, over: Promise<void>) => void
}

/** A SERVER span, metrics and a log line for each request, which end when its answer is whole. */
export function observeRequests({
  log,
  meanwhile,
}: ObserveOptions): MiddlewareHandler<ObservedEnv> {
  return async (c, next) => {
    const began = performance.now()
    const { method } = c.req
    const measured = requestBegins(method)
    // Middleware stands at addresses with a star.
    let path: string | undefined
    const route = () =>
      (path ??= matchedRoutes(c).findLast(({ path }) => !path.includes('*'))?.path)
    const late = lateSpan({
      kind: SpanKind.SERVER,
      startTime: Date.now(),
      from: contextFrom((name) => c.req.header(name)),
      name: () => [method, route()].join(' ').trim(),
    })
    const over = Promise.withResolvers<void>()
    meanwhile?.(c, over.promise)

    const end = () => {
      const span = late.span()
      const problem = c.get('problem')
      const { status } = c.res
      const cancelled = c.req.raw.signal.aborted
      note(span, () => ({
        [attribute.method]: method,
        [attribute.route]: route(),
        // Without a kind, tools take whatever names a model for a model call, and count it twice.
        [attribute.spanKind]: spanKind.chain,
        [attribute.requestId]: c.get('requestId'),
        ...(cancelled ? { [attribute.cancelled]: true } : { [attribute.status]: status }),
        [attribute.problem]: problem?.code,
      }))
      if (!cancelled && (problem?.status ?? status) >= 500) {
        span.setAttribute(attribute.errorType, problem?.code ?? String(status))
        span.setStatus({ code: SpanStatusCode.ERROR })
      }
      // What ended in it did so in fractions of milliseconds.
      span.end(epoch(performance.now()))
      measured({ route: route(), status: cancelled ? undefined : status, problem })
      log.info('request', () => ({
        method,
        route: route(),
        ...(!cancelled && { status }),
        problem: problem?.code,
        ms: Math.round(performance.now() - began),
        request_id: c.get('requestId'),
        ...traceIds(span),
      }))
      over.resolve()
    }
    try {
      await late.within(next)
    } finally {
      const streamed = c.get('streamed')
      if (streamed === undefined) end()
      else void streamed.then(end)
    }
  }
}
