/** How many requests a caller may have under way. */
import OpenAI, { RateLimitError } from 'openai'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type House, openHouse, problemOf } from './house.ts'

const sse = { accept: 'text/event-stream' }
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const start = '/v1/tpo/start'

let house: House
beforeAll(async () => {
  const settings = { api_keys: ['ana:one', 'ana:two', 'ben:three'], key_concurrency: 2 }
  house = await openHouse({ settings })
})
afterAll(() => house.close())
beforeEach(() => house.policy.behave({}))

/** A step that lasts until `end` is called. */
async function longStep(key: string, headers: Record<string, string> = {}) {
  const started = await house.post(start, { query: 'Q', samples: 1 }, bearer(key))
  const { cursor } = (await started.json()) as { cursor: string }
  const opened = Promise.withResolvers<void>()
  house.policy.behave({ held: opened.promise })
  const leave = new AbortController()
  const answer = fetch(`${house.url}/v1/tpo/step`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(key), ...headers },
    body: JSON.stringify({ cursor }),
    signal: leave.signal,
  })
  await house.policy.asked()
  return { end: opened.resolve, answer, leave: () => leave.abort() }
}

test('one too many is a 429 until one ends, for every key of that caller and for no other', async () => {
  const json = await longStep('one')
  const stream = await longStep('two', sse)
  for (const key of ['one', 'two']) {
    const refused = await house.post(start, { query: 'Q' }, bearer(key))
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await problemOf(refused)).toMatchObject({
      status: 429,
      code: 'too_many_requests',
      retryable: true,
      detail: expect.stringContaining('2 of your requests'),
    })
  }
  expect((await house.post(start, { query: 'Q' }, bearer('three'))).status).toBe(200)
  expect((await fetch(`${house.url}/v1/backends`, { headers: bearer('one') })).status).toBe(200)
  json.end()
  expect((await json.answer).status).toBe(200)
  expect((await house.post(start, { query: 'Q' }, bearer('one'))).status).toBe(200)
  stream.end()
  expect(await (await stream.answer).text()).toContain('[DONE]')
})

test('a stream counts to its end, and who leaves is not counted', async () => {
  const streams = [await longStep('one', sse), await longStep('one', sse)]
  await Promise.all(streams.map(({ answer }) => answer))
  expect((await house.post(start, { query: 'Q' }, bearer('one'))).status).toBe(429)
  for (const { leave, end } of streams) {
    leave()
    end()
  }
  let after: Response
  do after = await house.post(start, { query: 'Q' }, bearer('one'))
  while (after.status === 429)
  expect(after.status).toBe(200)
})

test('a refused or failed request counts no longer', async () => {
  for (const body of [{}, '{', { query: 'Q', samples: 0 }]) {
    for (let times = 0; times < 3; times++) {
      expect((await house.post(start, body, bearer('one'))).status).toBeLessThan(429)
    }
  }
  expect((await house.post(start, { query: 'Q' }, bearer('one'))).status).toBe(200)
})

test('clients of OpenAI see it in their shape, and wait as they are told', async () => {
  const steps = [await longStep('one'), await longStep('one')]
  const client = new OpenAI({
    baseURL: `${house.url}/v1`,
    apiKey: 'one',
    maxRetries: 0,
    logLevel: 'off',
  })
  const messages = [{ role: 'user' as const, content: 'Why?' }]
  const error = await client.chat.completions
    .create({ model: 'fake-70b', messages })
    .catch((error: unknown) => error)
  expect(error).toBeInstanceOf(RateLimitError)
  expect(error).toMatchObject({ code: 'rate_limit_exceeded', type: 'requests' })
  const headers = error instanceof RateLimitError ? error.headers : undefined
  expect([headers?.get('retry-after'), headers?.get('x-should-retry')]).toEqual(['1', 'true'])
  for (const { end } of steps) end()
  await Promise.all(steps.map(({ answer }) => answer))
})

test('no other header makes another caller, and those without keys share one count', async () => {
  const steps = [await longStep('unknown'), await longStep('unknown')]
  const others: Record<string, string>[] = [
    {},
    bearer('unknown too'),
    { 'x-api-key': 'three' },
    { 'api-key': 'three', 'x-forwarded-for': '10.0.0.1' },
  ]
  for (const headers of others) {
    expect((await house.post(start, { query: 'Q' }, headers)).status).toBe(429)
  }
  for (const { end } of steps) end()
  await Promise.all(steps.map(({ answer }) => answer))
})
