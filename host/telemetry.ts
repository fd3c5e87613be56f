import { packageVersion } from './package-root.ts'
import { captureContent } from '../shared/telemetry/traced.ts'

/** Ends it; what was recorded is sent, if that takes no longer than a moment. */
type Stop = () => Promise<void>

/** What a collector that does not answer may take of the end of a process. */
const longestFlushMs = 3000

type Environment = Readonly<Record<string, string | undefined>>

/** OpenTelemetry's own variables, of which one must say where to: nothing leaves the machine unasked. */
const asking = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
]

function isAsked(environment: Environment): boolean {
  const valueOf = (name: string) => (environment[name] ?? '').trim()
  if (valueOf('OTEL_SDK_DISABLED').toLowerCase() === 'true') return false
  return valueOf('OTEL_TRACES_EXPORTER') !== 'none' && asking.some((name) => valueOf(name) !== '')
}

/**
 * What Node is to be started with where its spans are asked for. Until Node 24, whoever follows
 * asynchronous work pays for every promise of the process (a third of a step's processor time,
 * where answers come token by token) unless it has this flag, which Node 24 has by itself.
 */
export function telemetryFlags(environment: Environment = process.env): string[] {
  const flag = '--experimental-async-context-frame'
  return isAsked(environment) && process.allowedNodeEnvironmentFlags.has(flag) ? [flag] : []
}

/**
 * Starts OpenTelemetry where the environment asks for it, and else loads nothing. `service` is its
 * service.name, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say another.
 */
export async function startTelemetry(service: string): Promise<Stop> {
  if (!isAsked(process.env)) return async () => undefined
  captureContent(process.env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'])
  const [{ NodeSDK }, resources, { W3CTraceContextPropagator }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/core'),
  ])
  const { envDetector, resourceFromAttributes, serviceInstanceIdDetector } = resources
  const sdk = new NodeSDK({
    resource: resourceFromAttributes({
      'service.name': service,
      'service.version': packageVersion,
    }),
    // Not the process's, which tells its command line, where keys may be.
    resourceDetectors: [serviceInstanceIdDetector, envDetector],
    // Not the caller's baggage, which is not for the servers of models.
    ...(process.env['OTEL_PROPAGATORS'] === undefined && {
      textMapPropagator: new W3CTraceContextPropagator(),
    }),
    metricReaders: [],
    logRecordProcessors: [],
  })
  sdk.start()
  return () => {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    setTimeout(resolve, longestFlushMs).unref()
    return Promise.race([sdk.shutdown().catch(() => undefined), over])
  }
}
