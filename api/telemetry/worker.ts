/**
 * OpenTelemetry in a Worker: the SDK's spans, sent at the end of each request. Nothing here waits in
 * a request, and what cannot be sent is dropped.
 */
import { context, propagation, trace, TraceFlags } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { SettingsError } from '../../shared/settings.ts'
import { captureContent } from '../../shared/telemetry/traced.ts'
import { createContextManager } from './worker-context.ts'

/** Sends what was recorded. Never rejects. */
export type Flush = () => Promise<void>

type Variable = (name: string) => string | undefined

/** Spans of requests that are not over; more are dropped. */
const mostWaiting = 2048
const longestSendMs = 5000

let started: Flush | undefined

/**
 * Starts OpenTelemetry where the environment asks for it with its own variables (OTEL_…): for the
 * whole isolate, so the first environment counts. Throws a `SettingsError`.
 */
export function startWorkerTelemetry(
  environment: Readonly<Record<string, unknown>>,
): Flush | undefined {
  if (started !== undefined) return started
  const variable: Variable = (name) => {
    const value = environment[name]
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
  }
  const endpoint = endpointOf(variable)
  if (endpoint === undefined || variable('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') {
    return undefined
  }
  const { processor, flush } = createQueue(sender(endpoint, variable))
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'tpo-api',
      ...pairs(variable('OTEL_RESOURCE_ATTRIBUTES')),
      ...(variable('OTEL_SERVICE_NAME') && { 'service.name': variable('OTEL_SERVICE_NAME') }),
    }),
    sampler: samplerOf(variable),
    spanProcessors: [processor],
  })
  captureContent(variable('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'))
  context.setGlobalContextManager(createContextManager())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(provider)
  started = flush
  return flush
}

function endpointOf(variable: Variable): string | undefined {
  if (variable('OTEL_TRACES_EXPORTER') === 'none') return undefined
  const base = variable('OTEL_EXPORTER_OTLP_ENDPOINT')?.replace(/\/+$/, '')
  const endpoint = variable('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? (base && `${base}/v1/traces`)
  if (endpoint === undefined || /^https?:/.test(endpoint)) return endpoint
  throw new SettingsError('OTEL_EXPORTER_OTLP_ENDPOINT must be an http:// or https:// address')
}

/** `name=value,…`, percent-encoded, as in all of OpenTelemetry's variables. */
function pairs(text = ''): Record<string, string> {
  const entries = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())] as const]
  })
  return Object.fromEntries(entries)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const samplers: Record<string, (ratio: number) => Sampler> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
}

function samplerOf(variable: Variable): Sampler {
  const name = variable('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on'
  const root = samplers[name.replace(/^parentbased_/, '')]
  if (root === undefined) {
    throw new SettingsError(
      `OTEL_TRACES_SAMPLER: there is no "${name}"; use always_on, always_off, traceidratio, or one of them after parentbased_`,
    )
  }
  const ratio = Number(variable('OTEL_TRACES_SAMPLER_ARG') ?? 1)
  return name.startsWith('parentbased_')
    ? new ParentBasedSampler({ root: root(ratio) })
    : root(ratio)
}

type Send = (spans: ReadableSpan[]) => Promise<void>

function sender(endpoint: string, variable: Variable): Send {
  const json = variable('OTEL_EXPORTER_OTLP_PROTOCOL') === 'http/json'
  const serializer = json ? JsonTraceSerializer : ProtobufTraceSerializer
  const headers = {
    ...pairs(variable('OTEL_EXPORTER_OTLP_HEADERS')),
    ...pairs(variable('OTEL_EXPORTER_OTLP_TRACES_HEADERS')),
    'content-type': json ? 'application/json' : 'application/x-protobuf',
  }
  return async (spans) => {
    const body = serializer.serializeRequest(spans)
    if (body === undefined) return
    const signal = AbortSignal.timeout(longestSendMs)
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
      signal,
      redirect: 'manual',
    })
    await answer.body?.cancel()
  }
}

function createQueue(send: Send): { processor: SpanProcessor; flush: Flush } {
  let waiting: ReadableSpan[] = []
  const flush: Flush = async () => {
    const batch = waiting
    waiting = []
    // A collector that is away is nobody's fault here.
    if (batch.length > 0) await send(batch).catch(() => undefined)
  }
  return {
    flush,
    processor: {
      onStart: () => undefined,
      onEnd(span) {
        const sampled = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0
        if (sampled && waiting.length < mostWaiting) waiting.push(span)
      },
      forceFlush: flush,
      shutdown: flush,
    },
  }
}
