/** Policies that a caller names by address: two servers, of which only one is the operator's. */
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createApp } from '../../api/app.ts'
import { dependencies } from '../../api/dependencies.ts'
import { createMemoryStore } from '../../api/replay/memory.ts'
import { TpoClient } from '../../shared/client.ts'
import { resolveSettings } from '../../shared/settings.ts'
import type { StartRequest } from '../../shared/tpo.ts'
import { faultLog } from '../fakes/fault-log.ts'
import { type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'
import { listen, type Server } from '../fakes/listen.ts'
import { cursorKey, type House, openHouse, present, problemOf } from './house.ts'

const operatorsKey = 'operators-secret'
const callersKey = 'callers-secret'
const header = { 'x-tpo-policy-key': callersKey }

let house: House
let other: FakeVllm
beforeAll(async () => {
  other = await startFakeVllm({ model: 'fake-8b', maxModelLen: 4096 })
  house = await openHouse({
    settings: { policy_api_key: operatorsKey, allowed_policy_urls: [other.url] },
  })
})
afterAll(() => Promise.all([house.close(), other.close()]))
beforeEach(() => {
  house.policy.behave({ key: operatorsKey })
  other.behave({ key: callersKey })
  house.policy.keys.length = 0
  other.keys.length = 0
})
afterEach(() => {
  vi.restoreAllMocks()
  if (house.faults.length > 0) throw new Error('a fault of the API itself', { cause: house.faults })
})

const withKey = (key: string, baseUrl = other.url) =>
  new TpoClient({ baseUrl: house.url, policy: { baseUrl, key } })
const there = (query: string): StartRequest => ({
  query,
  samples: 2,
  iterations: 1,
  policy: { base_url: other.url },
})

test('a run by address asks that server with the key of each call, and no other', async () => {
  const client = withKey(callersKey)
  const { run } = await client.run(there('All of it'))
  expect(run).toMatchObject({ stop_reason: 'iterations', usage: { model_calls: 4 } })
  expect(new Set(other.keys)).toEqual(new Set([`Bearer ${callersKey}`]))
  expect(other.requests.map(({ model }) => model)).toEqual(Array(4).fill('fake-8b'))
  expect(house.policy.requests).toEqual([])

  const { cursor } = await client.start(there('Step by step'))
  const sampled = await client.step(cursor)
  const settings = await client.inspect(sampled.cursor)
  expect(settings.policy.base_url).toBe(other.url)
  expect(JSON.stringify([sampled, settings])).not.toContain(callersKey)
})

test("the operator's key goes to the operator's server alone, whatever address is named", async () => {
  const twin = await openHouse({
    settings: { policy_api_key: operatorsKey, allowed_policy_urls: ['*'] },
  })
  twin.policy.behave({ key: operatorsKey })
  const client = twin.client
  const named = { query: 'Q', policy: { base_url: twin.policy.url } }
  const { cursor } = await client.start(named)
  await expect(client.step(cursor)).rejects.toMatchObject({
    problem: { code: 'policy_refused', upstream_status: 401 },
  })
  twin.policy.behave({})
  await client.step(cursor)
  expect(twin.policy.keys).toEqual(['Bearer EMPTY'])
  const status = await client.backends({ policyBaseUrl: twin.policy.url })
  expect(status.policy_urls_allowed).toBe(true)
  await twin.close()
})

test('a key goes only where its owner says, whatever the cursor asks', async () => {
  const theirs = await house.client.start({ query: 'Whose?' })
  const own = await house.client.start(there('Mine'))
  for (const [cursor, client] of [
    [theirs.cursor, withKey(callersKey)],
    [own.cursor, withKey(callersKey, 'http://gpu:8000/v1')],
  ] as const) {
    for (const call of [() => client.step(cursor), () => client.run({ cursor })]) {
      await expect(call()).rejects.toMatchObject({
        problem: { code: 'invalid_request', path: '$.x-tpo-policy-url' },
      })
    }
  }
  expect([...house.policy.keys, ...other.keys]).toEqual([])
  await withKey(callersKey).step(own.cursor)
})

test("a key without an address is nobody's", async () => {
  const { cursor } = await house.client.start({ query: 'Here' })
  expect((await house.post('/v1/tpo/step', { cursor }, header)).status).toBe(200)
  expect(house.policy.keys).toEqual([`Bearer ${operatorsKey}`])
})

test('OpenAI’s clients name one too', async () => {
  const messages = [{ role: 'user', content: 'Q' }]
  const ask = (base_url: string, model?: string) =>
    house.post(
      '/v1/chat/completions',
      { model, messages, tpo: { samples: 2, iterations: 0, policy: { base_url } } },
      header,
    )
  expect(await (await ask(other.url, 'fake-8b')).json()).toMatchObject({ model: 'fake-8b' })
  expect(other.keys).toEqual([`Bearer ${callersKey}`])
  expect((await ask(other.url, 'fake-70b')).status).toBe(404)
  const refused = await ask(house.policy.url)
  expect(refused.status).toBe(403)
  expect(await refused.json()).toMatchObject({
    error: { code: 'url_not_allowed', param: 'tpo.policy.base_url' },
  })
})

describe('what is not allowed', () => {
  const refusal = { code: 'url_not_allowed', status: 403, path: '$.policy.base_url' }

  test.each(['/v1/tpo/start', '/v1/tpo/run'])('%s refuses it, and asks nobody', async (path) => {
    const listed = house.policy.listed()
    const policy = { base_url: house.policy.url }
    expect(await house.problem(path, { query: 'Q', policy })).toMatchObject(refusal)
    const odd = { base_url: `${other.url}/../..;/admin` }
    expect(await house.problem(path, { query: 'Q', policy: odd })).toMatchObject({
      code: 'invalid_request',
      path: '$.policy.base_url',
    })
    expect(house.policy.listed()).toBe(listed)
    expect(house.policy.requests).toEqual([])
  })

  test('a cursor from when it was allowed is refused, its stored answers with it', async () => {
    const store = createMemoryStore({ bytes: 2 ** 24, clock: Date.now })
    const appWith = async (allowed_policy_urls: string[]): Promise<Server> => {
      const flags = {
        policy_base_url: house.policy.url,
        reward_base_url: house.reward.url,
        allowed_policy_urls,
      }
      const parts = { cursorKeys: [cursorKey(1)], store, shared: true, log: faultLog(house.faults) }
      return listen(createApp(dependencies(resolveSettings({ flags }), parts)))
    }
    const [before, after] = await Promise.all([appWith([other.url]), appWith([])])
    const client = new TpoClient({
      baseUrl: before.url,
      policy: { baseUrl: other.url, key: callersKey },
    })
    const { cursor } = await client.start(there('Was allowed'))
    const { cursor: sampled } = await client.step(cursor)
    for (const [path, cursorThen] of [
      ['/v1/tpo/step', cursor],
      ['/v1/tpo/steps/sample', cursor],
      ['/v1/tpo/step', sampled],
      ['/v1/tpo/run', cursor],
    ] as const) {
      const response = await fetch(`${after.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...header },
        body: JSON.stringify({ cursor: cursorThen }),
      })
      expect(await problemOf(response)).toMatchObject(refusal)
    }
    await Promise.all([before.close(), after.close()])
  })

  test('a redirect is not followed, from wherever it comes', async () => {
    const asked: string[] = []
    const door = await listen({
      fetch: ({ url }) => {
        asked.push(new URL(url).pathname)
        return Response.redirect(url.replace(new URL(url).origin, new URL(other.url).origin), 307)
      },
    })
    const base_url = `${door.url}/v1`
    const own = await openHouse({
      settings: { policy_base_url: base_url, allowed_policy_urls: [base_url] },
    })
    other.behave({})
    const listed = other.listed()
    for (const policy of [{ base_url }, {}]) {
      const name = 'base_url' in policy ? 'policy.base_url' : 'TPO_POLICY_BASE_URL'
      const { cursor } = await own.client.start({ query: 'Q', policy })
      const problem = await own.problem('/v1/tpo/step', { cursor })
      expect(problem).toMatchObject({ code: 'policy_refused', upstream_status: 307 })
      expect(problem.detail).toContain(
        `neither key nor text is sent. Set ${name} to where it is now.`,
      )
      const { backends } = await own.client.backends({ policyBaseUrl: policy.base_url })
      expect(backends[0]).toMatchObject({ ok: false, reachable: true, trouble: 'policy_refused' })
    }
    expect(new Set(asked)).toEqual(new Set(['/v1/models']))
    expect(other.listed()).toBe(listed)
    await Promise.all([own.close(), door.close()])
  })

  test('a redirect of the answer itself is not followed', async () => {
    const door = await listen({
      fetch: ({ url }) =>
        new URL(url).pathname === '/v1/models'
          ? new Response('', { status: 404 })
          : Response.redirect(`${other.url}/chat/completions`, 307),
    })
    const own = await openHouse({ settings: { allowed_policy_urls: [door.url] } })
    other.behave({})
    const policy = { base_url: `${door.url}/v1`, model: 'fake-8b' }
    const { cursor } = await own.client.start({ query: 'Q', policy })
    expect(await own.problem('/v1/tpo/step', { cursor })).toMatchObject({ upstream_status: 307 })
    expect(other.requests).toEqual([])
    await Promise.all([own.close(), door.close()])
  })
})

test('whose key pays does not change what is asked: an answer is given again for any', async () => {
  const { cursor } = await withKey(callersKey).start(there('Once'))
  const step = async (key?: string) => {
    const response = await house.post(
      '/v1/tpo/step',
      { cursor },
      key === undefined ? {} : { 'x-tpo-policy-key': key },
    )
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  // What fails is not stored.
  expect((await step('another-secret')).status).toBe(502)
  const paid = await step(callersKey)
  expect(paid.headers.get('idempotency-replayed')).toBeNull()
  for (const key of [callersKey, 'another-secret', undefined]) {
    const again = await step(key)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.text).toBe(paid.text)
  }
  expect(other.requests).toHaveLength(1)
})

test('runs at two addresses never share an answer', async () => {
  const two = await openHouse({ settings: { allowed_policy_urls: ['*'] } })
  other.behave({})
  const texts = await Promise.all(
    [other.url, two.policy.url].map(async (base_url) => {
      const body = {
        ...there('Same'),
        policy: { base_url },
        until: { step: 'score', iteration: 0 },
      }
      const response = await two.post('/v1/tpo/run', body, { 'idempotency-key': 'same' })
      return response.status === 200 ? 'answered' : (await problemOf(response)).code
    }),
  )
  expect(texts.sort()).toEqual(['answered', 'idempotency_key_reused'])
  await two.close()
})

test('the list of models is remembered for a key, not for those without it', async () => {
  const before = other.listed()
  other.behave({ key: 'new-secret' })
  const client = withKey('new-secret')
  await client.step((await client.start(there('First'))).cursor)
  await client.step((await client.start(there('Second'))).cursor)
  const { cursor } = await client.start(there('Third'))
  await expect(withKey('another-secret').step(cursor)).rejects.toMatchObject({
    problem: { code: 'policy_refused', upstream_status: 401 },
  })
  await client.step(cursor)
  expect(other.listed() - before).toBe(1)
  other.behave({})
  await house.client.step((await house.client.start(there('Fourth'))).cursor)
  expect(other.listed() - before).toBe(2)
})

describe('GET /v1/backends', () => {
  test('looks at the server that a run would ask, with the key of the call', async () => {
    const found = await withKey(callersKey).backends({ policyBaseUrl: other.url })
    expect(found).toMatchObject({ ok: true, policy_urls_allowed: true })
    expect(found.backends).toMatchObject([
      {
        role: 'policy',
        server: new URL(other.url).host,
        model: 'fake-8b',
        context_length: 4096,
        authorised: true,
      },
      { role: 'reward', ok: true },
    ])
  })

  test('says which header and which field are wrong', async () => {
    const [refused] = (await withKey('no').backends({ policyBaseUrl: other.url })).backends
    expect(refused).toMatchObject({ ok: false, authorised: false, trouble: 'policy_refused' })
    expect(present(refused).detail).toContain('Check X-TPO-Policy-Key.')
    other.behave({ models: { status: 200, body: '<!doctype html>' } })
    const [web] = (await house.client.backends({ policyBaseUrl: other.url })).backends
    expect(present(web).detail).toContain('Check that policy.base_url leads to one')
    other.behave({ models: 'hang' })
    const [slow] = (await house.client.backends({ policyBaseUrl: other.url })).backends
    expect(slow).toMatchObject({ reachable: false, trouble: 'policy_timeout' })
    expect(present(slow).detail).toContain('policy.base_url says where it is.')
  })

  test('refuses what is not allowed', async () => {
    const at = (url: string) =>
      fetch(`${house.url}/v1/backends?${new URLSearchParams({ policy_base_url: url })}`)
    expect(await problemOf(await at(house.policy.url))).toMatchObject({
      code: 'url_not_allowed',
      path: '$.policy_base_url',
    })
    expect(await problemOf(await at('http://a@b'))).toMatchObject({
      code: 'invalid_request',
      path: '$.policy_base_url',
    })
  })
})

test('a key that no header takes on is refused, and not quoted', async () => {
  const { cursor } = await house.client.start(there('Q'))
  const wrong = { 'x-tpo-policy-key': 'callers secret' }
  const problem = await problemOf(await house.post('/v1/tpo/step', { cursor }, wrong))
  expect(problem).toMatchObject({ code: 'invalid_request', path: '$.x-tpo-policy-key' })
  expect(problem.detail).not.toContain('secret')
})

test('the key is never seen again, whatever fails', async () => {
  const said: string[] = []
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, name).mockImplementation((...words) => void said.push(inspect(words)))
  }
  const message = `You sent Authorization: Bearer ${callersKey}.`
  const client = withKey(callersKey)
  for (const behaviour of [
    ...[307, 400, 401, 403, 404, 422, 429, 500].map((status) => ({ status, message })),
    { midStream: 'error', message },
    { midStream: 'drop' },
    { midStream: 'garbage' },
  ] as const) {
    for (const accept of ['application/json', 'text/event-stream']) {
      const { cursor } = await client.start(there('Q'))
      other.behave({ key: callersKey, ...behaviour })
      const response = await house.post('/v1/tpo/step', { cursor }, { ...header, accept })
      const all = [await response.text(), inspect([...response.headers]), ...said].join('\n')
      expect(all).toMatch(/policy_/)
      expect(all).not.toContain(callersKey)
    }
  }
  expect(inspect(house.faults, { depth: Infinity })).toBe('[]')
})

test('the document says all of it', async () => {
  const answer = await fetch(`${house.url}/openapi.json`)
  const document = (await answer.json()) as { paths: Record<string, Record<string, unknown>> }
  const key = { in: 'header', name: 'x-tpo-policy-key', required: false }
  for (const path of ['/v1/tpo/step', '/v1/tpo/steps/loss', '/v1/tpo/run', '/v1/chat/completions'])
    expect(document.paths[path]?.['post'], path).toMatchObject({
      parameters: expect.arrayContaining([expect.objectContaining(key)]),
    })
  expect(document.paths['/v1/backends']?.['get']).toMatchObject({
    parameters: [
      { in: 'query', name: 'policy_base_url', required: false },
      key,
      { in: 'header', name: 'x-tpo-policy-url', required: false },
    ],
  })
  expect(JSON.stringify(document)).toContain('policy_urls_allowed')
  expect(JSON.stringify(document)).toContain('url_not_allowed')
})
