/** Holes that services of this kind had, by the name under which they are known; each is shut here. */
import { deepEqual } from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createApp } from '../../api/app.ts'
import type { Policies } from '../../api/policy/policies.ts'
import { addressOf } from '../../api/upstream.ts'
import { listen } from '../../host/listen.ts'
import { resolveSettings } from '../../shared/settings.ts'
import { createLog } from '../../shared/telemetry/log.ts'
import { type House, openHouse, present } from './house.ts'

const serverKey = 'sk-server-recognisable'
const callerKey = 'caller-recognisable'

/** A server that must never be asked; it notes who asks it nevertheless. */
async function startCanary() {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(inspect([request.url, request.headers]))
    response.end('{}')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const close = () => new Promise((closed) => server.close(closed))
  return { asked, url: `http://127.0.0.1:${port}`, close }
}

let house: House
let canary: Awaited<ReturnType<typeof startCanary>>
beforeAll(async () => {
  house = await openHouse({
    settings: { policy_api_key: serverKey, reward_api_key: serverKey, policy_timeout_seconds: 5 },
  })
  canary = await startCanary()
})
afterAll(() => Promise.all([house.close(), canary.close()]))
afterEach(() => {
  vi.restoreAllMocks()
  house.policy.behave({})
  deepEqual([canary.asked.splice(0), house.faults.splice(0)], [[], []])
})

describe('LiteLLM CVE-2024-6587: an address of the caller gets the server’s key', () => {
  const addresses = () => ({
    base_url: canary.url,
    api_base: canary.url,
    baseURL: canary.url,
    url: canary.url,
    endpoint: canary.url,
    host: canary.url,
    proxy: canary.url,
  })

  test.each(['', 'policy', 'critic', 'reward', 'stop'])(
    'settings have no field for one but that which the operator allows (%s)',
    async (within) => {
      for (const [name, address] of Object.entries(addresses())) {
        const field = { [name]: address }
        const body = { query: 'Q', ...(within === '' ? field : { [within]: field }) }
        for (const path of ['/v1/tpo/start', '/v1/tpo/run']) {
          const { status, path: where } = await house.problem(path, body)
          const known = within === 'policy' && name === 'base_url'
          const place = ['$', within, name].filter(Boolean).join('.')
          expect([status, where]).toEqual([known ? 403 : 422, place])
        }
      }
    },
  )

  test('what is passed on to the policy goes to the configured one', async () => {
    const extra_body = addresses()
    const messages = [{ role: 'user', content: 'Q' }]
    const tpo = { samples: 1, iterations: 1 }
    const headers = {
      'x-base-url': canary.url,
      'x-forwarded-host': canary.url,
      forwarded: `host=${canary.url}`,
    }
    for (const [path, body] of [
      ['/v1/tpo/run', { query: 'Q', ...tpo, policy: { extra_body }, critic: { extra_body } }],
      ['/v1/chat/completions', { messages, tpo, ...addresses() }],
    ] as const) {
      house.policy.behave({})
      expect((await house.post(path, body, headers)).status).toBe(200)
      expect(house.policy.requests).toHaveLength(4)
    }
  })
})

describe('vLLM CVE-2026-24779: two parsers of one address disagree on its host', () => {
  test.each([
    'http://good.example\\@evil.example/v1',
    'http://good.example:80@evil.example/v1',
    'http://evil.example#@good.example/v1',
    'http://evil.example?@good.example/v1',
    'http://good。example/v1',
    'http://2130706433/v1',
    'http://0x7f.1/v1',
    'http://[::ffff:127.0.0.1]/v1',
  ])('%s: the host that is shown is the host that is asked', async (text) => {
    const address = addressOf(text, undefined)
    expect(new URL(address.url).host).toBe(address.host)
    const asked: string[] = []
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
      asked.push(new URL(input instanceof Request ? input.url : input).host)
      return new Response('{}', { status: 401 })
    })
    const settings = { policy_base_url: text, reward_base_url: text }
    const other = await openHouse({ settings })
    const { policies, reward } = other.deps
    const policy = await policies.of(undefined)
    const { signal } = new AbortController()
    await policy.models(signal).catch(() => undefined)
    await reward.score({ messages: [], candidates: ['a'] }, signal).catch(() => undefined)
    await other.close()
    expect(asked).toEqual([address.host, address.host])
  })

  test.each(['http:/\\evil.example/v1', '//evil.example', 'file:///etc/passwd', 'gopher://a:1/_x'])(
    '%s is no address of a server',
    (policy_base_url) => {
      expect(() => resolveSettings({ flags: { policy_base_url } })).toThrow(
        '--policy-base-url: must be an http:// or https:// address',
      )
    },
  )
})

describe('Open WebUI CVE-2026-45401: a redirect leads elsewhere, unchecked', () => {
  test.each([301, 302, 303, 307, 308])('%i is not followed, and told', async (status) => {
    const server = createServer((_, response) => {
      response.writeHead(status, { location: `${canary.url}/v1/` }).end()
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as AddressInfo
    const url = `http://127.0.0.1:${port}`
    const keys = { policy_api_key: serverKey, reward_api_key: serverKey }
    const moved = await openHouse({
      settings: { ...keys, policy_base_url: `${url}/v1`, reward_base_url: url },
    })
    const { cursor } = await moved.client.start({ query: 'Q' })
    const sampled = await house.client.step((await house.client.start({ query: 'Q' })).cursor)
    for (const [asked, code] of [
      [cursor, 'policy_refused'],
      [sampled.cursor, 'reward_refused'],
    ] as const) {
      const problem = await moved.problem('/v1/tpo/step', { cursor: asked })
      expect(problem).toMatchObject({ code, upstream_status: status })
      expect(problem.detail).toMatch(/sends elsewhere .* Set TPO_(POLICY|REWARD)_BASE_URL/)
    }
    const { backends } = await moved.client.backends()
    expect(backends.map(({ ok, detail }) => [ok, detail.includes('elsewhere')])).toEqual([
      [false, true],
      [false, true],
    ])
    await moved.close()
    await new Promise((closed) => server.close(closed))
  })
})

/** Policies of which each has a fault of ours. */
async function failingWith(fault: Error): Promise<Policies> {
  const policy = await house.deps.policies.of(undefined)
  const failing = { ...policy, draw: () => Promise.reject(fault) }
  return { ...house.deps.policies, of: async () => failing }
}

test('vLLM CVE-2026-22778: an error’s text tells of the inside of the process', async () => {
  const secret = 'at /srv/app/secret.ts:1 0x7ffd4c2a recognisable'
  const broken = createApp({ ...house.deps, policies: await failingWith(new TypeError(secret)) })
  const { cursor } = await house.client.start({ query: 'Q' })
  for (const [path, body] of [
    ['/v1/tpo/step', { cursor }],
    ['/v1/tpo/run', { query: 'Q' }],
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'Q' }] }],
  ] as const) {
    for (const accept of ['application/json', 'text/event-stream']) {
      const response = await broken.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({
          ...body,
          ...('messages' in body && { stream: accept !== 'application/json' }),
        }),
      })
      const all = `${await response.text()}${inspect([...response.headers])}`
      expect(all).toContain('Something went wrong inside the service; its log says what.')
      expect(all).not.toMatch(/recognisable|secret\.ts|0x7f|TypeError|node_modules/)
    }
  }
  expect(house.faults.splice(0)).toHaveLength(6)
})

/** The door of the real server, with keys. */
const openDoor = (api_keys: string[]) => {
  const settings = { ...resolveSettings({ flags: { api_keys } }), api_port: 0 }
  const app = createApp(house.deps)
  return listen({ name: 'API', fetch: app.fetch, portKey: 'api_port', settings })
}

test('vLLM CVE-2025-59425: how long a key takes to be refused tells how much of it is right', async () => {
  const door = await openDoor(['ana:right-key', 'ben:other-key'])
  const compared: number[][] = []
  const digest = crypto.subtle.digest.bind(crypto.subtle)
  for (const key of ['wrong-key', 'right-kez', 'right-key-and-more', 'r', 'right-key']) {
    const sizes: number[] = []
    vi.spyOn(crypto.subtle, 'digest').mockImplementation((algorithm, data) => {
      sizes.push(data.byteLength)
      return digest(algorithm, data)
    })
    const headers = { authorization: `Bearer ${key}` }
    const { status } = await fetch(`${door.url}/v1/nothing`, { headers })
    expect(status).toBe(key === 'right-key' ? 404 : 401)
    vi.restoreAllMocks()
    compared.push(sizes)
  }
  // What is compared are hashes, of every key each time, whatever the caller shows.
  for (const sizes of compared) expect(sizes).toHaveLength(present(compared[0]).length)
  expect(compared[0]).toHaveLength(4)
  await door.close()
})

test('LiteLLM, March 2026: the caller’s Authorization stands in logs and traces', async () => {
  const said: unknown[] = []
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, name).mockImplementation((...words) => void said.push(words))
  }
  const settings = { ...resolveSettings({ flags: { api_keys: [callerKey] } }), api_port: 0 }
  const log = createLog({ level: 'info', human: false, write: (line) => void said.push(line) })
  const app = createApp({ ...house.deps, policies: await failingWith(new Error('A fault.')), log })
  const door = await listen({ name: 'API', fetch: app.fetch, portKey: 'api_port', settings })
  const headers = { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' }
  const post = (path: string, body: unknown) =>
    fetch(`${door.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const answers: unknown[] = []
  for (const response of [
    await post('/v1/tpo/run', { query: 'Q' }),
    await post('/v1/tpo/start', { query: '' }),
    await post('/v1/nothing', {}),
    await fetch(`${door.url}/v1/models`, { headers: { authorization: `Bearer ${callerKey}x` } }),
  ]) {
    answers.push([...response.headers], await response.text())
  }
  await door.close()
  expect(said.length).toBeGreaterThan(0)
  expect(inspect([said, answers], { depth: Infinity })).not.toContain(callerKey)
})

test('Open WebUI CVE-2026-45339: a second way to show a key escapes what the first is held to', async () => {
  const door = await openDoor(['right'])
  const start = async (headers: [string, string][], query = '') => {
    const init = {
      method: 'POST',
      headers: [...headers, ['content-type', 'application/json'] as [string, string]],
    }
    return (await fetch(`${door.url}/v1/tpo/start${query}`, { ...init, body: '{"query":"Q"}' }))
      .status
  }
  for (const name of [
    'x-api-key',
    'api-key',
    'x-auth-token',
    'proxy-authorization',
    'x-authorization',
    'token',
  ]) {
    expect(await start([[name, 'right']])).toBe(401)
    expect(await start([[name, 'Bearer right']])).toBe(401)
  }
  expect(await start([['cookie', 'token=right; authorization=Bearer right']])).toBe(401)
  expect(await start([], '?api_key=right&authorization=Bearer%20right&token=right')).toBe(401)
  expect(await start([['authorization', 'Basic cmlnaHQ6cmlnaHQ=']])).toBe(401)
  // One header, one key.
  expect(await start([['authorization', 'Bearer wrong, Bearer right']])).toBe(401)
  expect(await start([['authorization', 'Bearer right']])).toBe(200)
  await door.close()
})

test('Gradio CVE-2026-28416: what a remote server says of itself widens what is allowed', async () => {
  const models = JSON.stringify({
    object: 'list',
    data: [
      {
        id: 'fake-70b',
        object: 'model',
        base_url: canary.url,
        api_base: canary.url,
        root: canary.url,
        allowed_origins: ['*'],
        config: { proxy_url: canary.url, policy_base_url: canary.url },
      },
    ],
    policy_base_url: canary.url,
    allowed_origins: ['*'],
    next: `${canary.url}/v1/models?page=2`,
    has_more: true,
  })
  house.policy.behave({ models: { status: 200, body: models } })
  await house.client.backends()
  const { run } = await house.client.run({ query: 'Q', samples: 1, iterations: 0 })
  expect(run.best?.text).toMatch(/Text/)
  const origin = await fetch(`${house.url}/v1/backends`, { headers: { origin: canary.url } })
  expect(origin.headers.get('access-control-allow-origin')).toBeNull()
})

describe('JWE, CVE-2024-28176 and its like: the token itself says how it is opened', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  test.each([
    [
      'a password with many rounds',
      { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 2 ** 31 - 1, p2s: 'AAAA', zip: 'DEF' },
    ],
    ['no algorithm', { alg: 'none' }],
    ['another algorithm', { alg: 'dir', enc: 'A128CBC-HS256', zip: 'DEF' }],
  ])('%s is no cursor', async (_, head) => {
    const parts = [
      part(head),
      'AAAA',
      'AAAAAAAAAAAAAAAA',
      part({ a: 'x'.repeat(99) }),
      'AAAAAAAAAAAAAAAAAAAAAA',
    ]
    for (const cursor of [parts.join('.'), parts.join(''), `${part(head)}..`]) {
      expect(await house.problem('/v1/tpo/step', { cursor })).toMatchObject({
        code: expect.stringMatching(/^cursor_(invalid|foreign)$/),
      })
    }
  })
})
