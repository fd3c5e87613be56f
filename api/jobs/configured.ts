import type { Settings } from '../../shared/settings.ts'
import type { Log } from '../../shared/telemetry/log.ts'
import type { JobEngine } from './engine.ts'

/** The jobs that the settings ask for, on Node. Throws a `SettingsError`. */
export async function jobEngine(
  { queue_url, job_days }: Settings,
  cursorKeys: readonly string[],
  log: Log,
): Promise<JobEngine | undefined> {
  if (queue_url === undefined) return undefined
  // Only who has jobs loads BullMQ.
  const { connectQueueJobs } = await import('./queue/engine.ts')
  return connectQueueJobs({ url: queue_url, days: job_days, cursorKeys, log })
}
