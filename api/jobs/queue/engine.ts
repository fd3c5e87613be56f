/** Jobs on Node: questions in BullMQ, results beside them in the same Redis. */
import type { Job } from '../../../shared/jobs.ts'
import type { Log } from '../../../shared/telemetry/log.ts'
import { connectRedis } from '../../redis.ts'
import type { JobEngine, SubmittedJob } from '../engine.ts'
import { reachingJobs } from '../reach.ts'
import { nameOfKey } from './key-name.ts'
import { createLedger } from './ledger.ts'
import { createQuestionQueue } from './queue.ts'

export interface QueueJobs extends JobEngine {
  /** How many questions of all jobs wait. */
  waiting: () => Promise<number>
  close: () => Promise<void>
}

interface QueueOptions {
  /** redis:// or rediss:// */
  url: string
  /** How long a job and its results are kept. */
  days: number
  /** The API's, of which the first writes. */
  cursorKeys: readonly string[]
  log: Log
}

/** Throws a `SettingsError` when Redis cannot be reached now. */
export async function connectQueueJobs(options: QueueOptions): Promise<QueueJobs> {
  const { url, days, cursorKeys, log } = options
  const [writing = ''] = cursorKeys
  const cursorKey = await nameOfKey(writing)
  const redis = await connectRedis({ url, setting: 'TPO_QUEUE_URL' })
  const ledger = createLedger(redis)
  const queue = createQuestionQueue(redis)
  const reach = reachingJobs(log)

  async function submit(job: SubmittedJob) {
    const { digest, accepted } = await ledger.open(job, cursorKey, days * 86_400_000)
    if (digest === job.digest && !accepted) {
      await queue.add(job)
      await ledger.accept(job.key)
    }
    const standing = await ledger.find(job.key)
    if (standing === undefined) throw new Error('a job was gone as soon as it was written down')
    return { standing, digest }
  }

  async function cancel(key: string): Promise<Job | undefined> {
    await ledger.cancel(key)
    const standing = await ledger.find(key)
    if (standing?.status !== 'cancelled') return standing
    // Workers pass over what is still there: this makes room, and counts what waits.
    const answered = await ledger.answered(key)
    const places = Array.from({ length: standing.questions.total }, (_, index) => index)
    await queue.remove(
      key,
      places.filter((index) => !answered.has(index)),
    )
    return standing
  }

  return {
    submit: (job) => reach(submit(job)),
    find: (key) => reach(ledger.find(key)),
    results: (key, from, to) => reach(ledger.results(key, from, to)),
    cancel: (key) => reach(cancel(key)),
    waiting: () => queue.waiting(),
    async close() {
      await queue.close()
      redis.destroy()
    },
  }
}
