import { env } from 'cloudflare:workers'
import OpenAI from 'openai'
import { describe, expect, inject, test } from 'vitest'
import { createEdge } from '../../api/edge.ts'
import worker from '../../api/worker.ts'
import { TpoClient } from '../../shared/client.ts'
import { Problem } from '../../shared/problems.ts'

const cursorKey = btoa('k'.repeat(32))
const environment = {
  TPO_CURSOR_KEYS: cursorKey,
  TPO_POLICY_BASE_URL: inject('policyUrl'),
  TPO_REWARD_BASE_URL: inject('rewardUrl'),
  REPLAY: env['REPLAY'],
}

const clientOf = (serve: typeof worker.fetch, env: Record<string, unknown>, apiKey?: string) =>
  new TpoClient({
    baseUrl: 'https://tpo.example',
    apiKey,
    fetch: async (url, init) => serve(new Request(String(url), init), env),
  })

test('this is workerd', () => {
  expect(navigator.userAgent).toBe('Cloudflare-Workers')
})

test('a run on the edge: step by step, then to its end, streamed', async () => {
  const client = clientOf(worker.fetch, environment)
  const start = await client.start({ query: 'Why?', samples: 3, iterations: 1 })
  const sampled = await client.step(start.cursor)
  expect(sampled.step.candidates).toHaveLength(3)
  expect(sampled.run.usage.completion_tokens).toBeGreaterThan(0)
  const types: string[] = []
  const { run } = await client.run(
    { cursor: sampled.cursor },
    { onEvent: ({ type }) => void types.push(type) },
  )
  expect(run).toMatchObject({
    stop_reason: 'iterations',
    usage: { model_calls: 4, reward_calls: 2 },
  })
  expect(types).toEqual(
    expect.arrayContaining(['step_started', 'delta', 'candidate', 'score', 'step']),
  )
})

test('two isolates that are asked the same thing give one answer, and later again', async () => {
  const { cursor } = await clientOf(worker.fetch, environment).start({ query: 'Q', samples: 2 })
  const step = (serve: typeof worker.fetch) =>
    serve(
      new Request('https://tpo.example/v1/tpo/step', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ cursor }),
      }),
      environment,
    )
  const answers = await Promise.all([step(createEdge()), step(createEdge()), step(worker.fetch)])
  answers.push(await step(createEdge()))
  // A cursor is sealed with a random IV: the same one comes only from the same execution.
  expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1)
  const replayed = answers.map(({ headers }) => headers.get('idempotency-replayed'))
  expect(replayed.filter((header) => header === 'true')).toHaveLength(3)
})

test('upstream trouble is a problem here too', async () => {
  const { cursor } = await clientOf(worker.fetch, environment).start({ query: 'Q' })
  for (const url of ['http://127.0.0.1:9/v1', inject('brokenPolicyUrl')]) {
    const client = clientOf(createEdge(), { ...environment, TPO_POLICY_BASE_URL: url })
    await expect(client.step(cursor)).rejects.toMatchObject({
      problem: { code: 'policy_unreachable' },
    })
  }
})

test('a policy by address, where it is allowed, and no further', async () => {
  const allowed = [inject('policyUrl'), inject('redirectingPolicyUrl')]
  const serve = createEdge()
  const client = clientOf(serve, {
    ...environment,
    TPO_POLICY_BASE_URL: 'http://127.0.0.1:9/v1',
    TPO_ALLOWED_POLICY_URLS: allowed.join(),
  })
  const begin = (base_url: string) =>
    client.start({ query: 'By address', samples: 1, policy: { base_url } })
  const { step } = await client.step((await begin(inject('policyUrl'))).cursor)
  expect(step.candidates).toHaveLength(1)
  await expect(begin(inject('brokenPolicyUrl'))).rejects.toMatchObject({
    problem: { code: 'url_not_allowed', path: '$.policy.base_url' },
  })
  const { cursor } = await begin(inject('redirectingPolicyUrl'))
  await expect(client.step(cursor)).rejects.toMatchObject({
    problem: { code: 'policy_refused', upstream_status: 307 },
  })
})

test.each(['text/event-stream', 'application/json'])(
  'a caller who leaves ends the work upstream (%s)',
  async (accept) => {
    const { cursor } = await clientOf(worker.fetch, environment).start({ query: 'Q' })
    const endless = inject('endlessPolicyUrl')
    const policy = new URL('/', endless)
    const reset = () => fetch(new URL('/abandoned', policy), { method: 'DELETE' })
    await reset()
    const leave = new AbortController()
    const request = new Request('https://tpo.example/v1/tpo/step', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ cursor }),
      signal: leave.signal,
    })
    const answer = createEdge()(request, { ...environment, TPO_POLICY_BASE_URL: endless })
    await fetch(new URL('/asked', policy))
    if (accept === 'text/event-stream') await (await answer).body?.cancel()
    else leave.abort()
    expect(await (await fetch(new URL('/abandoned', policy))).text()).toBe('yes')
    await Promise.resolve(answer).catch(() => undefined)
  },
)

test('requests upstream wait for their turn: a Worker has six connections', async () => {
  const narrow = {
    ...environment,
    TPO_POLICY_BASE_URL: inject('narrowPolicyUrl'),
    TPO_REWARD_BASE_URL: inject('narrowRewardUrl'),
    TPO_REWARD_API: 'vllm',
  }
  const { run, steps } = await clientOf(createEdge(), narrow).run({
    query: 'Why?',
    samples: 12,
    iterations: 0,
  })
  expect(steps[1]?.candidates?.map(({ index }) => index)).toEqual(
    Array.from({ length: 12 }, (_, index) => index),
  )
  expect(run.history[0]?.count).toBe(12)
  const most = (gate: string) => fetch(new URL('/most', gate)).then((answer) => answer.text())
  expect(await most(inject('narrowPolicyUrl'))).toBe('5')
  expect(await most(inject('narrowRewardUrl'))).toBe('5')
})

test('one request too many is refused until another is over', async () => {
  const endless = inject('endlessPolicyUrl')
  await fetch(new URL('/abandoned', endless), { method: 'DELETE' })
  const busy = { ...environment, TPO_POLICY_BASE_URL: endless, TPO_KEY_CONCURRENCY: '1' }
  const serve = createEdge()
  const { cursor } = await clientOf(serve, busy).start({ query: 'Q' })
  const post = (path: string, body: unknown, accept = 'application/json') =>
    serve(
      new Request(`https://tpo.example${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify(body),
      }),
      busy,
    )
  const stream = await post('/v1/tpo/step', { cursor }, 'text/event-stream')
  await fetch(new URL('/asked', endless))
  const refused = await post('/v1/tpo/start', { query: 'Q' })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  expect(Problem.parse(await refused.json()).code).toBe('too_many_requests')
  const facade = await post('/v1/chat/completions', { messages: [{ role: 'user', content: 'Q' }] })
  expect([facade.status, facade.headers.get('x-should-retry')]).toEqual([429, 'true'])
  await stream.body?.cancel()
  let after: Response
  do {
    // Something that happens outside, so that the end of the stream can happen too.
    await fetch(new URL('/abandoned', endless))
    after = await post('/v1/tpo/start', { query: 'Q' })
  } while (after.status === 429)
  expect(after.status).toBe(200)
})

test('every answer has its request id, and a body has a limit', async () => {
  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    worker.fetch(
      new Request('https://tpo.example/v1/tpo/start', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      }),
      environment,
    )
  const kept = await post('{"query": ""}', { 'x-request-id': 'abc-123' })
  expect(kept.headers.get('x-request-id')).toBe('abc-123')
  expect(Problem.parse(await kept.json())).toMatchObject({ request_id: 'abc-123', status: 422 })
  const made = await post('{"query": "Q"}')
  expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  const large = JSON.stringify({ query: 'x'.repeat(10 * 1024 * 1024) })
  for (const body of [large, new Blob([large]).stream()]) {
    const refused = await post(body)
    expect(Problem.parse(await refused.json())).toMatchObject({
      code: 'body_too_large',
      status: 413,
    })
  }
})

test.each([
  ['TPO_CURSOR_KEYS', { ...environment, TPO_CURSOR_KEYS: undefined }],
  ['TPO_CURSOR_KEYS', { ...environment, TPO_CURSOR_KEYS: 'short' }],
  ['TPO_REWARD_BASE_URL', { ...environment, TPO_REWARD_BASE_URL: '' }],
  ['REPLAY', { ...environment, REPLAY: undefined }],
  ['TPO_REPLAY_URL', { ...environment, TPO_REPLAY_URL: 'redis://127.0.0.1:9' }],
  ['TPO_QUEUE_URL', { ...environment, TPO_QUEUE_URL: 'redis://127.0.0.1:9' }],
  ['TPO_PROMPTS', { ...environment, TPO_PROMPTS: '{"gradient": {"user": "{{lose}}"}}' }],
  ['TPO_CURSOR_DAYS', { ...environment, TPO_CURSOR_DAYS: 'many' }],
])('without a good %s it serves nothing and says why', async (name, env) => {
  const response = await createEdge()(new Request('https://tpo.example/healthz'), env)
  expect(response.status).toBe(500)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(Problem.parse(await response.json()).detail).toContain(name)
})

test('with API keys, /v1 wants one', async () => {
  const keyed = { ...environment, TPO_API_KEYS: 'one,two' }
  const serve = createEdge()
  await expect(clientOf(serve, keyed).start({ query: 'Q' })).rejects.toMatchObject({
    problem: { code: 'unauthorized', status: 401 },
  })
  await expect(clientOf(serve, keyed, 'wrong').start({ query: 'Q' })).rejects.toMatchObject({
    problem: { code: 'unauthorized' },
  })
  expect((await clientOf(serve, keyed, 'two').start({ query: 'Q' })).next?.step).toBe('sample')
  expect((await serve(new Request('https://tpo.example/healthz'), keyed)).status).toBe(200)
})

test('pages of other origins call only where they are allowed, and see what they need', async () => {
  const allowing = {
    ...environment,
    TPO_API_KEYS: 'one',
    TPO_ALLOWED_ORIGINS: 'https://good.example',
  }
  const serve = createEdge()
  const call = (origin: string, method = 'POST', headers: Record<string, string> = {}) =>
    serve(
      new Request('https://tpo.example/v1/tpo/start', {
        method,
        headers: { origin, 'content-type': 'application/json', ...headers },
        ...(method === 'POST' && { body: '{"query": "Q"}' }),
      }),
      allowing,
    )
  const preflight = await call('https://good.example', 'OPTIONS', {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,idempotency-key',
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-headers')).toBe(
    'authorization,idempotency-key',
  )
  const key = { authorization: 'Bearer one' }
  for (const [answer, status] of [
    [await call('https://good.example', 'POST', key), 200],
    [await call('https://good.example'), 401],
  ] as const) {
    expect(answer.status).toBe(status)
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://good.example')
    expect(answer.headers.get('access-control-expose-headers')).toBe(
      'Idempotency-Replayed,Retry-After,X-Request-Id',
    )
  }
  expect((await call('https://tpo.example', 'POST', key)).status).toBe(200)
  const foreign = await call('https://evil.example', 'POST', key)
  expect(Problem.parse(await foreign.json()).code).toBe('host_not_allowed')
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
})

describe('clients of OpenAI', () => {
  const openAi = (serve: typeof worker.fetch, env: Record<string, unknown>, apiKey = 'any') =>
    new OpenAI({
      baseURL: 'https://tpo.example/v1',
      apiKey,
      maxRetries: 0,
      logLevel: 'off',
      fetch: async (url, init) => serve(new Request(String(url), init), env),
    })
  const asked = {
    model: 'fake-70b',
    messages: [{ role: 'user' as const, content: 'Why?' }],
    tpo: { samples: 2, iterations: 1 },
  }

  test('the answer, whole and streamed', async () => {
    const client = openAi(worker.fetch, environment)
    const whole = await client.chat.completions.create(asked)
    expect(whole.choices[0]?.message.content).toMatch(/[a-z]/)
    const stream = client.chat.completions.stream(asked)
    const final = await stream.finalChatCompletion()
    expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content)
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['fake-70b'])
  })

  test('one who stops reading ends the work upstream', async () => {
    const env = { ...environment, TPO_POLICY_BASE_URL: inject('hangingPolicyUrl') }
    const stream = await openAi(createEdge(), env).chat.completions.create({
      ...asked,
      stream: true,
    })
    const watch = async (what: string) =>
      (await fetch(`${inject('hangingPolicyWatch')}/${what}`)).text()
    await watch('asked')
    for await (const _ of stream) break
    expect(await watch('abandoned')).toBe('yes')
  })

  test('errors in their shape, those before the app too', async () => {
    const missing = openAi(worker.fetch, environment).chat.completions.create({
      ...asked,
      model: 'gpt-5',
    })
    await expect(missing).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
    const keyed = { ...environment, TPO_API_KEYS: 'one' }
    const list = openAi(createEdge(), keyed, 'two').models.list()
    await expect(list).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
  })
})

test('the state of the backends', async () => {
  const { ok, backends } = await clientOf(worker.fetch, environment).backends()
  expect(ok).toBe(true)
  expect(backends).toMatchObject([
    { role: 'policy', ok: true, model: 'fake-70b' },
    { role: 'reward', ok: true, model: 'fake-reward' },
  ])
  const lost = { ...environment, TPO_REWARD_BASE_URL: 'http://127.0.0.1:9' }
  expect((await clientOf(createEdge(), lost).backends()).backends[1]).toMatchObject({
    ok: false,
    reachable: false,
    trouble: 'reward_unreachable',
  })
})
