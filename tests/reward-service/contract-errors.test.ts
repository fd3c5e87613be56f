/** What the foreign contracts say of requests that cannot be served, over real HTTP. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixture } from '../inference/fixtures.ts'
import { type RewardService, serveModel } from './serve-model.ts'

const name = 'tiny-reward-fp32'
const user = { role: 'user', content: 'When is the workshop?' }

let service: RewardService
beforeAll(async () => {
  service = await serveModel(fixture(name))
})
afterAll(() => service.close())

const long = 'workshop '.repeat(600)
const vllm = (code: number, param: string | null, message: RegExp | string) => ({
  error: {
    message: expect.stringMatching(message),
    type: code === 404 ? 'NotFoundError' : 'BadRequestError',
    param,
    code,
  },
})
const tei = (error: RegExp) => ({ error: expect.stringMatching(error), error_type: 'validation' })
const fastApi = (detail: RegExp) => ({ detail: expect.stringMatching(detail) })
const input = 'a'

test.each([
  ['/classify', '{"input": NaN}', 400, vllm(400, null, /not valid JSON/)],
  ['/classify', {}, 400, vllm(400, 'input', /^\$\.input/)],
  ['/classify', { input: '' }, 400, vllm(400, 'input', /^\$\.input/)],
  ['/classify', { input: [] }, 400, vllm(400, 'input', /^\$\.input/)],
  ['/classify', { input: [1, 'a'] }, 400, vllm(400, expect.any(String), /^\$\.input/)],
  ['/classify', { input: [[-1]] }, 400, vllm(400, expect.any(String), /^\$\.input/)],
  ['/classify', { input: [384] }, 400, vllm(400, 'input', /no token 384.* end at 383/)],
  ['/classify', { input: ['a', long] }, 400, vllm(400, 'input[1]', /\d+ tokens, .* takes 512/)],
  ['/classify', { input, model: 'other' }, 404, vllm(404, 'model', /other is not served/)],
  [
    '/classify',
    { input, truncate_prompt_tokens: 9 },
    400,
    vllm(400, 'truncate_prompt_tokens', /nothing is cut off/),
  ],
  ['/classify', { messages: [] }, 400, vllm(400, 'messages', /messages/)],
  [
    '/classify',
    { messages: [user], chat_template: '{{ 1 }}' },
    400,
    vllm(400, 'chat_template', /own chat template/),
  ],
  [
    '/classify',
    { messages: [{ role: 'robot', content: '' }] },
    400,
    vllm(400, 'messages[0].role', /role/),
  ],
  ['/pooling', { input, task: 'token_classify' }, 400, vllm(400, 'task', /whole sequence/)],
  ['/pooling', { input, encoding_format: 'base64' }, 400, vllm(400, 'encoding_format', /as such/)],
  ['/score', { text_1: ['a', 'b'], text_2: ['c'] }, 400, vllm(400, 'text_1', /2 .* with 1 /)],
  ['/score', { text_1: 'a', text_2: long }, 400, vllm(400, 'text_2[0]', /takes 512/)],
  ['/rerank', { query: 'a', documents: [] }, 400, vllm(400, 'documents', /documents/)],
  ['/rerank', { query: 'a' }, 400, vllm(400, 'documents', /documents/)],
  ['/rerank', { query: 'a', texts: [] }, 422, tei(/^\$\.texts/)],
  ['/rerank', { query: 'a', texts: ['b', long] }, 413, tei(/texts\[1\].* takes 512/)],
  ['/predict', '{', 400, tei(/not valid JSON/)],
  ['/predict', { inputs: ['a', 'b', 'c'] }, 422, tei(/^\$\.inputs/)],
  ['/predict', { inputs: long }, 413, tei(/takes 512/)],
  ['/get_reward', '{', 400, fastApi(/not valid JSON/)],
  ['/get_reward', {}, 422, fastApi(/^\$\.query/)],
  ['/get_reward', { query: ['a', ''] }, 422, fastApi(/^\$\.query\[1\]: there is nothing/)],
  ['/get_reward', { query: [long] }, 422, fastApi(/takes 512/)],
])('%s, case %#', async (path, body, status, wanted) => {
  const response = await service.post(path, body)
  expect(await response.json()).toEqual(wanted)
  expect(response.status).toBe(status)
})

test('a body over 16 MB', async () => {
  const response = await service.post('/classify', 'x'.repeat(16 * 1024 * 1024 + 1))
  expect(await response.json()).toEqual(vllm(413, null, /16 MB/))
})

test('another method', async () => {
  const response = await fetch(`${service.url}/classify`)
  expect(response.headers.get('allow')).toBe('POST')
  expect(await response.json()).toEqual(vllm(405, null, /POST/))
})

test('bytes that are not UTF-8', async () => {
  const body = Buffer.from('{"input": "caf\u00e9"}', 'latin1')
  const response = await fetch(`${service.url}/classify`, { method: 'POST', body })
  expect(await response.json()).toEqual(vllm(400, null, /UTF-8/))
})

test('too much at once is 503 with Retry-After, which clients try again', async () => {
  // No two alike: what is asked twice is computed once.
  const work = (turn: number) =>
    Array.from({ length: 64 }, (_, item) => {
      const number = turn * 64 + item
      const first = 5 + (number % 280)
      return [first, 5 + Math.floor(number / 280), ...Array.from({ length: 200 }, () => first)]
    })
  const leaving = new AbortController()
  const refused = new Map<string, unknown>()
  const full = Promise.withResolvers<void>()
  const call = async (path: string, body: unknown) => {
    const response = await service.post(path, body, leaving.signal)
    if (response.status !== 503) return
    expect(response.headers.get('retry-after')).toBe('5')
    refused.set(path, await response.json())
    full.resolve()
  }
  const calls = Array.from({ length: 300 }, (_, turn) => call('/classify', { input: work(turn) }))
  const ended = Promise.allSettled(calls)
  await full.promise
  const texts = Array.from({ length: 512 }, () => 'a')
  await call('/predict', { inputs: texts.map((text) => [text]) })
  await call('/get_reward', { query: texts })
  leaving.abort()
  await ended
  const words = expect.stringContaining('sequences are waiting')
  expect(Object.fromEntries(refused)).toEqual({
    '/classify': {
      error: { message: words, type: 'ServiceUnavailableError', param: null, code: 503 },
    },
    '/predict': { error: words, error_type: 'overloaded' },
    '/get_reward': { detail: words },
  })
})

test('a model that has stopped', async () => {
  const other = await serveModel(fixture(name))
  await other.model.close()
  const words = expect.stringContaining('restart the service')
  const stopped = async (path: string, body: unknown) => {
    const response = await other.post(path, body)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    return response.json()
  }
  expect(await stopped('/classify', { input })).toMatchObject({
    error: { message: words, code: 503 },
  })
  expect(await stopped('/predict', { inputs: 'a' })).toEqual({
    error: words,
    error_type: 'unhealthy',
  })
  expect(await stopped('/get_reward', { query: ['a'] })).toEqual({ detail: words })
  expect((await fetch(`${other.url}/health`)).status).toBe(503)
  await other.close()
})

test('and it goes on serving', async () => {
  expect(await service.rewards([user], ['On Friday.'])).toHaveLength(1)
  expect(service.faults).toEqual([])
})
