/** Requests that no client should send, over real HTTP: each answered, and the next one served. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Problem } from '../../shared/problems.ts'
import { RewardsAnswer } from '../../shared/rewards.ts'
import { fixture } from '../inference/fixtures.ts'
import { type RewardService, serveModel } from './serve-model.ts'

const messages = [{ role: 'user', content: 'When is the workshop?' }]
const candidates = ['On Friday.', 'No.']

let service: RewardService
let usual: number[]
beforeAll(async () => {
  service = await serveModel(fixture('tiny-reward-fp32'))
  usual = await service.rewards(messages, candidates)
})
afterAll(() => service.close())

/** Whatever came before, the next caller gets what it always got, and nothing was a fault of ours. */
afterEach(unharmed)
async function unharmed() {
  expect(await service.rewards(messages, candidates)).toEqual(usual)
  expect(service.faults).toEqual([])
}

/** Sends bytes as they are. */
const send = (body: string | Uint8Array<ArrayBuffer> | ReadableStream, headers = {}) => {
  // What a stream takes, and the types do not have.
  const streaming = { duplex: 'half' }
  return fetch(`${service.url}/v1/rewards`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    ...streaming,
  })
}

async function refusal(answer: Promise<Response>): Promise<Problem> {
  const response = await answer
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = Problem.parse(await response.json())
  expect(problem.status).toBe(response.status)
  return problem
}

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
const json = (value: object) => JSON.stringify({ messages, candidates, ...value })

test.each<[string, string, string, string | undefined]>([
  ['no candidates', json({ candidates: [] }), 'invalid_request', '$.candidates'],
  ['an empty candidate', json({ candidates: [''] }), 'invalid_request', '$.candidates[0]'],
  ['candidates that are none', json({ candidates: 'a' }), 'invalid_request', '$.candidates'],
  ['a candidate that is null', json({ candidates: [null] }), 'invalid_request', '$.candidates[0]'],
  ['no messages', json({ messages: [] }), 'invalid_request', '$.messages'],
  ['messages left out', '{"candidates": ["a"]}', 'invalid_request', '$.messages'],
  [
    'a role of its own',
    json({ messages: [{ role: 'tool', content: 'a' }] }),
    'invalid_request',
    '$.messages[0].role',
  ],
  [
    'a role named like a method',
    json({ messages: [{ role: 'constructor', content: 'a' }] }),
    'invalid_request',
    '$.messages[0].role',
  ],
  [
    'no content',
    json({ messages: [{ role: 'user' }] }),
    'invalid_request',
    '$.messages[0].content',
  ],
  [
    'more candidates than are taken',
    json({ candidates: Array(1025).fill('a') }),
    'invalid_request',
    '$.candidates',
  ],
  [
    'more messages than are taken',
    json({ messages: Array(1001).fill(messages[0]) }),
    'invalid_request',
    '$.messages',
  ],
  [
    'a model with a very long name',
    json({ model: 'm'.repeat(5000) }),
    'model_not_found',
    '$.model',
  ],
  ['NaN', '{"messages": NaN}', 'invalid_json', undefined],
  ['Infinity', json({}).replace('"No."', 'Infinity'), 'invalid_json', undefined],
  [
    'a number without end',
    json({}).replace('"No."', '1e999'),
    'invalid_request',
    '$.candidates[1]',
  ],
  [
    'a number of a million digits',
    json({}).replace('"No."', '9'.repeat(1_000_000)),
    'invalid_request',
    '$.candidates[1]',
  ],
  ['brackets in brackets', nested(100_000), 'invalid_request', '$'],
  [
    'brackets in a field',
    `{"messages": ${nested(100_000)}, "candidates": ["a"]}`,
    'invalid_request',
    '$.messages[0]',
  ],
  ['brackets without end', '['.repeat(100_000), 'invalid_json', undefined],
  [
    '__proto__ as a field',
    json({}).replace('{', '{"__proto__": {"a": 1}, '),
    'invalid_request',
    undefined,
  ],
  [
    '__proto__ in a message',
    json({ messages: 0 }).replace(
      '0',
      '[{"role": "user", "content": "a", "__proto__": {"role": "system"}}]',
    ),
    'invalid_request',
    undefined,
  ],
  ['a form', 'messages=a&candidates=b', 'invalid_json', undefined],
  ['nothing', '', 'invalid_json', undefined],
  ['a mark of byte order alone', '\uFEFF', 'invalid_json', undefined],
  ['null', 'null', 'invalid_request', '$'],
])('%s', async (_, body, code, path) => {
  const problem = await refusal(send(body))
  expect(problem).toMatchObject({ code, ...(path !== undefined && { path }) })
  expect(problem.status).toBeLessThan(500)
  expect(problem.detail.length).toBeLessThan(500)
})

test('of two fields of one name, the last counts, as everywhere', async () => {
  const twice = json({ messages: [{ role: 'user', content: 'no' }] }).replace(
    /\}$/,
    `, "messages": ${JSON.stringify(messages)}}`,
  )
  const { rewards } = RewardsAnswer.parse(await (await send(twice)).json())
  expect(rewards.map(({ reward }) => reward)).toEqual(usual)
})

test.each(['text/plain', 'application/x-www-form-urlencoded', ''])(
  'content-type %j: JSON is JSON whatever it is called',
  async (type) => {
    const answer = await send(Buffer.from(json({})), { 'content-type': type })
    const { rewards } = RewardsAnswer.parse(await answer.json())
    expect(rewards.map(({ reward }) => reward)).toEqual(usual)
  },
)

test('bytes that are no UTF-8', async () => {
  const bytes = Buffer.from(json({ candidates: ['caf\u00E9'] }), 'latin1')
  expect(await refusal(send(bytes))).toMatchObject({ code: 'invalid_json' })
})

test('half a surrogate pair is scored like the mark that stands for what cannot be read', async () => {
  const answer = await send(
    '{"messages": [{"role": "user", "content": "\\ud83d"}], "candidates": ["a\\udc00"]}',
  )
  const { rewards } = RewardsAnswer.parse(await answer.json())
  expect(rewards.map(({ reward }) => reward)).toEqual(
    await service.rewards([{ role: 'user', content: '\uFFFD' }], ['a\uFFFD']),
  )
})

test('a thousand candidates, in order', async () => {
  const many = Array.from({ length: 1000 }, (_, index) => `${index}`)
  const rewards = await service.rewards(messages, many)
  expect(rewards).toHaveLength(1000)
  const [first, last] = [many.slice(0, 1), many.slice(-1)]
  expect(rewards.slice(0, 1)).toEqual(await service.rewards(messages, first))
  expect(rewards.slice(-1)).toEqual(await service.rewards(messages, last))
})

describe('much', () => {
  const megabytes = (count: number) => 'a b '.repeat(count * 2 ** 18)

  test('10 MB, all of it blank: the template leaves nothing of it', async () => {
    const padded = candidates.map((text) => `${text}${' '.repeat(5 * 2 ** 20)}`)
    expect(await service.rewards(messages, padded)).toEqual(usual)
  })

  test('a candidate of 1 MB: told how much is too much', async () => {
    const problem = await refusal(send(json({ candidates: ['a', megabytes(1)] })))
    expect(problem).toMatchObject({ code: 'too_many_tokens', path: '$.candidates[1]' })
    expect(problem.detail).toMatch(/\d{5,} tokens, tiny-reward-fp32 takes 512/)
  })

  test('17 MB, declared', async () => {
    const problem = await refusal(send(json({ candidates: [megabytes(17)] })))
    expect(problem).toMatchObject({ code: 'body_too_large', status: 413 })
  })

  test('17 MB, in chunks of no declared length', async () => {
    const chunk = new TextEncoder().encode(megabytes(1))
    let left = 17
    const endless = new ReadableStream({
      pull(controller) {
        if (left-- > 0) controller.enqueue(chunk)
        else controller.close()
      },
    })
    const problem = await refusal(send(endless))
    expect(problem).toMatchObject({ code: 'body_too_large', status: 413 })
  })
})

describe('a connection that ends halfway', () => {
  const port = () => Number(new URL(service.url).port)
  const start = 'POST /v1/rewards HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
  const half = json({}).slice(0, 40)

  test.each([
    ['in a chunk', `Transfer-Encoding: chunked\r\n\r\n${(80).toString(16)}\r\n${half}`],
    [
      'between chunks',
      `Transfer-Encoding: chunked\r\n\r\n${half.length.toString(16)}\r\n${half}\r\n`,
    ],
    ['short of its length', `Content-Length: 4000\r\n\r\n${half}`],
  ])('%s', async (_, rest) => {
    for (const end of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const socket = connect(port(), '127.0.0.1')
      await once(socket, 'connect')
      socket.on('error', () => {})
      await new Promise((sent) => socket.write(`${start}${rest}`, sent))
      socket.resume()
      const closed = once(socket, 'close')
      socket[end]()
      await closed
      await unharmed()
    }
    expect.assertions(6)
  })

  test('a chunk whose length is no number', async () => {
    const socket = connect(port(), '127.0.0.1')
    socket.end(`${start}Transfer-Encoding: chunked\r\n\r\nzz\r\n${half}`)
    const answer: Buffer[] = []
    socket.on('data', (part) => answer.push(part))
    await once(socket, 'close')
    expect(Buffer.concat(answer).toString()).toMatch(/^HTTP\/1\.1 400 /)
  })
})

test.each([
  [
    'tiny-gemma2-bf16',
    [{ role: 'system', content: 'Be kind.' }, ...messages],
    /System role not supported/,
  ],
  [
    'tiny-mistral-fp16',
    [{ role: 'system', content: 'Be kind.' }, ...messages],
    /roles must alternate/,
  ],
  ['tiny-mistral-fp16', [...messages, ...messages], /roles must alternate/],
])('%s: what its template refuses is a refusal of $.messages', async (name, refused, words) => {
  const other = await serveModel(fixture(name))
  const problem = await refusal(other.post('/v1/rewards', { messages: refused, candidates }))
  expect(problem).toMatchObject({
    code: 'invalid_request',
    path: '$.messages',
    detail: expect.stringMatching(words),
  })
  expect(other.faults).toEqual([])
  await other.close()
})
