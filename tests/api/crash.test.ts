/**
 * The API is killed at a random moment of each of many runs; a fresh process gets the last cursor.
 * 6 runs, or 200 in `npm run test:long`, which keeps its result in tests/long-results.
 */
import { resolve } from 'node:path'
import { nat, readConfigureGlobal, record, sample } from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stepKey } from '../../api/replay/keys.ts'
import { connectRedisStore, type RedisStore } from '../../api/replay/redis.ts'
import { ConnectionError, drive, TpoClient } from '../../shared/client.ts'
import type { StepAnswer } from '../../shared/tpo.ts'
import { startFakeReward } from '../fakes/fake-reward.ts'
import { startFakeVllm } from '../fakes/fake-vllm.ts'
import { keepResult, machine } from '../keep-result.ts'
import { type ApiProcess, startApi } from './api-process.ts'
import { cursorKey, type House, openHouse } from './house.ts'
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts'

const long = process.env['MODE'] === 'long'
const runs = long ? 200 : 6
const seed = readConfigureGlobal().seed ?? Math.trunc(Math.random() * 2 ** 31)

interface Moment {
  /** In which step the process is killed. */
  step: number
  /** After which share of the step's events; beyond 1, after its answer, which is then lost. */
  share: number
  /** How long after that. */
  delayMs: number
}

/** Steps of a run with two iterations: sample and score, then four in each. */
const steps = 10

const moment = record({
  step: nat(steps - 1),
  // Not fast-check's doubles, most of which are next to zero.
  share: nat(160).map((percent) => percent / 100),
  delayMs: nat(4),
})

let house: House
let redis: RedisServer | undefined
let store: RedisStore | undefined
beforeAll(async () => {
  house = await openHouse()
  if (!hasRedis) return
  redis = await startRedis()
  store = await connectRedisStore(redis.url)
})
afterAll(async () => {
  await house.close()
  await store?.close()
  await redis?.stop()
})

interface Course {
  answers: StepAnswer[]
  /** How many events each step's stream had. */
  events: number[]
}

const begin = (client: TpoClient, index: number) =>
  client.start({ query: `Question ${index}`, samples: 3, iterations: 2 })

async function uninterrupted(index: number): Promise<Course> {
  const events: number[] = []
  const answers: StepAnswer[] = []
  const take = (cursor: string) => {
    const at = events.push(0) - 1
    return house.client.step(cursor, { onEvent: () => (events[at] = (events[at] ?? 0) + 1) })
  }
  for await (const answer of drive(await begin(house.client, index), take)) answers.push(answer)
  return { answers, events }
}

/** What a run comes to, but for what no two runs share. */
function outcome(answers: readonly StepAnswer[]) {
  const last = answers.at(-1)
  if (last === undefined) throw new Error('no answer')
  const { id: _id, usage, ...run } = last.run
  return {
    run: { ...run, usage: { ...usage, seconds: 0 } },
    steps: answers.map(({ step }) => step),
  }
}

const after = (ms: number, act: () => Promise<void>) =>
  new Promise<void>((resolve) => setTimeout(() => resolve(act()), ms))

interface Crash {
  answers: StepAnswer[]
  /** Whether the answer of the step in flight was stored when the process was dead. */
  stored: boolean
  /** Requests beyond those of a run that nothing interrupts, of which each step makes one. */
  paidTwice: number
}

/** A process after another, in front of fakes that count what each run is paid for. */
async function openLane(shared: RedisServer | undefined) {
  const policy = await startFakeVllm()
  const reward = await startFakeReward()
  const settings = {
    TPO_POLICY_BASE_URL: policy.url,
    TPO_REWARD_BASE_URL: reward.url,
    TPO_CURSOR_KEYS: cursorKey(1),
    ...(shared === undefined ? {} : { TPO_REPLAY_URL: shared.url }),
  }
  let api: ApiProcess = await startApi(settings)
  let client = new TpoClient({ baseUrl: api.url })

  return {
    async run(index: number, moment: Moment, events: readonly number[]): Promise<Crash> {
      policy.behave({})
      reward.requests.length = 0
      const fatal = Math.floor(moment.share * ((events[moment.step] ?? 0) + 1))
      let stored = false

      /** The driver's side of the step in which the process dies. */
      const takeAndDie = async (cursor: string): Promise<StepAnswer> => {
        let dead: Promise<void> | undefined
        let seen = 0
        const look = () => {
          if (seen++ === fatal) dead = after(moment.delayMs, api.kill)
        }
        look()
        const lost = await client.step(cursor, { onEvent: look }).catch((error: unknown) => {
          if (!(error instanceof ConnectionError)) throw error
        })
        await (dead ?? api.kill())
        stored =
          shared !== undefined && (await store?.read(await stepKey({ cursor }))) !== undefined
        api = await startApi(settings)
        client = new TpoClient({ baseUrl: api.url })
        const again = await client.step(cursor)
        if (shared !== undefined && lost !== undefined) expect(lost).toMatchObject(again)
        return again
      }

      const answers: StepAnswer[] = []
      const take = (cursor: string) =>
        answers.length === moment.step ? takeAndDie(cursor) : client.step(cursor)
      for await (const answer of drive(await begin(client, index), take)) answers.push(answer)
      const paidTwice = policy.requests.length + reward.requests.length - steps
      return { answers, stored, paidTwice }
    },
    async close() {
      await Promise.all([api.kill(), policy.close(), reward.close()])
    },
  }
}

test(
  `${runs} runs whose process is killed end as if it were not`,
  { timeout: runs * 20_000 },
  async () => {
    const moments = sample(moment, { numRuns: runs, seed }).entries()
    const hardware = machine()
    const began = performance.now()
    const found = { runs: 0, stored: 0, paid_twice: 0 }
    const drain = async (shared: RedisServer | undefined) => {
      const lane = await openLane(shared)
      // Each lane takes the next moment that no other has.
      for (const [index, moment] of moments) {
        const which = `run ${index} of seed ${seed}, killed at ${JSON.stringify(moment)}`
        const whole = await uninterrupted(index)
        const crash = await lane.run(index, moment, whole.events)
        expect(whole.answers, which).toHaveLength(steps)
        expect(outcome(crash.answers), which).toEqual(outcome(whole.answers))
        expect([0, crash.stored ? 0 : 1], which).toContain(crash.paidTwice)
        found.runs += 1
        found.stored += Number(crash.stored)
        found.paid_twice += crash.paidTwice
      }
      await lane.close()
    }
    await Promise.all([redis, redis, undefined].map(drain))
    if (!long) return
    const seconds = Math.round((performance.now() - began) / 1000)
    const what =
      'runs killed once that ended as uninterrupted ones; how many had stored the answer of the step in flight, and of how many that step was paid twice (of none that had stored it)'
    const stores = redis === undefined ? 'memory' : 'Redis in two of three lanes, memory in one'
    const result = { what, seed, stores, seconds, ...found }
    keepResult(resolve('tests/long-results'), 'crash', hardware, result)
  },
)
