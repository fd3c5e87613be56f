/** `GET /v1/backends` and `/readyz`, in front of servers that misbehave. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Readiness } from '../../shared/tpo.ts'
import {
  startFakeOpenRlhf,
  startFakeSglang,
  startFakeTei,
  startFakeVllmRewards,
} from '../fakes/fake-reward-servers.ts'
import { listen } from '../fakes/listen.ts'
import { type House, openHouse, present } from './house.ts'

const keys = { policy_api_key: 'policy-secret', reward_api_key: 'reward-secret' }
const hung = 'hang' as const

let house: House
beforeAll(async () => {
  house = await openHouse({ settings: keys })
})
afterAll(() => house.close())
beforeEach(() => {
  house.policy.behave({})
  house.reward.behave({})
})
afterEach(() => {
  if (house.faults.length > 0) throw new Error('a fault of the API itself', { cause: house.faults })
})

/** Both backends; `/readyz` must say the same of them. */
async function check(at: House = house) {
  const [{ ok, backends }, answer] = await Promise.all([
    at.client.backends(),
    fetch(`${at.url}/readyz`),
  ])
  const [policy, reward] = [present(backends[0]), present(backends[1])]
  expect([policy.role, reward.role]).toEqual(['policy', 'reward'])
  expect(ok).toBe(policy.ok && reward.ok)
  const ready = Readiness.parse(await answer.json())
  expect(ready.status).toBe(ok ? 'ready' : 'degraded')
  for (const [state, { ok, detail }] of [
    [ready.policy, policy],
    [ready.reward, reward],
  ] as const) {
    expect(state).toEqual({ ok, detail })
  }
  expect(JSON.stringify({ backends, ready })).not.toMatch(/secret/)
  return { ok, policy, reward }
}

test('all is well: what answers where', async () => {
  house.reward.behave({ key: 'reward-secret' })
  const { ok, policy, reward } = await check()
  expect(ok).toBe(true)
  expect(policy).toEqual({
    role: 'policy',
    server: new URL(house.policy.url).host,
    speaks: 'openai',
    ok: true,
    reachable: true,
    authorised: true,
    model: 'fake-70b',
    model_present: true,
    models: ['fake-70b'],
    context_length: 8192,
    dtype: null,
    provider: null,
    latency_ms: expect.any(Number),
    trouble: null,
    detail: `fake-70b at ${new URL(house.policy.url).host}, context of 8192 tokens`,
  })
  expect(reward).toMatchObject({
    server: new URL(house.reward.url).host,
    speaks: 'tpo',
    authorised: true,
    model: 'fake-reward',
    model_present: true,
    context_length: 4096,
    dtype: 'float32',
    provider: 'fake',
  })
})

describe('the policy', () => {
  test.each([
    [
      'refuses the key',
      { status: 401, body: '{"error":"Unauthorized: policy-secret"}' },
      { reachable: true, authorised: false, model: null, trouble: 'policy_refused' },
      'TPO_POLICY_API_KEY',
    ],
    [
      'is a web server',
      { status: 200, body: '<!doctype html><title>Welcome</title>' },
      { reachable: true, authorised: null, trouble: 'policy_error' },
      'TPO_POLICY_BASE_URL',
    ],
    [
      'has no such address',
      { status: 404, body: '{"detail":"Not Found"}' },
      { reachable: true, authorised: null, model: null, trouble: 'policy_refused' },
      'TPO_POLICY_BASE_URL',
    ],
    [
      'fails',
      { status: 500, body: '{"error":{"message":"CUDA out of memory policy-secret"}}' },
      { reachable: true, trouble: 'policy_error' },
      'CUDA out of memory …',
    ],
    [
      'hangs',
      hung,
      { reachable: false, authorised: null, latency_ms: null, trouble: 'policy_timeout' },
      'TPO_POLICY_BASE_URL',
    ],
  ])('%s', async (_, models, status, remedy) => {
    house.policy.behave({ models })
    const { policy, reward } = await check()
    expect(policy).toMatchObject({ ok: false, ...status })
    expect(policy.detail).toContain(remedy)
    expect(reward.ok).toBe(true)
  })

  test('serves other models than the configured one', async () => {
    const other = await openHouse({ settings: { policy_model: 'fake-405b' } })
    const { policy } = await check(other)
    expect(policy).toMatchObject({
      ok: false,
      reachable: true,
      authorised: true,
      model: 'fake-405b',
      model_present: false,
      models: ['fake-70b'],
      trouble: 'policy_refused',
    })
    expect(policy.detail).toContain('only fake-70b. Set TPO_POLICY_MODEL')
    await other.close()
  })

  test('lists nothing, and the model is configured', async () => {
    const other = await openHouse({ settings: { policy_model: 'fake-70b' } })
    other.policy.behave({ models: { status: 404, body: '' } })
    expect((await check(other)).policy).toMatchObject({
      ok: true,
      authorised: null,
      model: 'fake-70b',
      model_present: null,
      models: [],
    })
    await other.close()
  })
})

describe('the reward model', () => {
  test.each([
    [
      'refuses the key',
      { key: 'another-secret' },
      { reachable: true, authorised: false, trouble: 'reward_refused' },
      'TPO_REWARD_API_KEY',
    ],
    [
      'is being started',
      { starts: true },
      { reachable: true, trouble: 'reward_error' },
      'try again in a moment',
    ],
    [
      'hangs',
      { hangs: true },
      { reachable: false, latency_ms: null, trouble: 'reward_timeout' },
      'TPO_REWARD_BASE_URL',
    ],
  ])('%s', async (_, behaviour, status, remedy) => {
    house.reward.behave(behaviour)
    const { policy, reward } = await check()
    expect(policy.ok).toBe(true)
    expect(reward).toMatchObject({ ok: false, ...status })
    expect(reward.detail).toContain(remedy)
  })

  test('is another server, or not there', async () => {
    const pages = await listen({ fetch: () => new Response('<!doctype html>') })
    for (const [url, status] of [
      [house.policy.url, { reachable: true, trouble: 'reward_refused' }],
      [pages.url, { reachable: true, authorised: null, trouble: 'reward_error' }],
      ['http://user:secret@127.0.0.1:9', { reachable: false, trouble: 'reward_unreachable' }],
    ] as const) {
      const lost = await openHouse({ settings: { reward_base_url: url } })
      const { reward } = await check(lost)
      expect(reward).toMatchObject({ ok: false, ...status })
      expect(reward.detail).toContain('TPO_REWARD_BASE_URL')
      await lost.close()
    }
    await pages.close()
  })

  test.each([
    ['vllm', startFakeVllmRewards, { model: 'fake-rm', context_length: 4096 }],
    ['sglang', startFakeSglang, { model: 'fake-rm', context_length: null }],
    ['tei', startFakeTei, { model: 'fake-rm', context_length: 512, dtype: 'float16' }],
    ['openrlhf', startFakeOpenRlhf, { model: null, model_present: null }],
  ] as const)('behind %s tells what that server tells', async (reward_api, start, told) => {
    const server = await start()
    const reward_chat_template = '{{ messages }}'
    const settings = { reward_api, reward_base_url: server.url, reward_chat_template }
    const other = await openHouse({ settings })
    expect((await check(other)).reward).toMatchObject({
      ok: true,
      speaks: reward_api,
      authorised: true,
      ...told,
    })
    await other.close()
    await server.close()
  })
})
