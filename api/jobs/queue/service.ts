/** A worker as the settings ask for it, and what it says to those who watch it. */
import { Hono } from 'hono'
import { problem } from '../../../shared/problems.ts'
import { refusal } from '../../../shared/refusal.ts'
import { type Settings, SettingsError } from '../../../shared/settings.ts'
import type { AppDeps } from '../../app.ts'
import { connectRedis, hostOf } from '../../redis.ts'
import { runsByTenant } from '../../runs.ts'
import { observeQuestions } from '../../telemetry/jobs.ts'
import { connectQueueJobs } from './engine.ts'
import { createQueueWorker, type QueueWorker } from './worker.ts'

interface ServiceParts {
  deps: AppDeps
  cursorKeys: readonly string[]
  tell: (line: string) => void
  /** A question of which nobody has heard for so long is taken up by another worker; 10 s if left out. */
  lockMs?: number
}

export interface WorkerService extends QueueWorker {
  fetch: (request: Request) => Response | Promise<Response>
  /** Where its questions come from, as it may be shown. */
  queueHost: string
}

/** Throws a `SettingsError`. */
export async function createWorkerService(
  { queue_url: url, job_concurrency, job_days }: Settings,
  { deps, cursorKeys, tell, lockMs }: ServiceParts,
): Promise<WorkerService> {
  if (url === undefined) {
    throw new SettingsError(
      'TPO_QUEUE_URL: a worker needs the Redis that the API keeps its jobs in, such as redis://127.0.0.1:6379',
    )
  }
  const { log } = deps
  const redis = await connectRedis({ url, setting: 'TPO_QUEUE_URL', waits: true })
  const worker = await createQueueWorker({
    redis,
    url,
    runsOf: runsByTenant(deps),
    cursorKeys,
    concurrency: job_concurrency,
    log,
    tell,
    lockMs,
  })
  // On a connection that rejects at once: who watches is not to wait for Redis.
  const jobs = await connectQueueJobs({ url, days: job_days, cursorKeys, log })
  observeQuestions({ waiting: jobs.waiting, underWay: worker.underWay })

  const app = new Hono()
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', (c) => {
    if (worker.ready()) return c.json({ status: 'ready' })
    const away = problem(
      'not_ready',
      `Redis at ${hostOf(url)} is away; the worker goes on when it is back.`,
    )
    const { body, status, headers } = refusal(c.req.path, away.problem)
    return c.body(body, status, headers)
  })
  return {
    ...worker,
    fetch: (request) => app.fetch(request),
    queueHost: hostOf(url),
    async end(patienceMs) {
      await worker.end(patienceMs)
      await jobs.close()
    },
  }
}
