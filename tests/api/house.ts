/** The API on a real server, in front of a fake policy and a fake reward model. */
import { type AppDeps, createApp } from '../../api/app.ts'
import { dependencies } from '../../api/dependencies.ts'
import { createMemoryStore } from '../../api/replay/memory.ts'
import { TpoClient } from '../../shared/client.ts'
import { Problem } from '../../shared/problems.ts'
import { resolveSettings } from '../../shared/settings.ts'
import { type FakeReward, startFakeReward } from '../fakes/fake-reward.ts'
import { type FakeVllm, type FakeVllmOptions, startFakeVllm } from '../fakes/fake-vllm.ts'
import { faultLog } from '../fakes/fault-log.ts'
import { listen } from '../fakes/listen.ts'

export const cursorKey = (fill: number) => Buffer.alloc(32, fill).toString('base64url')

export interface House {
  url: string
  client: TpoClient
  /** What the API is made of, to make another of. */
  deps: AppDeps
  policy: FakeVllm
  reward: FakeReward
  /** Faults of the API itself; a test that causes none leaves it empty. */
  faults: unknown[]
  post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>
  /** Posts and expects a problem. */
  problem: (path: string, body: unknown) => Promise<Problem>
  close: () => Promise<void>
}

export interface HouseOptions extends FakeVllmOptions {
  settings?: Record<string, unknown>
}

export async function openHouse({ settings, ...fake }: HouseOptions = {}): Promise<House> {
  const policy = await startFakeVllm(fake)
  const reward = await startFakeReward()
  const faults: unknown[] = []
  const resolved = resolveSettings({
    flags: { policy_base_url: policy.url, reward_base_url: reward.url, ...settings },
  })
  const store = createMemoryStore({ bytes: 2 ** 24, clock: Date.now })
  const parts = { cursorKeys: [cursorKey(1)], store, shared: true, log: faultLog(faults) }
  const deps = dependencies(resolved, parts)
  const api = await listen(createApp(deps))
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${api.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return {
    url: api.url,
    deps,
    client: new TpoClient({ baseUrl: api.url }),
    policy,
    reward,
    faults,
    post,
    problem: async (path, body) => problemOf(await post(path, body)),
    close: async () => {
      await Promise.all([api.close(), policy.close(), reward.close()])
    },
  }
}

/** The problem of an answer that must be one. */
export async function problemOf(response: Response): Promise<Problem> {
  const type = response.headers.get('content-type')
  if (type !== 'application/problem+json')
    throw new Error(`not a problem but ${type}: ${await response.text()}`)
  const problem = Problem.parse(await response.json())
  if (problem.status !== response.status) throw new Error(`${problem.status} in ${response.status}`)
  if (problem.request_id !== response.headers.get('x-request-id')) throw new Error('no request id')
  return problem
}

/** The value, which must be there. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there')
  return value
}
