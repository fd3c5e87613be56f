/** Every failure is provoked with keys that are easy to find, and everything that leaves is searched. */
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Position } from '../../shared/tpo.ts'
import { startFakeVllmRewards } from '../fakes/fake-reward-servers.ts'
import type { Behaviour, FakeVllm } from '../fakes/fake-vllm.ts'
import { startFakeVllm } from '../fakes/fake-vllm.ts'
import { type House, openHouse } from './house.ts'

const key = 'sk-recognisable-1234567890'
const password = 'hunter2 recognisable'
const login = `operator:${password}`
const basic = Buffer.from(login).toString('base64')
/** What a server may echo of the one and of the other; a part of each is enough to give it away. */
const keyed = { echo: `You sent Authorization: Bearer ${key}.`, parts: ['recognisable'] }
const loggedIn = {
  echo: `You sent ${login}@, ${encodeURIComponent(password)} and Basic ${basic}.`,
  parts: ['recognisable', 'hunter2', basic],
}

const withLogin = (url: string) =>
  url.replace('http://', `http://operator:${encodeURIComponent(password)}@`)

const failures = (echo: string): [string, Behaviour][] => [
  ...[400, 401, 403, 404, 408, 422, 429, 500, 502, 503].map((status): [string, Behaviour] => [
    `HTTP ${status}`,
    { status, message: echo },
  ]),
  ['a body of text', { status: 500, message: echo, body: (message) => `<h1>${message}</h1>` }],
  ['another shape', { status: 400, message: echo, body: (detail) => ({ detail }) }],
  ['error in the stream', { midStream: 'error', message: echo }],
  [
    'an answer is kept',
    { midStream: 'error', message: echo, after: 13, write: (_, i) => 'x'.repeat(4 + 40 * i) },
  ],
  ['N requests', { refusesN: true, midStream: ['whole', 'whole', 'error'], message: echo }],
  ['drop', { midStream: 'drop' }],
  ['garbage', { midStream: 'garbage' }],
  ['end', { midStream: 'end' }],
  ['hang', { hangs: true }],
]

describe.each([
  ['a key', true, false],
  ['a key, and a login in the address', true, true],
  ['a login in the address', false, true],
])('%s', (_, hasKey, hasLogin) => {
  const known = [...(hasKey ? [keyed] : []), ...(hasLogin ? [loggedIn] : [])]
  const echo = known.map((one) => one.echo).join(' ')
  const secrets = known.flatMap((one) => one.parts)
  let policy: FakeVllm
  let house: House
  let said: string[]
  beforeEach(async () => {
    policy = await startFakeVllm()
    house = await openHouse({
      settings: {
        ...(hasKey && { policy_api_key: key, reward_api_key: key }),
        policy_base_url: hasLogin ? withLogin(policy.url) : policy.url,
        // For what hangs; what answers has to be quicker, on a busy machine too.
        policy_timeout_seconds: 1,
      },
    })
    said = []
    for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, name).mockImplementation((...words) => void said.push(inspect(words)))
    }
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await Promise.all([house.close(), policy.close()])
  })

  test('it proves who asks, and is never seen again', async () => {
    const { cursor } = await house.client.start({ query: 'Q', samples: 3 })
    await house.client.step(cursor)
    expect(policy.keys).toEqual([hasKey ? `Bearer ${key}` : `Basic ${basic}`])

    for (const [name, behaviour] of failures(echo)) {
      for (const accept of ['application/json', 'text/event-stream']) {
        const { cursor } = await house.client.start({ query: 'Q', samples: 3 })
        policy.behave(behaviour)
        const response = await house.post('/v1/tpo/step', { cursor }, { accept })
        const ready = await fetch(`${house.url}/readyz`)
        const all = [
          await response.text(),
          inspect([...response.headers]),
          await ready.text(),
          inspect(house.faults, { depth: Infinity }),
          ...said,
        ].join('\n')
        expect(all, name).toMatch(/policy_|answers_missing/)
        for (const secret of secrets) expect(all, name).not.toContain(secret)
      }
    }
    expect(house.faults).toEqual([])
  })

  test('nor where nothing answers', async () => {
    await policy.close()
    const { cursor } = await house.client.start({ query: 'Q' })
    const problem = await house.problem('/v1/tpo/step', { cursor })
    expect(problem.code).toMatch(/policy_unreachable|policy_timeout/)
    for (const secret of secrets)
      expect(inspect([problem, house.faults, said], { depth: Infinity })).not.toContain(secret)
  })
})

test('the reward model sees a login of its address too, and nobody else does', async () => {
  const house = await openHouse()
  const lost = await openHouse({ settings: { reward_base_url: withLogin(house.reward.url) } })
  try {
    const { cursor } = await lost.client.step((await lost.client.start({ query: 'Q' })).cursor)
    house.reward.behave({ fails: { code: 'overloaded', status: 503, detail: loggedIn.echo } })
    const problem = await lost.problem('/v1/tpo/step', { cursor })
    expect(problem).toMatchObject({ code: 'reward_error', upstream_status: 503 })
    for (const secret of loggedIn.parts) expect(JSON.stringify(problem)).not.toContain(secret)
    house.reward.behave({})
    expect((await lost.client.step(cursor)).step.name).toBe('score')
  } finally {
    await Promise.all([lost.close(), house.close()])
  }
})

test.each([
  ['named', `ana:${key}`, 'ana'],
  ['nameless', key, /^key [0-9a-f]{32}$/],
])(
  'the %s key of a caller goes nowhere: not upstream, not into cursors, logs or problems',
  async (_, entry, tenant) => {
    const classifier = await startFakeVllmRewards()
    const house = await openHouse({
      settings: { api_keys: [entry], reward_base_url: classifier.url, reward_api: 'vllm' },
    })
    const said: string[] = []
    for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, name).mockImplementation((...words) => void said.push(inspect(words)))
    }
    const call = async (path: string, body: unknown) => {
      const authorization = `Bearer ${key}`
      const response = await house.post(path, body, {
        authorization,
        'idempotency-key': String(said.length),
      })
      said.push(inspect([...response.headers]))
      const text = await response.text()
      said.push(text)
      return text
    }
    try {
      const { cursor } = Position.parse(
        JSON.parse(await call('/v1/tpo/run', { query: 'Q', samples: 2, iterations: 1 })),
      )
      const owner = await house.deps.tenantOf(`Bearer ${key}`)
      expect(owner).toMatch(tenant)
      said.push(inspect(await house.deps.cursors(owner).open(cursor), { depth: Infinity }))
      await call('/v1/tpo/inspect', { cursor })
      await call('/v1/chat/completions', {
        messages: [{ role: 'user', content: 'Q' }],
        tpo: { mode: 'bon' },
      })
      await call('/v1/tpo/start', { query: 'Another', policy: { api_key: key } })
      const behaviours: Behaviour[] = [{ status: 401 }, { status: 500 }, { midStream: 'error' }]
      for (const behaviour of behaviours) {
        house.policy.behave(behaviour)
        await call('/v1/tpo/run', { query: 'Q', samples: 2 })
        await call('/v1/chat/completions', { messages: [{ role: 'user', content: 'Q' }] })
      }
      const all = [...said, inspect(house.faults, { depth: Infinity })].join('\n')
      expect(all).toMatch(/policy_refused|policy_error/)
      expect(all).not.toContain('recognisable')
      expect(new Set([...house.policy.keys, ...classifier.keys])).toEqual(
        new Set(['Bearer EMPTY', '']),
      )
    } finally {
      vi.restoreAllMocks()
      await Promise.all([house.close(), classifier.close()])
    }
  },
)

test('a key that no header takes is refused at the start, and not quoted', async () => {
  await expect(openHouse({ settings: { policy_api_key: `${key}\nX-More: 1` } })).rejects.toThrow(
    /^--policy-api-key: must be one word of ASCII characters$/,
  )
})
