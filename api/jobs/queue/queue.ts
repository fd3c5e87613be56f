/** The questions that are to be answered, in BullMQ: one of its jobs for each. */
import { type DefaultJobOptions, Queue } from 'bullmq'
import { z } from 'zod'
import { JobQuestion } from '../../../shared/jobs.ts'
import { Next } from '../../../shared/tpo.ts'
import type { Redis } from '../../redis.ts'
import type { SubmittedJob } from '../engine.ts'

/** A question on its way: all that a worker which takes it up needs besides its job. */
export const QuestionData = z.object({
  /** The key of its job. */
  job: z.string(),
  index: z.number().int(),
  question: JobQuestion,
  /** Where its run stands; null before it began. */
  place: z.object({ cursor: z.string(), next: Next.nullable() }).nullable(),
  /** How often the step that is next was tried. */
  tries: z.number().int(),
})
export type QuestionData = z.infer<typeof QuestionData>

/** What BullMQ calls the queue, and its keys in Redis begin with. */
export const queueName = 'questions'
export const queuePrefix = 'tpo:queue'

const options: DefaultJobOptions = {
  removeOnComplete: true,
  // What fails is Redis, not the question, which has its result or is to be taken up again.
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: 'fixed', delay: 1000 },
  stackTraceLimit: 0,
}

/** The lowest that BullMQ knows. */
const lastTurn = 2 ** 21 - 1

/** As many commands go out at a time, so that others come between. */
const atOnce = 500

export function createQuestionQueue(redis: Redis) {
  const queue = new Queue<QuestionData>(queueName, {
    connection: redis,
    prefix: queuePrefix,
    defaultJobOptions: options,
    skipMetasUpdate: true,
  })
  // Each call that meets the trouble tells of it.
  queue.on('error', () => undefined)

  /** Jobs take turns: the first question of a new one stands beside the first of those that wait. */
  async function firstTurn(): Promise<number> {
    const [first] = await queue.getPrioritized(0, 0)
    return first?.priority ?? 1
  }

  return {
    /** Adds the questions of a job; those that are there already stay as they are. */
    async add({ key, order }: Pick<SubmittedJob, 'key' | 'order'>): Promise<void> {
      const first = await firstTurn()
      await inParts(order.questions, (question, index) =>
        queue.add(
          'question',
          { job: key, index, question, place: null, tries: 0 },
          { jobId: idOf(key, index), priority: Math.min(first + index, lastTurn) },
        ),
      )
    },

    /** Takes questions of a job out, but for those that are worked on. */
    remove: (key: string, places: readonly number[]) =>
      inParts(places, (index) => queue.remove(idOf(key, index))),

    /** How many wait for a worker, or for what failed to work again. */
    waiting: () => queue.getJobCountByTypes('waiting', 'prioritized', 'delayed'),

    close: () => queue.close(),
  }
}

const idOf = (key: string, index: number) => `${key}-${index}`

async function inParts<T>(all: readonly T[], send: (one: T, index: number) => Promise<unknown>) {
  for (let from = 0; from < all.length; from += atOnce) {
    const part = all.slice(from, from + atOnce)
    await Promise.all(part.map((one, offset) => send(one, from + offset)))
  }
}
