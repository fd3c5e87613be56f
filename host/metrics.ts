import { metrics } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import {
  ConsoleMetricExporter,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics'
import { SettingsError } from '../shared/settings.ts'
import { metric } from '../shared/telemetry/names.ts'
import { observeProcess } from './process-metrics.ts'

/** All metrics of this process, in Prometheus' text format. */
export type Scrape = () => Promise<string>

export interface Metrics {
  scrape: Scrape
  /** Sends what is not sent yet, and ends. */
  stop: () => Promise<void>
}

/** Collects when it is asked. */
class ScrapeReader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

/**
 * Metrics of this process, counted from now on whether or not anybody asks: to load what counts takes
 * a moment of the start, and what is counted before is lost. `sends`: whether the environment asks
 * to send them as well. Throws a `SettingsError`.
 */
export async function startMetrics(resource: Resource, sends: boolean): Promise<Metrics> {
  const reader = new ScrapeReader()
  const readers = [reader, ...(sends ? await senders() : [])]
  const provider = new MeterProvider({ resource, readers })
  metrics.setGlobalMeterProvider(provider)
  observeProcess()
  return {
    stop: () => provider.shutdown(),
    async scrape() {
      const { PrometheusSerializer } = await import('@opentelemetry/exporter-prometheus')
      const { resourceMetrics } = await reader.collect()
      const text = new PrometheusSerializer('', false, undefined, false, true).serialize(
        resourceMetrics,
      )
      // By Prometheus' rules, which its author did not follow, the name would end so.
      return text.replaceAll(`${metric.teRequests}_total`, metric.teRequests)
    },
  }
}

const exporters: Record<string, () => Promise<PushMetricExporter>> = {
  grpc: async () =>
    new (await import('@opentelemetry/exporter-metrics-otlp-grpc')).OTLPMetricExporter(),
  'http/json': async () =>
    new (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter(),
  'http/protobuf': async () =>
    new (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter(),
}

const variable = (name: string) => process.env[name]?.trim() || undefined

/** As OpenTelemetry's variables want it; what it would serve on a port of its own is at /metrics. */
async function senders(): Promise<MetricReader[]> {
  const names = (variable('OTEL_METRICS_EXPORTER') ?? 'otlp').split(',').map((name) => name.trim())
  const known = names.filter((name) => name !== 'none' && name !== 'prometheus')
  return Promise.all(
    known.map(async (name) => {
      const exporter = name === 'console' ? new ConsoleMetricExporter() : await otlp(name)
      const exportIntervalMillis = milliseconds('OTEL_METRIC_EXPORT_INTERVAL', 60_000)
      const exportTimeoutMillis = Math.min(
        milliseconds('OTEL_METRIC_EXPORT_TIMEOUT', 30_000),
        exportIntervalMillis,
      )
      return new PeriodicExportingMetricReader({
        exporter,
        exportIntervalMillis,
        exportTimeoutMillis,
      })
    }),
  )
}

function otlp(name: string): Promise<PushMetricExporter> {
  if (name !== 'otlp') {
    throw new SettingsError(
      `OTEL_METRICS_EXPORTER: there is no "${name}"; use otlp, console or none`,
    )
  }
  const protocol =
    variable('OTEL_EXPORTER_OTLP_METRICS_PROTOCOL') ??
    variable('OTEL_EXPORTER_OTLP_PROTOCOL') ??
    'http/protobuf'
  const open = exporters[protocol]
  if (open !== undefined) return open()
  throw new SettingsError(
    `OTEL_EXPORTER_OTLP_PROTOCOL: there is no "${protocol}"; use ${Object.keys(exporters).join(', ')}`,
  )
}

function milliseconds(name: string, usual: number): number {
  const given = Number(variable(name))
  return given > 0 ? given : usual
}
