/** Jobs on BullMQ, through the API's HTTP, a real Redis and real worker processes. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SubmittedJob } from '../../api/jobs/engine.ts'
import { connectQueueJobs } from '../../api/jobs/queue/engine.ts'
import { nameOfKey } from '../../api/jobs/queue/key-name.ts'
import { createLedger } from '../../api/jobs/queue/ledger.ts'
import { createQuestionQueue } from '../../api/jobs/queue/queue.ts'
import { failed } from '../../api/jobs/question.ts'
import { connectRedis } from '../../api/redis.ts'
import type { TpoClient } from '../../shared/client.ts'
import { JobRequest } from '../../shared/jobs.ts'
import { problem, ProblemError } from '../../shared/problems.ts'
import type { StartRequest } from '../../shared/tpo.ts'
import { faultLog } from '../fakes/fault-log.ts'
import { scrape } from '../fakes/scraped.ts'
import type { ApiProcess } from './api-process.ts'
import { cursorKey, present } from './house.ts'
import { openQueueHouse, outcome, type QueueHouse, resultsOf } from './jobs-queue-house.ts'
import { hasRedis, startRedis } from './redis-server.ts'

const settings = { samples: 2, iterations: 1 }
/** Of one question with these settings. */
const policyCalls = 4

const questions = (count: number, name = 'Question') =>
  Array.from({ length: count }, (_, index) => ({ query: `${name} ${index}` }))

const job = (id: string, count: number): JobRequest => ({
  id,
  questions: questions(count),
  settings,
})

const problemIn = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => (error instanceof ProblemError ? error.problem : error),
  )

const patience = { timeout: 25_000 }

async function finished(client: TpoClient, id: string) {
  await expect
    .poll(async () => (await client.job(id, { limit: 0 })).status, patience)
    .toBe('finished')
  return resultsOf(client, id)
}

describe.skipIf(!hasRedis)('a worker with one question at a time', () => {
  let house: QueueHouse
  let worker: ApiProcess
  beforeAll(async () => {
    house = await openQueueHouse({ api_keys: ['ana:one', 'ben:two'] })
    worker = await house.worker({ TPO_JOB_CONCURRENCY: '1' })
  })
  beforeEach(() => house.house.policy.behave({}))
  afterAll(() => house.close())

  test('a job comes to the runs of /v1/tpo/run; each tenant has its own', async () => {
    const [ana, ben] = [house.clientOf('one'), house.clientOf('two')]
    const inTurns: StartRequest = { messages: [{ role: 'user', content: 'In turns' }] }
    const each: StartRequest[] = [...questions(4), inTurns]
    const asked = [...questions(4), { id: 'named', ...inTurns }]
    const request: JobRequest = { id: 'mine', questions: asked, settings }
    expect(await ana.submitJob(request)).toMatchObject({
      id: 'mine',
      questions: { total: 5, failed: 0 },
    })
    const results = await finished(ana, 'mine')
    expect(results.map(({ index, id }) => [index, id])).toEqual([
      [0, '1'],
      [1, '2'],
      [2, '3'],
      [3, '4'],
      [4, 'named'],
    ])
    for (const [index, result] of results.entries()) {
      const { run } = await ana.run({ ...present(each[index]), ...settings })
      expect(outcome(result.run)).toEqual(outcome(run))
      expect((await ana.inspect(present(result.cursor ?? undefined))).run).toEqual(result.run)
    }
    expect(await resultsOf(ana, 'mine', 2)).toEqual(results)
    const page = await ana.job('mine', { from: 1, limit: 2 })
    expect(page).toMatchObject({ next_from: 3, results: results.slice(1, 3) })

    expect((await ana.submitJob(request)).questions.done).toBe(5)
    expect(await problemIn(ana.submitJob(job('mine', 5)))).toMatchObject({ code: 'job_id_reused' })
    expect(await problemIn(ben.job('mine'))).toMatchObject({ code: 'job_not_found' })
    expect(await problemIn(ben.cancelJob('mine'))).toMatchObject({ code: 'job_not_found' })
    expect((await ana.cancelJob('mine')).status).toBe('finished')

    const metrics = await scrape(worker.url)
    expect(metrics.value('tpo_jobs_questions_total', { tpo_outcome: 'finished' })).toBe(5)
    expect(metrics.value('tpo_jobs_waiting')).toBe(0)
    expect(await (await fetch(`${worker.url}/readyz`)).json()).toEqual({ status: 'ready' })
  })

  test('a question that is refused, or gets nothing, has its problem; one whose policy fails waits, and others go on', async () => {
    const client = house.clientOf('one')
    let away = true
    house.house.policy.behave({
      status({ messages }) {
        const asked = messages.map(({ content }) => content).join()
        if (asked.includes('Question 1')) return 400
        return away && asked.includes('Question 0') ? 503 : undefined
      },
      write: ({ messages }) =>
        messages.some(({ content }) => content.includes('Question 3')) ? '' : 'An answer.',
    })
    await client.submitJob(job('refused', 4))
    await expect
      .poll(async () => (await client.job('refused', { limit: 0 })).questions, patience)
      .toEqual({ total: 4, done: 1, failed: 2 })
    away = false
    const results = await finished(client, 'refused')
    const codes = results.map(({ problem }) => problem?.code)
    expect(codes).toEqual([undefined, 'policy_refused', undefined, 'policy_empty'])
    expect(results[1]).toMatchObject({ run: null, problem: { retryable: false } })
    const { next } = await client.inspect(present(results[1]?.cursor ?? undefined))
    expect(next).toEqual({ step: 'sample', iteration: 0 })
  })

  test('a submission that died halfway is completed by the same again, and nothing is paid twice', async () => {
    const { jobs, redis } = house
    const { questions: asked, settings: given } = JobRequest.parse(job('half', 4))
    const submitted: SubmittedJob = {
      key: 'half-key',
      id: 'half',
      tenant: '',
      digest: 'digest',
      created_at: new Date().toISOString(),
      order: { questions: asked, settings: given },
    }
    const half = { questions: asked.slice(0, 2), settings: given }
    const connection = await connectRedis({ url: redis.url, setting: 'TPO_QUEUE_URL' })
    await createLedger(connection).open(submitted, await nameOfKey(cursorKey(1)), 60_000)
    const queue = createQuestionQueue(connection)
    await queue.add({ ...submitted, order: half })
    await queue.close()
    connection.destroy()

    const done = async () => (await jobs.find(submitted.key))?.questions.done
    await expect.poll(done, patience).toBe(2)
    await jobs.submit(submitted)
    await expect.poll(done, patience).toBe(4)
    expect(house.house.policy.requests.length).toBe(4 * policyCalls)
    expect((await jobs.submit({ ...submitted, digest: 'other' })).digest).toBe('digest')
  })

  test('jobs take turns; a cancelled one begins no more steps and keeps its results', async () => {
    const { jobs } = house
    const { policy } = house.house
    const client = house.clientOf('one')
    // While it holds one question, two jobs come.
    const before = Promise.withResolvers<void>()
    policy.behave({ held: before.promise })
    await client.submitJob(job('first', 1))
    await policy.asked()
    await client.submitJob(job('long', 50))
    await client.submitJob({ id: 'short', questions: questions(3, 'Small'), settings })
    expect(await jobs.waiting()).toBe(53)
    policy.behave({})
    before.resolve()
    await finished(client, 'short')
    const asked = policy.requests.flatMap(({ messages }) => messages.at(-1)?.content ?? '')
    const others = asked.slice(0, asked.indexOf('Small 2'))
    expect(others.filter((text) => text.startsWith('Question'))).toEqual(
      questions(3).map(({ query }) => query),
    )

    const gate = Promise.withResolvers<void>()
    policy.behave({ held: gate.promise })
    await policy.asked()
    const { status, questions: counted } = await client.cancelJob('long')
    expect(status).toBe('cancelled')
    expect(await jobs.waiting()).toBe(0)
    gate.resolve()
    await expect
      .poll(async () => (await scrape(worker.url)).value('tpo_jobs_active'), patience)
      .toBe(0)
    expect(policy.requests.length).toBe(1)
    expect(await worker.stop()).toBe(0)
    expect(await client.job('long')).toMatchObject({ status: 'cancelled', questions: counted })
    expect((await resultsOf(client, 'long')).map(({ index }) => index)).toEqual(
      questions(counted.done).map((_, index) => index),
    )
    expect(house.house.faults).toEqual([])
  })
})

describe.skipIf(!hasRedis)('workers that come and go', () => {
  let house: QueueHouse
  beforeAll(async () => {
    house = await openQueueHouse()
  })
  beforeEach(() => house.house.policy.behave({}))
  afterAll(() => house.close())

  test('one with other cursor keys says so, and leaves the questions to others', async () => {
    const { client, jobs } = house
    const other = await house.worker({ TPO_CURSOR_KEYS: cursorKey(2) })
    await client.submitJob(job('keys', 2))
    await expect
      .poll(() => other.said(), patience)
      .toMatch(/^tpo: questions wait, [^\n]* TPO_CURSOR_KEYS[^\n]*\n$/)
    await expect.poll(jobs.waiting, patience).toBe(2)
    expect(house.house.policy.requests).toEqual([])
    expect((await client.job('keys')).questions).toEqual({ total: 2, done: 0, failed: 0 })
    await client.cancelJob('keys')
    await other.kill()
  })

  test(
    'SIGTERM: the step in hand is finished, and the question is at once another’s; Redis may be away for a while',
    { timeout: 60_000 },
    async () => {
      const { client, jobs, stopRedis } = house
      const { policy, faults } = house.house
      const gate = Promise.withResolvers<void>()
      policy.behave({ held: gate.promise })
      const traced = { OTEL_TRACES_EXPORTER: 'console' }
      const first = await house.worker({ ...traced, TPO_JOB_CONCURRENCY: '2' })
      await client.submitJob(job('terminated', 12))
      await policy.asked(2)
      const ended = first.stop()
      await expect
        .poll(() => first.said(), patience)
        .toContain('ends when its steps in hand do (2), after 25 s at most')
      gate.resolve()
      expect(await ended).toBe(0)
      expect(policy.requests.length).toBe(2)
      expect(await jobs.waiting()).toBe(12)

      const second = await house.worker(traced, true)
      await policy.asked(10)
      const startAgain = await stopRedis()
      expect(await problemIn(client.job('terminated'))).toMatchObject({ code: 'jobs_unreachable' })
      expect(await problemIn(client.submitJob(job('other', 1)))).toMatchObject({ retryable: true })
      await expect
        .poll(async () => (await fetch(`${second.url}/readyz`)).status, patience)
        .toBe(503)
      await startAgain()
      await expect.poll(() => problemIn(client.job('terminated')), patience).toBeUndefined()
      const results = await finished(client, 'terminated')
      expect(results.map(({ problem }) => problem)).toEqual(questions(12).map(() => null))
      expect(second.said()).toMatch(
        /^tpo: Redis at 127\.0\.0\.1:\d+ is away[^\n]*\ntpo: Redis at [^\n]* is back\n$/,
      )
      // Whoever takes its steps, a run is one trace.
      expect(new Set(policy.traces.map((traceparent) => traceparent.split('-')[1])).size).toBe(12)
      // The API's: of the time that Redis was away.
      expect(faults).not.toEqual([])
    },
  )
})

test.skipIf(!hasRedis)('of two workers on one question, the first result stands', async () => {
  const server = await startRedis()
  const redis = await connectRedis({ url: server.url, setting: 'TPO_QUEUE_URL' })
  try {
    const ledger = createLedger(redis)
    const order = JobRequest.parse(job('raced', 2))
    const names = { key: 'raced', id: 'raced', tenant: '', digest: 'd' }
    const created_at = new Date().toISOString()
    await ledger.open({ ...names, created_at, order }, 'k', 60_000)
    const question = { index: 0, question: { query: 'Question 0' }, settings: order.settings }
    const first = failed(question, 'first', problem('policy_refused', 'Refused.'))
    const second = failed(question, 'second', problem('policy_refused', 'Refused.'))
    expect(await ledger.record('raced', first)).toBe(true)
    expect(await ledger.record('raced', second)).toBe(false)
    expect(await ledger.results('raced', 0, 2)).toEqual([first])
    expect((await ledger.find('raced'))?.questions).toEqual({ total: 2, done: 0, failed: 1 })
    expect(await ledger.order('raced', 0)).toBeUndefined()
  } finally {
    redis.destroy()
    await server.stop()
  }
})

test('no Redis at the address: one line that names the setting and no password', async () => {
  const reach = connectQueueJobs({
    url: 'redis://user:secret@127.0.0.1:9',
    days: 1,
    cursorKeys: [cursorKey(1)],
    log: faultLog([]),
  })
  await expect(reach).rejects.toThrow(
    /^TPO_QUEUE_URL: no Redis answers at 127\.0\.0\.1:9 \([^\n]*$/,
  )
  await expect(reach).rejects.not.toThrow(/secret/)
})
