import type { Resource } from '@opentelemetry/resources'
import type { Scrape } from './metrics.ts'
import { packageVersion } from './package-root.ts'
import { captureContent } from '../shared/telemetry/traced.ts'

type Stop = () => Promise<void>

export interface Telemetry {
  scrape: Scrape
  /** Ends it; what was recorded is sent, if that takes no longer than a moment. */
  stop: Stop
}

/** What a collector that does not answer may take of the end of a process. */
const longestFlushMs = 3000

type Environment = Readonly<Record<string, string | undefined>>

/** OpenTelemetry's own variables, of which one must say where to: nothing leaves the machine unasked. */
function isAsked(environment: Environment, signal: 'TRACES' | 'METRICS'): boolean {
  const valueOf = (name: string) => (environment[name] ?? '').trim()
  if (valueOf('OTEL_SDK_DISABLED').toLowerCase() === 'true') return false
  const exporter = `OTEL_${signal}_EXPORTER`
  const asking = ['OTEL_EXPORTER_OTLP_ENDPOINT', `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, exporter]
  return valueOf(exporter) !== 'none' && asking.some((name) => valueOf(name) !== '')
}

/**
 * What Node is to be started with where its spans are asked for. Until Node 24, whoever follows
 * asynchronous work pays for every promise of the process (a third of a step's processor time,
 * where answers come token by token) unless it has this flag, which Node 24 has by itself.
 */
export function telemetryFlags(environment: Environment = process.env): string[] {
  const flag = '--experimental-async-context-frame'
  const wanted = isAsked(environment, 'TRACES') && process.allowedNodeEnvironmentFlags.has(flag)
  return wanted ? [flag] : []
}

/**
 * Starts to count, and OpenTelemetry's traces where the environment asks for them. `service` is its
 * service.name, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say another.
 */
export async function startTelemetry(service: string): Promise<Telemetry> {
  const [{ startMetrics }, resources] = await Promise.all([
    import('./metrics.ts'),
    import('@opentelemetry/resources'),
  ])
  const { detectResources, envDetector, resourceFromAttributes, serviceInstanceIdDetector } =
    resources
  // Not the process's, which tells its command line, where keys may be.
  const detectors = [serviceInstanceIdDetector, envDetector]
  const resource = resourceFromAttributes({
    'service.name': service,
    'service.version': packageVersion,
  }).merge(detectResources({ detectors }))
  const metrics = await startMetrics(resource, isAsked(process.env, 'METRICS'))
  const traces = isAsked(process.env, 'TRACES') ? await startTraces(resource) : undefined
  return {
    scrape: metrics.scrape,
    stop() {
      const { promise: over, resolve } = Promise.withResolvers<void>()
      setTimeout(resolve, longestFlushMs).unref()
      const sent = Promise.allSettled([metrics.stop(), traces?.()]).then(() => undefined)
      return Promise.race([sent, over])
    },
  }
}

async function startTraces(resource: Resource): Promise<Stop> {
  captureContent(process.env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'])
  const [{ NodeSDK }, { W3CTraceContextPropagator }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/core'),
  ])
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    // Not the caller's baggage, which is not for the servers of models.
    ...(process.env['OTEL_PROPAGATORS'] === undefined && {
      textMapPropagator: new W3CTraceContextPropagator(),
    }),
    metricReaders: [],
    logRecordProcessors: [],
  })
  sdk.start()
  return () => sdk.shutdown()
}
