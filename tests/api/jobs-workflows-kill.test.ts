/**
 * A job under `wrangler dev`, which is killed at random moments with all that it started, again and
 * again. 6 questions and one kill, or in `npm run test:long` 1,000 questions on fake models and 20 on
 * the demo pair, whose result is kept in tests/long-results.
 */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { nat, noBias, readConfigureGlobal, record, sample } from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { drive, type JobResult, type Run, TpoClient } from '../../shared/client.ts'
import { type Collector, startCollector } from '../fakes/collector.ts'
import { bundleWorker } from '../fixtures/worker-bundle.ts'
import { keepResult, machine } from '../keep-result.ts'
import { startHouse } from '../system/house.ts'
import { cursorKey, type House, openHouse, present } from './house.ts'
import { startWranglerDev, type WranglerDev } from './wrangler-dev.ts'

const long = process.env['MODE'] === 'long'
const seed = readConfigureGlobal().seed ?? Math.trunc(Math.random() * 2 ** 31)
const concurrency = 4

let bundle: string
let house: House
let collector: Collector
beforeAll(async () => {
  bundle = await bundleWorker()
  house = await openHouse()
  collector = await startCollector()
}, 120_000)
afterAll(async () => {
  await Promise.all([house.close(), collector.close()])
})

const settings = { samples: 3, iterations: 2, seed: 7 }
const asked = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ query: `Question ${index}` }))

const HeldOut = z.object({ questions: z.array(z.object({ question: z.string() })) })

/** What the demo pair was made for. */
const heldOut = (count: number) =>
  HeldOut.parse(JSON.parse(readFileSync('models/held-out.json', 'utf8')))
    .questions.slice(0, count)
    .map(({ question }) => ({ query: question }))

/** What a run comes to, but for what no two runs share. */
function outcome(run: Run): unknown {
  const { id: _id, usage, ...rest } = run
  return { ...rest, usage: { ...usage, seconds: 0 } }
}

/** The runs that nothing interrupts, one after another. */
async function undisturbed(client: TpoClient, questions: readonly { query: string }[]) {
  const runs: unknown[] = []
  for (const question of questions) {
    let run: Run | undefined
    const start = await client.start({ ...question, ...settings })
    for await (const answer of drive(start, (cursor) => client.step(cursor))) run = answer.run
    runs.push(outcome(present(run)))
  }
  return runs
}

interface Upstream {
  TPO_POLICY_BASE_URL: string
  TPO_REWARD_BASE_URL: string
}

/** A Worker that is killed and started again; a client of the one that runs. */
async function openWorker(upstream: Upstream) {
  const storage = mkdtempSync(join(tmpdir(), 'tpo-jobs-'))
  const variables = {
    ...upstream,
    TPO_CURSOR_KEYS: cursorKey(1),
    TPO_JOB_CONCURRENCY: String(concurrency),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  }
  const start = () => startWranglerDev(bundle, storage, variables)
  let worker: WranglerDev = await start()
  return {
    client: () => new TpoClient({ baseUrl: worker.url }),
    async restart() {
      await worker.kill()
      worker = await start()
    },
    kill: () => worker.kill(),
    said: () => worker.said(),
  }
}

type Worker = Awaited<ReturnType<typeof openWorker>>

/** Resolves at a moment to kill, or once the job does not run any longer. */
type Moment = (isRunning: () => Promise<boolean>) => Promise<void>

/** Kills at each of the moments, for as long as the job runs; how often that was. */
async function killed(worker: Worker, id: string, moments: readonly Moment[]) {
  const status = async () => (await worker.client().job(id, { limit: 0 })).status
  const isRunning = async () => (await status()) === 'running'
  let kills = 0
  for (const moment of moments) {
    await moment(isRunning)
    if (!(await isRunning())) break
    await worker.restart()
    kills += 1
  }
  await expect.poll(status, { timeout: 1_800_000, interval: 100 }).toBe('finished')
  return kills
}

async function resultsOf(client: TpoClient, id: string): Promise<JobResult[]> {
  const results: JobResult[] = []
  for (let from: number | null = 0; from !== null;) {
    const page = await client.job(id, { from })
    results.push(...page.results)
    from = page.next_from
  }
  return results
}

function expectEach(results: readonly JobResult[], expected: readonly unknown[], which: string) {
  expect(
    results.map(({ index }) => index),
    which,
  ).toEqual(expected.map((_, index) => index))
  expect(
    results.map(({ run, problem }) => problem ?? outcome(present(run ?? undefined))),
    which,
  ).toEqual(expected)
}

/** That the spans of a run, in however many processes it was, are one trace. */
function expectOneTraceEach(results: readonly JobResult[]) {
  const ofRuns = Map.groupBy(collector.spans, ({ attributes }) => attributes['tpo.run.id'])
  for (const { run } of results) {
    const spans = ofRuns.get(run?.id) ?? []
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    expect(spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['process question', 'invoke_workflow tpo.score', 'chat fake-70b']),
    )
  }
}

/** Not fast-check's own choice, most of which is next to zero. */
const moment = record({
  /** After how many of the calls that this process makes. */
  calls: noBias(nat(long ? 600 : 30)),
  /** How long after that; a step and its keeping take about so long. */
  delayMs: noBias(nat(200)),
})

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

const questions = long ? 1000 : 6
const kills = long ? 30 : 1

test(
  `a job of ${questions} questions that is killed comes to what undisturbed runs do`,
  { timeout: long ? 3_600_000 : 60_000 },
  async () => {
    const hardware = machine()
    const began = performance.now()
    const which = `seed ${seed}`
    const expected = await undisturbed(house.client, asked(questions))
    let calls = 0
    const call = () => {
      calls += 1
      return undefined
    }
    house.policy.behave({ status: call })
    house.reward.behave({ held: call })
    const moments = sample(moment, { numRuns: kills, seed }).map(
      (one): Moment =>
        async (isRunning) => {
          const until = calls + one.calls
          const isDue = () => calls >= until
          while (!isDue() && (await isRunning())) await pause(50)
          await pause(one.delayMs)
        },
    )
    const worker = await openWorker({
      TPO_POLICY_BASE_URL: house.policy.url,
      TPO_REWARD_BASE_URL: house.reward.url,
    })
    try {
      await worker.client().submitJob({ id: 'job', questions: asked(questions), settings })
      const times = await killed(worker, 'job', moments)
      const results = await resultsOf(worker.client(), 'job')
      expectEach(results, expected, which)
      expectOneTraceEach(results)
      // Of each question: sample and score, then four calls in each iteration.
      const twice = calls - questions * 10
      expect(twice, which).toBeGreaterThanOrEqual(0)
      expect(twice, which).toBeLessThanOrEqual(times * concurrency)
      if (!long) return
      const seconds = Math.round((performance.now() - began) / 1000)
      const fakes = { questions, kills: times, calls, made_twice: twice, seconds }
      keep('jobs-workflows', { fakes }, hardware)
    } finally {
      await worker.kill()
    }
  },
)

function keep(name: string, result: object, hardware: ReturnType<typeof machine>) {
  const what = `a job under wrangler dev, ${concurrency} questions at a time, whose process group was killed (kill -9) at random moments and started again on the same storage until the job was over: every question had exactly one result, equal to that of a run that nothing interrupts. made_twice, where it can be counted: calls of models beyond those of undisturbed runs, at most ${concurrency} for each kill`
  keepResult(resolve('tests/long-results'), name, hardware, { what, seed, ...result })
}

test.runIf(long)(
  'a job of 20 questions on the demo pair that is killed comes to what undisturbed runs do',
  { timeout: 3_600_000 },
  async () => {
    const hardware = machine()
    const began = performance.now()
    const questions = heldOut(20)
    const demo = await startHouse()
    let worker: Worker | undefined
    try {
      const expected = await undisturbed(new TpoClient({ baseUrl: demo.url }), questions)
      worker = await openWorker({
        TPO_POLICY_BASE_URL: `${demo.policyUrl}/v1`,
        TPO_REWARD_BASE_URL: demo.rewardUrl,
      })
      await worker.client().submitJob({ id: 'demo', questions, settings })
      const delays = sample(noBias(nat(10_000)), { numRuns: 10, seed })
      const moments = delays.map((delay) => () => pause(delay))
      const times = await killed(worker, 'demo', moments)
      const results = await resultsOf(worker.client(), 'demo')
      expect(results).toHaveLength(questions.length)
      expectEach(results, expected, `seed ${seed}`)
      const seconds = Math.round((performance.now() - began) / 1000)
      const demo_pair = { questions: questions.length, kills: times, seconds }
      keep('jobs-workflows-demo-pair', { demo_pair }, hardware)
    } finally {
      await worker?.kill()
      demo.command.child.kill()
      await demo.command.exit
    }
  },
)
