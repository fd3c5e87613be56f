/** When a request to the policy is sent again, with the waits counted instead of waited. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPolicy } from '../../api/policy/client.ts'
import { backoff, pause } from '../../api/policy/retry.ts'
import { type Behaviour, type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'

let server: FakeVllm
beforeAll(async () => {
  server = await startFakeVllm()
})
afterAll(() => server.close())

const began = Date.parse('2026-11-22T15:00:00Z')

/** Draws one answer with 60 s for it; a wait moves the clock. */
async function draw(behaviour: Behaviour) {
  let now = began
  const waits: number[] = []
  const policy = createPolicy({
    baseUrl: server.url,
    timeoutSeconds: 60,
    clock: () => now,
    pause: async (milliseconds) => {
      waits.push(milliseconds)
      now += milliseconds
    },
  })
  server.behave(behaviour)
  const outcome = await policy
    .draw(
      { messages: [], n: 1, seed: () => 1, temperature: 0, top_p: 1, max_tokens: 9 },
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

test.each(['drop', 'end', 'error', 'garbage'] as const)(
  'a stream that began is never asked for again (%s)',
  async (midStream) => {
    expect(await draw({ midStream })).toMatchObject({ waits: [], requests: 1 })
  },
)

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
