/**
 * Two workers on one queue, of which one or the other is killed at random moments and started again
 * until the job is finished. A few questions and kills; in `npm run test:long` 1,000 questions, and 20 of
 * the demo pair, whose results are kept in tests/long-results.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { boolean, nat, readConfigureGlobal, record, sample } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { connectRedis } from '../../api/redis.ts'
import type { StartRequest } from '../../shared/tpo.ts'
import { batchEnded, batchFolder } from '../cli/batch-command.ts'
import { keepResult, machine } from '../keep-result.ts'
import { startHouse } from '../system/house.ts'
import type { ApiProcess } from './api-process.ts'
import { openQueueHouse, outcome, type QueueHouse, resultsOf } from './jobs-queue-house.ts'
import { hasRedis } from './redis-server.ts'

const long = process.env['MODE'] === 'long'
const seed = readConfigureGlobal().seed ?? Math.trunc(Math.random() * 2 ** 31)

/** More than any job lives to see. */
const numRuns = 10_000

interface Kill {
  /** Waits for the moment, counted from the one before. */
  moment: () => Promise<unknown>
  /** Which of the two workers. */
  first: boolean
}

interface KilledJob {
  house: QueueHouse
  questions: StartRequest[]
  settings: Omit<StartRequest, 'query' | 'messages'>
  start: () => Promise<ApiProcess>
  kills: Iterable<Kill>
  mostKills: number
}

/** Submits the job, and kills and starts workers until it is finished. */
async function killedJob({ house, questions, settings, start, kills, mostKills }: KilledJob) {
  const { client } = house
  const workers = await Promise.all([start(), start()])
  const began = performance.now()
  await client.submitJob({ id: 'job', questions, settings })
  const status = async () => (await client.job('job', { limit: 0 })).status
  const isOver = async () => (await status()) === 'finished'
  let over = false
  const finished = (async () => {
    while (!(await isOver())) await wait(100)
    over = true
  })()
  let killed = 0
  for (const { moment, first } of kills) {
    await Promise.race([moment(), finished])
    if (over || killed === mostKills) break
    const which = first ? 0 : 1
    await workers[which]?.kill()
    killed += 1
    workers[which] = await start()
  }
  await finished
  const seconds = (performance.now() - began) / 1000
  await Promise.all(workers.map((worker) => worker.kill()))
  return { kills: killed, seconds, results: await resultsOf(client, 'job') }
}

/** How often a question was taken from a worker that was not heard of, as BullMQ tells. */
async function takenOver(url: string): Promise<number> {
  const redis = await connectRedis({ url, setting: 'TPO_QUEUE_URL' })
  const events = await redis.xRange('tpo:queue:questions:events', '-', '+')
  redis.destroy()
  return (events ?? []).filter(({ message }) => message['event'] === 'stalled').length
}

/** The same questions one after another through /v1/tpo/run, some at a time. */
async function undisturbed({ client }: QueueHouse, requests: readonly StartRequest[]) {
  const outcomes: ReturnType<typeof outcome>[] = []
  const left = requests.entries()
  const lane = async () => {
    for (const [index, request] of left) outcomes[index] = outcome((await client.run(request)).run)
  }
  await Promise.all(Array.from({ length: 8 }, lane))
  return outcomes
}

/** Calls of the fakes, each of which takes a while, as those of models do. */
function counted({ house: { policy, reward } }: QueueHouse) {
  let calls = 0
  let mark = { at: Infinity, reached: () => undefined as void }
  const call = () => {
    calls += 1
    if (calls === mark.at) mark.reached()
  }
  policy.behave({ pace: 60, status: () => void call() as undefined })
  reward.behave({
    held() {
      call()
      return wait(100)
    },
  })
  return {
    calls: () => calls,
    /** Resolves so many calls from now. */
    after(more: number) {
      const { promise, resolve } = Promise.withResolvers<void>()
      mark = { at: calls + more + 1, reached: resolve }
      return promise
    },
  }
}

const settings = { samples: 2, iterations: 1 }
/** Of one question: four of the policy, two of the reward model. */
const callsOfOne = 6

interface FakedJob {
  count: number
  mostKills: number
  /** The next kill comes after so many calls at most. */
  mostCalls: number
  worker: (house: QueueHouse) => Promise<ApiProcess>
}

async function fakedJob({ count, mostKills, mostCalls, worker }: FakedJob) {
  const house = await openQueueHouse()
  const questions = Array.from({ length: count }, (_, index) => ({ query: `Question ${index}` }))
  const expected = await undisturbed(
    house,
    questions.map((one) => ({ ...one, ...settings })),
  )
  const { calls, after } = counted(house)
  // Not at the call, but while its answer is on the way, or is kept.
  const moments = sample(record({ calls: nat(mostCalls), delayMs: nat(150), first: boolean() }), {
    numRuns,
    seed,
  })
  const kills = moments.map(({ calls, delayMs, first }) => ({
    first,
    moment: () => after(calls).then(() => wait(delayMs)),
  }))
  const start = () => worker(house)
  const job = await killedJob({ house, questions, settings, start, kills, mostKills })
  const which = `seed ${seed}, ${job.kills} kills`
  expect(
    job.results.map(({ index }) => index),
    which,
  ).toEqual(questions.map((_, index) => index))
  expect(
    job.results.map(({ run }) => outcome(run)),
    which,
  ).toEqual(expected)
  const taken_over = await takenOver(house.redis.url)
  const paid_twice = calls() - count * callsOfOne
  expect(paid_twice, which).toBeGreaterThanOrEqual(0)
  expect(paid_twice, which).toBeLessThanOrEqual(taken_over)
  return { house, found: { ...job, taken_over, paid_twice, calls: calls() } }
}

describe.skipIf(!hasRedis)('workers are killed', () => {
  test.skipIf(long)('every question has one result, that of an undisturbed run', async () => {
    const worker = (house: QueueHouse) => house.worker({ TPO_JOB_CONCURRENCY: '2' }, true)
    const { house, found } = await fakedJob({ count: 8, mostKills: 2, mostCalls: 20, worker })
    expect(found.kills).toBeGreaterThan(0)
    await house.close()
  })

  test.runIf(long)('1,000 questions, and 20 of the demo pair', { timeout: 1_800_000 }, async () => {
    const hardware = machine()
    const [count, fewer] = [1000, 300]
    const rate = (count: number, seconds: number) => ({
      questions: count,
      seconds: Math.round(seconds),
      questions_per_second: Math.round((10 * count) / seconds) / 10,
    })
    const figures = async (
      worker: FakedJob['worker'],
      { count, mostKills }: Pick<FakedJob, 'count' | 'mostKills'>,
    ) => {
      const { house, found } = await fakedJob({ count, mostKills, mostCalls: 200, worker })
      await house.close()
      const { kills, seconds, calls, taken_over, paid_twice } = found
      return { ...rate(count, seconds), kills, calls, taken_over, paid_twice }
    }
    const alone = (house: QueueHouse) => house.worker()
    const sharing = (house: QueueHouse) => house.worker({ TPO_REPLAY_URL: house.redis.url })
    const inMemory = await figures(alone, { count, mostKills: 60 })
    expect(inMemory.kills).toBeGreaterThan(0)
    const inRedis = await figures(sharing, { count: fewer, mostKills: 60 })
    const calm = await figures(alone, { count: fewer, mostKills: 0 })
    const what =
      'Jobs on BullMQ with two workers of 8 questions at a time, of which one or the other was killed at random moments and started again until the job was finished: every question had exactly one result, that of a run which nothing disturbs. Calls paid twice are at most one for each question that was taken over from a worker that was killed. The fakes take a tenth of a second and more for each call. Besides: the same without kills, as tpo batch, 16 at a time, and on the demo pair'
    keepResult(resolve('tests/long-results'), 'jobs-queue', hardware, {
      what,
      seed,
      answers_kept_in_memory: inMemory,
      answers_kept_in_redis: inRedis,
      without_kills: calm,
      tpo_batch: rate(fewer, await batchSeconds(fewer)),
      demo_pair: await demoJob(),
    })
  })
})

async function batchSeconds(count: number): Promise<number> {
  const house = await openQueueHouse()
  counted(house)
  const folder = batchFolder()
  const began = performance.now()
  const args = [folder.questions(count), ...folder.args('-c', '16')]
  const { code, stderr } = await batchEnded(house.house.url, args)
  expect(code, stderr).toBe(0)
  await house.close()
  return (performance.now() - began) / 1000
}

const HeldOut = z.object({ questions: z.array(z.object({ question: z.string() })) })

/** 20 questions on the bundled models, whose workers are killed every few seconds. */
async function demoJob() {
  const models = await startHouse()
  const house = await openQueueHouse({
    policy_base_url: `${models.policyUrl}/v1`,
    reward_base_url: models.rewardUrl,
  })
  const heldOut = HeldOut.parse(JSON.parse(readFileSync('models/held-out.json', 'utf8')))
  const questions = heldOut.questions.slice(0, 20).map(({ question }) => ({ query: question }))
  const expected = await undisturbed(
    house,
    questions.map((one) => ({ ...one, ...settings })),
  )
  const moments = sample(record({ delayMs: nat(4000), first: boolean() }), { numRuns, seed })
  const kills = moments.map(({ delayMs, first }) => ({ first, moment: () => wait(delayMs) }))
  const start = () =>
    house.worker({
      TPO_POLICY_BASE_URL: `${models.policyUrl}/v1`,
      TPO_REWARD_BASE_URL: models.rewardUrl,
      TPO_JOB_CONCURRENCY: '2',
    })
  const job = await killedJob({ house, questions, settings, start, kills, mostKills: 20 })
  expect(job.results.map(({ run }) => outcome(run))).toEqual(expected)
  const taken_over = await takenOver(house.redis.url)
  await house.close()
  models.command.child.kill('SIGTERM')
  await models.command.exit
  return {
    questions: questions.length,
    kills: job.kills,
    seconds: Math.round(job.seconds),
    taken_over,
  }
}
