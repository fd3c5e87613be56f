/**
 * What jobs are and what came of them, in Redis: a hash of each job, and one of its results by the
 * question's place. Each change is one script, so it is atomic.
 */
import { z } from 'zod'
import { canonical } from '../../../shared/canonical.ts'
import { type Job, JobResult, JobSettings } from '../../../shared/jobs.ts'
import type { Redis } from '../../redis.ts'
import type { SubmittedJob } from '../engine.ts'

const openScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], unpack(ARGV, 2))
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return redis.call('HMGET', KEYS[1], 'digest', 'accepted')`

const markScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], ARGV[1], '1') end
return 0`

const recordScript = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2]) == 0 then return 0 end
if ARGV[3] == 'failed' then redis.call('HINCRBY', KEYS[1], 'failed', 1) end
redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1]))
return 1`

const prefix = 'tpo:job:'
const jobOf = (key: string) => `${prefix}${key}`
const resultsOf = (key: string) => `${prefix}${key}:results`

const Held = z.object({
  id: z.string(),
  created_at: z.string(),
  total: z.coerce.number(),
  failed: z.coerce.number(),
  cancelled: z.coerce.number(),
})
const heldFields = Held.keyof().options

/** What a worker has to know of a question that it takes up. */
const Order = z.object({
  tenant: z.string(),
  settings: z.string().transform((text) => JobSettings.parse(JSON.parse(text))),
  /** Of the cursor key that the API writes with. */
  cursor_key: z.string(),
  cancelled: z.coerce.number().transform((flag) => flag === 1),
})
const orderFields = Order.keyof().options

export function createLedger(redis: Redis) {
  const evaluate = (script: string, keys: string[], ...values: string[]) =>
    redis.eval(script, { keys, arguments: values })

  async function find(key: string): Promise<Job | undefined> {
    const [fields, answered] = await redis
      .multi()
      .hmGet(jobOf(key), heldFields)
      .hLen(resultsOf(key))
      .execTyped()
    const held = Held.safeParse(record(heldFields, fields))
    if (!held.success) return undefined
    const { id, created_at, total, failed, cancelled } = held.data
    const over = cancelled === 1 ? ('cancelled' as const) : ('running' as const)
    const status = answered === total ? ('finished' as const) : over
    return { id, status, questions: { total, done: answered - failed, failed }, created_at }
  }

  return {
    find,

    /**
     * Writes a job down where there is none, for so many milliseconds; gives the digest of the one
     * that stands, and whether all its questions are in the queue.
     */
    async open(job: SubmittedJob, cursorKey: string, lifetime: number) {
      const { key, id, tenant, digest, created_at, order } = job
      const fields = {
        id,
        tenant,
        digest,
        created_at,
        total: String(order.questions.length),
        settings: canonical(order.settings),
        cursor_key: cursorKey,
        failed: '0',
        cancelled: '0',
      }
      const kept = String(Math.round(lifetime))
      const reply = await evaluate(openScript, [jobOf(key)], kept, ...Object.entries(fields).flat())
      const [standing, accepted] = z.tuple([z.string(), z.string().nullable()]).parse(reply)
      return { digest: standing, accepted: accepted === '1' }
    },

    /** All questions of the job are in the queue. */
    accept: (key: string) => evaluate(markScript, [jobOf(key)], 'accepted'),

    cancel: (key: string) => evaluate(markScript, [jobOf(key)], 'cancelled'),

    isCancelled: async (key: string) => (await redis.hGet(jobOf(key), 'cancelled')) !== '0',

    async results(key: string, from: number, to: number): Promise<JobResult[]> {
      const places = Array.from({ length: to - from }, (_, offset) => String(from + offset))
      const texts = await redis.hmGet(resultsOf(key), places)
      return texts.flatMap((text) => (text === null ? [] : JobResult.parse(JSON.parse(text))))
    },

    /** The places of the questions that have a result. */
    answered: async (key: string) => new Set((await redis.hKeys(resultsOf(key))).map(Number)),

    /** Undefined where the job is gone, or the question has its result. */
    async order(key: string, index: number) {
      const [fields, answered] = await redis
        .multi()
        .hmGet(jobOf(key), orderFields)
        .hExists(resultsOf(key), String(index))
        .execTyped()
      const order = Order.safeParse(record(orderFields, fields))
      return order.success && answered === 0 ? order.data : undefined
    },

    /** Keeps a result, unless the question has one; says whether it stands. */
    async record(key: string, result: JobResult): Promise<boolean> {
      const text = JSON.stringify(result)
      const how = result.problem === null ? 'finished' : 'failed'
      const keys = [jobOf(key), resultsOf(key)]
      return (await evaluate(recordScript, keys, String(result.index), text, how)) === 1
    },
  }
}

const record = (names: readonly string[], values: readonly (string | null)[]) =>
  Object.fromEntries(names.map((name, place) => [name, values[place]]))
