/** The API with its jobs in a real Redis, in front of fakes; the workers are processes. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../api/app.ts'
import { connectQueueJobs, type QueueJobs } from '../../api/jobs/queue/engine.ts'
import { TpoClient } from '../../shared/client.ts'
import type { JobPage, JobResult } from '../../shared/jobs.ts'
import type { RunAnswer } from '../../shared/tpo.ts'
import { listen } from '../fakes/listen.ts'
import { type ApiProcess, startWorker } from './api-process.ts'
import { cursorKey, type House, openHouse } from './house.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

export interface QueueHouse {
  /** The fakes, and an API without jobs. */
  house: House
  client: TpoClient
  jobs: QueueJobs
  clientOf: (apiKey: string) => TpoClient
  /** A worker with these settings besides; one whose questions are soon another's when it dies, if `short`. */
  worker: (settings?: Record<string, string>, short?: boolean) => Promise<ApiProcess>
  redis: RedisServer
  /** Ends Redis without a goodbye, and gives what starts it again with all that it had. */
  stopRedis: () => Promise<() => Promise<void>>
  close: () => Promise<void>
}

export async function openQueueHouse(settings: Record<string, unknown> = {}): Promise<QueueHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'tpo-redis-'))
  let redis = await startRedis(undefined, folder)
  const house = await openHouse({ settings })
  const { log } = house.deps
  const cursorKeys = [cursorKey(1)]
  const jobs = await connectQueueJobs({ url: redis.url, days: 1, cursorKeys, log })
  const api = await listen(createApp({ ...house.deps, jobs }))
  const workers: ApiProcess[] = []
  const clientOf = (apiKey?: string) => new TpoClient({ baseUrl: api.url, apiKey })
  return {
    house,
    client: clientOf(),
    clientOf,
    jobs,
    redis,
    async worker(settings = {}, short = false) {
      const all = {
        TPO_POLICY_BASE_URL: house.policy.url,
        TPO_REWARD_BASE_URL: house.reward.url,
        TPO_QUEUE_URL: redis.url,
        TPO_CURSOR_KEYS: cursorKey(1),
        ...settings,
      }
      const worker = await startWorker(all, short ? 'tests/api/short-lock-worker.ts' : undefined)
      workers.push(worker)
      return worker
    },
    async stopRedis() {
      await redis.stop()
      return async () => void (redis = await startRedis(redis.port, folder))
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.kill()))
      await jobs.close()
      await Promise.all([api.close(), house.close(), redis.stop()])
    },
  }
}

/** All results of a job, page by page. */
export async function resultsOf(client: TpoClient, id: string, limit = 100): Promise<JobResult[]> {
  const results: JobResult[] = []
  for (let from: number | null = 0; from !== null;) {
    const page: JobPage = await client.job(id, { from, limit })
    results.push(...page.results)
    from = page.next_from
  }
  return results
}

/** What a run comes to, but for its name and how long it took. */
export function outcome(run: RunAnswer['run'] | null) {
  if (run === null) return null
  const { id: _id, usage, ...rest } = run
  return { ...rest, usage: { ...usage, seconds: 0 } }
}
