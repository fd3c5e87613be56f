/** When a request upstream is sent again, with the waits counted instead of waited. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPolicy } from '../../api/policy/client.ts'
import { backoff, pause } from '../../api/retry.ts'
import { createReward } from '../../api/reward/client.ts'
import { type FakeReward, type RewardBehaviour, startFakeReward } from '../fakes/fake-reward.ts'
import { type Behaviour, type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'

let server: FakeVllm
let reward: FakeReward
beforeAll(async () => {
  server = await startFakeVllm()
  reward = await startFakeReward()
})
afterAll(() => Promise.all([server.close(), reward.close()]))

const began = Date.parse('2026-11-22T15:00:00Z')

/** 60 s for a call, in which a wait moves the clock. */
function counted() {
  let now = began
  const waits: number[] = []
  const tools = {
    timeoutSeconds: 60,
    clock: () => now,
    pause: async (milliseconds: number) => {
      waits.push(milliseconds)
      now += milliseconds
    },
  }
  return { waits, tools }
}

/** Draws one answer. */
async function draw(behaviour: Behaviour) {
  const { waits, tools } = counted()
  const policy = createPolicy({ baseUrl: server.url, ...tools })
  server.behave(behaviour)
  const outcome = await policy
    .draw(
      { messages: [], n: 1, affinity: '', seed: () => 1, temperature: 0, top_p: 1, max_tokens: 9 },
      { delta: () => undefined, finished: () => undefined },
      new AbortController().signal,
    )
    .catch((error: unknown) => error)
  return { outcome, waits, requests: server.requests.length }
}

test.each([
  ['seconds', '7', [7000, 7000]],
  ['a date', 'Sun, 22 Nov 2026 15:00:05 GMT', [5000, 0]],
  ['a date in the past', 'Sun, 22 Nov 2026 14:00:00 GMT', [0, 0]],
])('Retry-After in %s is honoured', async (_, retryAfter, expected) => {
  const { outcome, waits } = await draw({ status: 429, times: 2, retryAfter })
  expect(outcome).toMatchObject({ choices: [{ index: 0 }], missing: 0, model_calls: 1 })
  expect(waits).toEqual(expected)
})

test.each([
  ['longer than the time for the call', '3600', [], 1],
  ['that leaves no time after the first', '40', [40_000], 2],
])('a wait %s is not begun', async (_, retryAfter, expected, sent) => {
  const { outcome, waits, requests } = await draw({ status: 429, retryAfter })
  expect(outcome).toMatchObject({ problem: { code: 'policy_error', upstream_status: 429 } })
  expect(String(outcome)).toContain(`${retryAfter} s`)
  expect(waits).toEqual(expected)
  expect(requests).toBe(sent)
})

test.each([408, 429, 500, 502, 503, 504])(
  '%i without a word of when: twice again, after waits that grow',
  async (status) => {
    for (const retryAfter of [null, 'soon']) {
      const { outcome, waits, requests } = await draw({ status, retryAfter })
      expect(outcome).toMatchObject({ problem: { upstream_status: status, retryable: true } })
      expect(requests).toBe(3)
      const [first = 0, second = 0] = waits
      expect(first).toBeGreaterThanOrEqual(250)
      expect(first).toBeLessThanOrEqual(500)
      expect(second).toBeGreaterThanOrEqual(500)
      expect(second).toBeLessThanOrEqual(1000)
    }
  },
)

test.each([400, 401, 403, 404, 409, 410, 422, 501])('%i is never sent again', async (status) => {
  expect(await draw({ status })).toMatchObject({ waits: [], requests: 1 })
})

test.each(['drop', 'end', 'error'] as const)(
  'a stream that breaks (%s) is asked for again, at once and then after a wait',
  async (midStream) => {
    const { outcome, waits, requests } = await draw({ midStream })
    expect(outcome).toMatchObject({ problem: { retryable: true } })
    expect(requests).toBe(3)
    expect(waits).toHaveLength(1)
    const again = await draw({ midStream: [midStream, midStream, 'whole'] })
    expect(again.outcome).toMatchObject({ choices: [{ index: 0 }], missing: 0, model_calls: 3 })
  },
)

test.each(['garbage', 'refusal'] as const)(
  'one that would break again (%s) is not',
  async (kind) => {
    const broken: Behaviour =
      kind === 'garbage' ? { midStream: kind } : { midStream: 'error', errorCode: 400 }
    expect(await draw(broken)).toMatchObject({ waits: [], requests: 1 })
  },
)

/** Scores one answer. */
async function score(behaviour: RewardBehaviour) {
  const { waits, tools } = counted()
  const { score } = createReward({ baseUrl: reward.url, api: 'tpo', ...tools })
  reward.behave(behaviour)
  const request = { messages: [{ role: 'user' as const, content: 'Q' }], candidates: ['A'] }
  const outcome = await score(request, new AbortController().signal).catch(
    (error: unknown) => error,
  )
  return { outcome, waits, requests: reward.requests.length }
}

const failing = (status: number, retryAfter?: string, times?: number): RewardBehaviour => ({
  fails: { code: 'overloaded', detail: 'Busy.', status, retryAfter, times },
})

test('rewards: Retry-After is honoured, and no wait begun that would not end in time', async () => {
  const soon = await score(failing(503, '7', 2))
  expect(soon).toMatchObject({ outcome: [{ reward: expect.any(Number) }], waits: [7000, 7000] })
  expect(await score(failing(503, '40'))).toMatchObject({ waits: [40_000], requests: 2 })
  expect(await score(failing(503, '3600'))).toMatchObject({ waits: [], requests: 1 })
})

test.each([408, 429, 500, 502, 503, 504])('rewards: %i is tried twice again', async (status) => {
  const { outcome, requests } = await score(failing(status))
  expect(outcome).toMatchObject({ problem: { code: 'reward_error', upstream_status: status } })
  expect(requests).toBe(3)
})

test.each([400, 401, 403, 404, 413, 422, 501])(
  'rewards: %i is never sent again',
  async (status) => {
    expect(await score(failing(status))).toMatchObject({ waits: [], requests: 1 })
  },
)

test('rewards: a connection that closes is tried at once, and then after a wait', async () => {
  expect(await score({ drops: 1 })).toMatchObject({ outcome: [{}], waits: [0], requests: 2 })
  const { outcome, waits, requests } = await score({ drops: 9 })
  expect(outcome).toMatchObject({ problem: { code: 'reward_unreachable', retryable: true } })
  expect(requests).toBe(3)
  expect(waits).toEqual([0, expect.any(Number)])
})

test('the waits double up to a cap, half of each left to chance', () => {
  expect([0, 1, 2, 9].map((retried) => backoff(retried, 0))).toEqual([250, 500, 1000, 4000])
  expect([0, 1, 2, 9].map((retried) => backoff(retried, 1))).toEqual([500, 1000, 2000, 8000])
})

test('a caller who leaves ends the wait', async () => {
  const leave = new AbortController()
  const waiting = pause(3_600_000, leave.signal)
  leave.abort(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  await expect(pause(3_600_000, leave.signal)).rejects.toThrow('gone')
  await expect(pause(0, new AbortController().signal)).resolves.toBeUndefined()
})
