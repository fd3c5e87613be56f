/** Jobs on Cloudflare Workflows, in workerd; two questions at a time. */
import {
  evictDurableObject,
  introspectWorkflow,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, inject, test } from 'vitest'
import { createEdge } from '../../api/edge.ts'
import { jobBindings } from '../../api/jobs/workflows/bindings.ts'
import { queueOf } from '../../api/jobs/workflows/queue.ts'
import { keepResult, readResults } from '../../api/jobs/workflows/results.ts'
import worker from '../../api/worker.ts'
import { type JobPage, type Run, TpoClient } from '../../shared/client.ts'
import { problem } from '../../shared/problems.ts'

const clientOf = (serve: typeof worker.fetch, env: Record<string, unknown>, apiKey?: string) =>
  new TpoClient({
    baseUrl: 'https://tpo.example',
    apiKey,
    fetch: async (url, init) => serve(new Request(String(url), init), env),
  })
const client = clientOf(worker.fetch, env)

const bindings = () => {
  const all = jobBindings(env)
  if (all === undefined) throw new Error('wrangler.toml has no bindings for jobs')
  return all
}

const settings = { samples: 2, iterations: 1, seed: 11 }
const asking = (url: 'refusingPolicyUrl' | 'recoveringPolicyUrl' | 'brokenDownPolicyUrl') => ({
  ...settings,
  policy: { base_url: inject(url) },
})

/** The job once it is finished. */
async function over(id: string, by = client): Promise<JobPage> {
  const look = () => by.job(id)
  await expect.poll(async () => (await look()).status, { timeout: 20_000 }).toBe('finished')
  return look()
}

/** What a run comes to, but for what no two runs share. */
const outcome = ({ id: _id, usage, ...run }: Run) => ({ ...run, usage: { ...usage, seconds: 0 } })

describe('a job', () => {
  const questions = ['One?', 'Two?', 'Three?', 'Four?'].map((query, index) =>
    index === 1 ? { id: 'second', query } : { query },
  )
  const paired = { ...settings, policy: { base_url: inject('pairedPolicyUrl') } }

  test('comes to what single runs come to, and asks no more at a time than it may', async () => {
    const submitted = await client.submitJob({ id: 'whole', questions, settings: paired })
    expect(submitted).toMatchObject({ id: 'whole', status: 'running' })
    const { results, ...job } = await over('whole')
    expect(job).toEqual({
      ...submitted,
      status: 'finished',
      questions: { total: 4, done: 4, failed: 0 },
      next_from: null,
    })
    expect(results.map(({ index, id, problem }) => [index, id, problem])).toEqual([
      [0, '1', null],
      [1, 'second', null],
      [2, '3', null],
      [3, '4', null],
    ])
    for (const [index, { query }] of questions.entries()) {
      const { run, cursor } = results[index] ?? {}
      const single = await client.run({ query, ...settings })
      expect(run && outcome(run)).toEqual(outcome(single.run))
      expect((await client.inspect(cursor ?? '')).run).toEqual(run)
    }
    const most = await fetch(new URL('/most', inject('pairedPolicyUrl')))
    expect(await most.text()).toBe('2')
  })

  test('is read page by page', async () => {
    const page = await client.job('whole', { from: 1, limit: 2 })
    expect(page.results.map(({ index }) => index)).toEqual([1, 2])
    expect(page.next_from).toBe(3)
    const last = await client.job('whole', { from: 3, limit: 2 })
    expect([last.results.length, last.next_from]).toEqual([1, null])
    expect(await client.job('whole', { limit: 0 })).toMatchObject({ results: [], next_from: null })
  })

  test('is the same one when it is sent again, and no other may have its id', async () => {
    const again = await client.submitJob({ id: 'whole', questions, settings: paired })
    expect(again).toMatchObject({ status: 'finished', questions: { done: 4 } })
    const other = { id: 'whole', questions: questions.slice(1), settings: paired }
    await expect(client.submitJob(other)).rejects.toMatchObject({
      problem: { code: 'job_id_reused', status: 422 },
    })
  })

  test('belongs to whoever submitted it', async () => {
    const keyed = { ...env, TPO_API_KEYS: 'ana:one,ben:two' }
    const serve = createEdge()
    const ana = clientOf(serve, keyed, 'one')
    await ana.submitJob({ id: 'of-ana', questions: [{ query: 'Mine?' }], settings })
    for (const one of [clientOf(serve, keyed, 'two'), client]) {
      await expect(one.job('of-ana')).rejects.toMatchObject({
        problem: { code: 'job_not_found', status: 404 },
      })
      await expect(one.cancelJob('of-ana')).rejects.toMatchObject({
        problem: { code: 'job_not_found' },
      })
    }
    const { cursor } = (await over('of-ana', ana)).results[0] ?? {}
    expect((await ana.inspect(cursor ?? '')).messages).toMatchObject([{ content: 'Mine?' }])
    await expect(client.inspect(cursor ?? '')).rejects.toMatchObject({
      problem: { code: 'cursor_foreign' },
    })
  })

  test('may have a question that is longer than a value in a database', async () => {
    const query = `${'長い🤖'.repeat(240_000)}?`
    await client.submitJob({ id: 'long', questions: [{ query }], settings })
    const { results } = await over('long')
    // The model of the test takes less, which is said of this question; it came whole until there.
    expect(results[0]?.problem).toMatchObject({ code: 'policy_refused' })
    const { messages } = await client.inspect(results[0]?.cursor ?? '')
    expect(messages[0]?.content === query).toBe(true)
  })
})

test('a question that is refused has its problem as its result; others go on', async () => {
  const questions = [{ query: 'Allowed?' }, { query: 'Forbidden?' }, { query: 'Allowed too?' }]
  await client.submitJob({ id: 'refused', questions, settings: asking('refusingPolicyUrl') })
  const { results, questions: counts } = await over('refused')
  expect(counts).toEqual({ total: 3, done: 2, failed: 1 })
  expect(results.map(({ run }) => run?.stop_reason)).toEqual([
    'iterations',
    undefined,
    'iterations',
  ])
  expect(results[1]).toMatchObject({
    problem: { code: 'policy_refused', upstream_status: 400, retryable: false },
  })
  expect((await client.inspect(results[1]?.cursor ?? '')).next?.step).toBe('sample')
})

test('an outage of the policy is survived', async () => {
  const order = {
    id: 'outage',
    questions: [{ query: 'Through it?' }],
    settings: asking('recoveringPolicyUrl'),
  }
  await client.submitJob(order)
  const { results } = await over('outage')
  expect(results[0]).toMatchObject({ problem: null, run: { stop_reason: 'iterations' } })
})

test('an outage that lasts too long is the result', async () => {
  await using workflow = await introspectWorkflow(bindings().instances)
  await workflow.modifyAll((one) => one.disableRetryDelays())
  const questions = [{ query: 'Ever?' }]
  const settings = asking('brokenDownPolicyUrl')
  await client.submitJob({ id: 'broken', questions, settings })
  const { results } = await over('broken')
  expect(results[0]).toMatchObject({
    run: null,
    problem: { code: 'policy_error', upstream_status: 503, retryable: true },
  })
})

test('a job that is cancelled keeps its results, asks no more, and makes room', async () => {
  const endless = inject('endlessJobPolicyUrl')
  const policy = new URL('/', endless)
  const questions = ['A?', 'B?', 'C?'].map((query) => ({ query }))
  const settings = { samples: 1, policy: { base_url: endless } }
  await client.submitJob({ id: 'endless', questions, settings })
  await fetch(new URL('/asked', policy))
  const cancelled = { id: 'endless', status: 'cancelled' }
  expect(await client.cancelJob('endless')).toMatchObject(cancelled)
  expect(await (await fetch(new URL('/abandoned', policy))).text()).toBe('yes')
  expect(await client.job('endless')).toMatchObject({ ...cancelled, results: [] })
  await client.submitJob({ id: 'after', questions: [{ query: 'Room?' }], settings: { samples: 1 } })
  await over('after')
  expect(await client.cancelJob('after')).toMatchObject({ status: 'finished' })
})

test('jobs take turns', async () => {
  const questions = Array.from({ length: 6 }, (_, index) => ({ query: `Of many, ${index}?` }))
  const short = { samples: 1, iterations: 0 }
  await client.submitJob({ id: 'large', questions, settings: short })
  await client.submitJob({ id: 'small', questions: [{ query: 'Quick?' }], settings: short })
  const begun = async ({ results }: JobPage) =>
    (await client.inspect(results.at(-1)?.cursor ?? '')).created_at
  const [small, large] = [await over('small'), await over('large')]
  expect(Date.parse(await begun(small))).toBeLessThan(Date.parse(await begun(large)))
})

test('the first result of a question stands', async () => {
  const { bucket } = bindings()
  const result = { index: 0, id: '1', run: null, cursor: 'first' }
  const { problem: why } = problem('internal', 'It failed.')
  expect(await keepResult(bucket, 'a-job', { ...result, problem: why })).toBe('failed')
  expect(await keepResult(bucket, 'a-job', { ...result, cursor: null, problem: null })).toBe(
    'failed',
  )
  const kept = await readResults(bucket, 'a-job', { from: 0, to: 2, connections: 5 })
  expect(kept).toEqual([{ ...result, problem: why }])
})

describe('what is looked after', () => {
  const queue = () => queueOf(bindings().queue)

  test('a question whose work Cloudflare ends has that as its result', async () => {
    await using workflow = await introspectWorkflow(bindings().instances)
    await workflow.modifyAll(async (one) => {
      await one.disableRetryDelays()
      await one.mockStepError({ name: 'begin' }, new Error('out of order'))
    })
    await client.submitJob({ id: 'ended', questions: [{ query: 'Q' }], settings })
    await (await workflow.get())[0]?.waitForStatus('errored')
    expect((await client.job('ended')).status).toBe('running')
    await evictDurableObject(queue())
    await runDurableObjectAlarm(queue())
    const { results } = await over('ended')
    expect(results[0]?.problem).toMatchObject({ code: 'internal' })
    expect(results[0]?.problem?.detail).toContain('errored')
  })

  test('a question that was noted as begun and was not is begun', async () => {
    await runInDurableObject(queue(), (_, { storage }) => {
      storage.sql.exec('UPDATE jobs SET total = total + 1 WHERE id = ?', 'after')
      storage.sql.exec(`INSERT INTO under_way SELECT job, 1 FROM jobs WHERE id = 'after'`)
      storage.sql.exec('UPDATE jobs SET next = total WHERE id = ?', 'after')
      for (const [place, text] of [
        [1, '{"query": "Lost?"}'],
        [-1, '{"samples": 1}'],
      ] as const) {
        storage.sql.exec(
          `INSERT OR REPLACE INTO texts SELECT job, ?, 0, CAST(? AS BLOB) FROM jobs WHERE id = 'after'`,
          place,
          text,
        )
      }
    })
    expect((await client.job('after')).status).toBe('running')
    await evictDurableObject(queue())
    await runDurableObjectAlarm(queue())
    expect((await over('after')).results).toHaveLength(2)
  })

  test('a job that is too old is deleted, with its results', async () => {
    const job = await runInDurableObject(queue(), (_, { storage }) => {
      storage.sql.exec('UPDATE jobs SET expires = 0 WHERE id = ?', 'whole')
      return storage.sql
        .exec<{ job: string }>('SELECT job FROM jobs WHERE id = ?', 'whole')
        .toArray()[0]?.job
    })
    expect(await bindings().bucket.head(`jobs/${job}/0.json`)).not.toBeNull()
    await evictDurableObject(queue())
    await runDurableObjectAlarm(queue())
    await expect(client.job('whole')).rejects.toMatchObject({ problem: { code: 'job_not_found' } })
    expect(await bindings().bucket.head(`jobs/${job}/0.json`)).toBeNull()
  })
})

test('there is no job that nobody submitted', async () => {
  await expect(client.job('nobodys')).rejects.toMatchObject({
    problem: { code: 'job_not_found', status: 404 },
  })
  await expect(client.cancelJob('nobodys')).rejects.toMatchObject({
    problem: { code: 'job_not_found' },
  })
})

test.each(['JOB_QUEUE', 'JOB_QUESTIONS', 'JOB_RESULTS'])(
  'without %s there are no jobs, and all else is as it was',
  async (name) => {
    const without = clientOf(createEdge(), { ...env, [name]: undefined })
    const refused = { problem: { code: 'jobs_unavailable', status: 501 } }
    const order = { questions: [{ query: 'Q' }] }
    await expect(without.submitJob(order)).rejects.toMatchObject(refused)
    await expect(without.job('whole')).rejects.toMatchObject(refused)
    await expect(without.cancelJob('whole')).rejects.toMatchObject(refused)
    expect((await without.start({ query: 'Q' })).next?.step).toBe('sample')
  },
)
