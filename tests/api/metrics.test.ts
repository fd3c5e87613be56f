/** What Prometheus and a collector hear of the API: a real process after a known run. */
import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { TpoClient } from '../../shared/client.ts'
import type { Run } from '../../shared/tpo.ts'
import { type Collector, startCollector } from '../fakes/collector.ts'
import { type FakeReward, startFakeReward } from '../fakes/fake-reward.ts'
import { type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'
import { scrape, type Scraped } from '../fakes/scraped.ts'
import { type ApiProcess, startApi } from './api-process.ts'
import { cursorKey } from './house.ts'

let collector: Collector
let policy: FakeVllm
let reward: FakeReward
let api: ApiProcess
let client: TpoClient
let before: Scraped

beforeAll(async () => {
  collector = await startCollector()
  policy = await startFakeVllm()
  reward = await startFakeReward()
  api = await startApi({
    TPO_POLICY_BASE_URL: policy.url,
    TPO_REWARD_BASE_URL: reward.url,
    TPO_CURSOR_KEYS: cursorKey(1),
    TPO_API_KEYS: 'secret-of-a-caller',
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${collector.url}/v1/metrics`,
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json',
    OTEL_METRIC_EXPORT_INTERVAL: '100',
  })
  client = new TpoClient({ baseUrl: api.url, apiKey: 'secret-of-a-caller' })
})
afterAll(async () => {
  await api.kill()
  await Promise.all([collector.close(), policy.close(), reward.close()])
})
beforeEach(async () => {
  policy.behave({})
  before = await scrape(api.url)
})

/** By how much each value has grown since the test began. */
async function grown() {
  const now = await scrape(api.url)
  return (...of: Parameters<Scraped['value']>) => now.value(...of) - before.value(...of)
}

const stepsOf = (value: Scraped['value'], step: string) =>
  value('tpo_step_duration_count', { tpo_step: step })

test('a run: its tokens, its steps, its gain and its end', async () => {
  const { run } = await client.run({ query: 'Why?', samples: 3, iterations: 2, seed: 5 })
  const value = await grown()
  const tokens = (type: string) =>
    value('gen_ai_client_token_usage_sum', {
      gen_ai_token_type: type,
      gen_ai_request_model: 'fake-70b',
    })
  expect(tokens('input')).toBe(run.usage.prompt_tokens)
  expect(tokens('output')).toBe(run.usage.completion_tokens)
  expect(value('gen_ai_client_operation_duration_count')).toBe(run.usage.model_calls)
  expect(value('gen_ai_client_operation_time_to_first_chunk_count')).toBe(run.usage.model_calls)
  const steps = ['sample', 'score', 'loss', 'gradient', 'update']
  expect(steps.map((step) => stepsOf(value, step))).toEqual([1, 3, 2, 2, 2])
  expect(value('tpo_runs_total', { tpo_stop_reason: 'iterations', tpo_mode: 'tpo' })).toBe(1)
  expect(value('tpo_runs_total')).toBe(1)
  for (const iteration of [1, 2]) {
    const labels = { tpo_iteration: String(iteration) }
    expect(value('tpo_reward_gain_count', labels)).toBe(1)
    expect(value('tpo_reward_gain_sum', labels)).toBeCloseTo(gainOf(run, iteration), 9)
  }
  const served = { http_route: '/v1/tpo/run', http_response_status_code: '200' }
  expect(value('http_server_request_duration_count', served)).toBe(1)
  const { value: now } = await scrape(api.url)
  for (const level of ['tpo_upstream_active', 'http_server_active_requests']) {
    expect(now(level)).toBe(0)
  }
})

const gainOf = ({ history }: Run, iteration: number) => {
  const bestUntil = (last: number) =>
    Math.max(...history.slice(0, last + 1).map(({ best }) => best))
  return bestUntil(iteration) - bestUntil(iteration - 1)
}

test('a run that ends early says why', async () => {
  const stop = { target_reward: -100 }
  await client.run({ query: 'Why?', samples: 2, iterations: 2, stop })
  const value = await grown()
  expect(value('tpo_runs_total', { tpo_stop_reason: 'target_reward' })).toBe(1)
  expect(value('tpo_reward_gain_count')).toBe(0)
})

test('what is answered from memory is a replay, and no step', async () => {
  const { cursor } = await client.start({ query: 'Why?', samples: 1 })
  await client.step(cursor)
  await client.step(cursor)
  const value = await grown()
  expect(stepsOf(value, 'sample')).toBe(1)
  expect(value('tpo_replays_total', { tpo_work: 'step' })).toBe(1)
  expect(value('gen_ai_client_operation_duration_count')).toBe(1)
})

test('failures by their code, and an attempt that was made again', async () => {
  policy.behave({ status: 503, times: 1 })
  const { cursor } = await client.start({ query: 'Why?', samples: 1 })
  await client.step(cursor)
  policy.behave({ status: 401, message: 'no' })
  const { cursor: other } = await client.start({ query: 'Why not?', samples: 1 })
  await expect(client.step(other)).rejects.toMatchObject({ problem: { code: 'policy_refused' } })
  const value = await grown()
  expect(value('tpo_policy_failed_attempts_total', { error_type: '503' })).toBe(1)
  const failed = { tpo_step: 'sample', error_type: 'policy_refused' }
  expect(value('tpo_step_duration_count', failed)).toBe(1)
  const answered = { http_route: '/v1/tpo/step', tpo_problem: 'policy_refused' }
  expect(value('tpo_problems_total', answered)).toBe(1)
  expect(value('gen_ai_client_operation_duration_count', { error_type: '401' })).toBe(1)
})

test('no label says what callers make up', async () => {
  const model = 'a-model-that-nobody-serves'
  const { cursor, run } = await client.start({ query: 'Why?', policy: { model } })
  await expect(client.step(cursor)).rejects.toMatchObject({ problem: { code: 'policy_refused' } })
  await fetch(`${api.url}/v1/made-up`, { headers: { authorization: 'Bearer secret-of-a-caller' } })
  const text = await (await fetch(`${api.url}/metrics`)).text()
  for (const secret of [model, 'made-up', run.id, cursor, 'secret-of-a-caller']) {
    expect(text).not.toContain(secret)
  }
  const value = await grown()
  const others = { gen_ai_request_model: '_OTHER' }
  expect(value('gen_ai_client_operation_duration_count', others)).toBe(1)
})

test('a collector gets the same numbers', async () => {
  const { run } = await client.run({ query: 'Why?', samples: 2, iterations: 0 })
  const { value } = await scrape(api.url)
  const runs = value('tpo_runs_total')
  const sum = (points: Collector['points'], name: string) =>
    points.filter((point) => point.name === name).reduce((all, { value }) => all + value, 0)
  const points = await collector.untilPoints(
    (points) => sum([...points], 'tpo.runs') === runs && run.stop_reason !== null,
  )
  const { attributes, resource } = points.find(({ name }) => name === 'tpo.runs') ?? {}
  expect(attributes).toEqual({ 'tpo.mode': 'tpo', 'tpo.stop_reason': expect.any(String) })
  expect(resource).toMatchObject({ 'service.name': 'tpo-api' })
  expect(sum([...points], 'gen_ai.client.token.usage')).toBe(value('gen_ai_client_token_usage_sum'))
  // Nobody asked for traces.
  expect(collector.spans).toEqual([])
})

test('who may look: without a key, like /healthz, but no page from elsewhere', async () => {
  const { port } = new URL(api.url)
  const statusFor = (path: string, host: string) =>
    new Promise((resolve) => {
      request({ port, path, headers: { host } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      }).end()
    })
  for (const path of ['/healthz', '/metrics']) {
    expect(await statusFor(path, `localhost:${port}`)).toBe(200)
    expect(await statusFor(path, 'evil.example')).toBe(403)
  }
})

test('what was not sent yet is sent when the process ends', async () => {
  const other = await startCollector()
  const ending = await startApi({
    TPO_POLICY_BASE_URL: policy.url,
    TPO_REWARD_BASE_URL: reward.url,
    TPO_CURSOR_KEYS: cursorKey(1),
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${other.url}/v1/metrics`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  })
  await new TpoClient({ baseUrl: ending.url }).run({ query: 'Why?', samples: 1, iterations: 0 })
  expect(other.points).toEqual([])
  expect(await ending.stop()).toBe(0)
  expect(other.points.find(({ name }) => name === 'tpo.runs')?.value).toBe(1)
  await other.close()
})
