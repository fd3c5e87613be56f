/** A model service as a process whose spans go to a collector of the test's. */
import type { Collector } from '../fakes/collector.ts'
import { fixture } from './fixtures.ts'
import { startService } from './service-process.ts'

/** Asks callers for this key, which has to stay out of what is sent. */
export const key = 'recognisable-key'

export const startTraced = (
  service: Parameters<typeof startService>[0],
  model: Parameters<typeof fixture>[0],
  collector: Collector,
) =>
  startService(service, fixture(model), {
    TPO_THREADS: '1',
    TPO_LOG: 'info',
    TPO_API_KEYS: `ana:${key}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '20',
    // Content is told where a run is; nothing of it leaves from here.
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
  })
