/** `/v1/chat/completions` and `/v1/models`, asked by OpenAI's own clients. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import OpenAI, {
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  UnprocessableEntityError,
} from 'openai'
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createApp } from '../../api/app.ts'
import { topAnswers } from '../../api/openai/answer.ts'
import { listen } from '../../host/listen.ts'
import {
  ChatCompletion,
  ChatCompletionChunk,
  ModelList,
  OpenAiError,
  type RunSettings,
} from '../../shared/openai.ts'
import { resolveSettings } from '../../shared/settings.ts'
import { usualReward } from '../fakes/fake-reward.ts'
import { type House, openHouse, present } from './house.ts'

let house: House
let client: OpenAI
beforeAll(async () => {
  house = await openHouse()
  client = clientOf(house.url)
})
afterAll(() => house.close())
beforeEach(() => {
  house.policy.behave({})
  house.reward.behave({})
})
afterEach(() => {
  if (house.faults.length > 0) throw new Error('a fault of the API itself', { cause: house.faults })
})

const clientOf = (url: string, apiKey = 'any') =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, logLevel: 'off' })

const messages = [{ role: 'user' as const, content: 'Why?' }]
const small: z.input<typeof RunSettings> = { samples: 2, iterations: 1 }
const asked = { model: 'fake-70b', messages, tpo: small }

/** Everything a stream carried. */
async function read(body: Omit<ChatCompletionCreateParamsStreaming, 'stream'>) {
  const chunks: ChatCompletionChunk[] = []
  const stream = await client.chat.completions.create({ ...body, stream: true })
  for await (const chunk of stream) chunks.push(ChatCompletionChunk.parse(chunk))
  return chunks
}

const deltas = (chunks: readonly ChatCompletionChunk[]) =>
  chunks.flatMap(({ choices }) => choices.map(({ index, delta }) => ({ index, ...delta })))

test('the models of the policy', async () => {
  const page = await client.models.list()
  expect(ModelList.shape.data.parse(page.data)).toEqual([
    { id: 'fake-70b', object: 'model', created: 0, owned_by: 'tpo-edge', max_model_len: 8192 },
  ])
})

test('an answer is the best of the run, and the usage is all of it', async () => {
  const answer = ChatCompletion.parse(await client.chat.completions.create(asked))
  const { run } = await house.client.inspect(answer.tpo.cursor)
  const best = present(run.best ?? undefined)
  expect(answer).toMatchObject({
    id: `chatcmpl-${run.id}`,
    object: 'chat.completion',
    model: 'fake-70b',
    choices: [{ index: 0, message: { content: best.text }, finish_reason: 'stop' }],
    tpo: {
      stop_reason: 'iterations',
      history: run.history,
      answers: [{ reward: best.reward, iteration: best.iteration, index: best.index }],
    },
  })
  const { prompt_tokens, completion_tokens } = run.usage
  expect(answer.usage).toMatchObject({
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
  })
  // Both samples, loss, gradient and both updates, of which one answer came back.
  const { reasoning_tokens } = answer.usage.completion_tokens_details
  expect(reasoning_tokens).toBeGreaterThan(completion_tokens / 2)
  expect(reasoning_tokens).toBeLessThan(completion_tokens)
  // The same request is the same run.
  const again = await client.chat.completions.create(asked)
  expect(again.choices[0]?.message.content).toBe(best.text)
})

test('n: the best of all iterations, in order; at least n are sampled', async () => {
  const tpo = { samples: 1, iterations: 1 }
  const answer = ChatCompletion.parse(
    await client.chat.completions.create(Object.assign({ n: 3 }, asked, { tpo })),
  )
  const contents = answer.choices.map(({ message }) => message.content)
  const rewards = answer.tpo.answers.map(({ reward }) => reward)
  expect(rewards).toEqual(contents.map(usualReward))
  expect(rewards).toEqual([...rewards].sort((a, b) => b - a))
  expect(new Set(contents).size).toBe(3)
  expect(house.policy.requests[0]?.n).toBe(3)
  expect(new Set(answer.tpo.answers.map(({ iteration }) => iteration)).size).toBe(2)
})

test('the same text comes twice only where there is no other', () => {
  const candidate = (index: number, text: string, reward?: number) => ({
    index,
    text,
    finish_reason: 'stop',
    tokens: 1,
    ...(reward !== undefined && { reward }),
  })
  const first = [candidate(0, 'a', 2), candidate(1, 'a', 2), candidate(2, 'b', 1)]
  const second = [candidate(0, 'c', 2), candidate(1, '', undefined), candidate(2, 'd', 3)]
  const steps = [
    { name: 'sample' as const, iteration: 0, candidates: first },
    { name: 'score' as const, iteration: 0, candidates: first },
    { name: 'score' as const, iteration: 1, candidates: second },
  ]
  const texts = (n: number) => topAnswers(steps, n).map(({ text }) => text)
  expect(texts(1)).toEqual(['d'])
  expect(texts(4)).toEqual(['d', 'a', 'c', 'b'])
  expect(texts(9)).toEqual(['d', 'a', 'c', 'b', 'a'])
})

test('settings reach the policy: OpenAI’s fields first, then those of tpo, unknown ones as they are', async () => {
  const answer = ChatCompletion.parse(
    await client.chat.completions.create({
      model: 'fake-70b',
      messages: [
        { role: 'developer', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Why' },
            { type: 'text', text: 'not?' },
          ],
        },
      ],
      temperature: 0.1,
      max_tokens: 50,
      max_completion_tokens: 60,
      stop: ['\n\n'],
      seed: -1,
      presence_penalty: 0.5,
      top_k: 20,
      chat_template_kwargs: { enable_thinking: false },
      tpo: {
        mode: 'bon',
        samples: 2,
        policy: { temperature: 1, top_p: 0.5, extra_body: { top_k: 10, min_p: 0.1 } },
      },
    } as OpenAI.ChatCompletionCreateParamsNonStreaming),
  )
  expect(house.policy.requests).toHaveLength(1)
  expect(house.policy.requests[0]).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Why\nnot?' },
    ],
    n: 2,
    temperature: 0.1,
    top_p: 0.5,
    max_tokens: 60,
    stop: ['\n\n'],
    presence_penalty: 0.5,
    top_k: 20,
    min_p: 0.1,
    chat_template_kwargs: { enable_thinking: false },
  })
  expect(house.policy.requests[0]).not.toHaveProperty('tpo')
  const { seed, run } = await house.client.inspect(answer.tpo.cursor)
  expect({ seed, mode: run.mode }).toEqual({ seed: 2 ** 31 - 1, mode: 'bon' })
})

test('a length cut is told', async () => {
  house.policy.behave({ write: () => ({ content: 'Cut', finish_reason: 'length' }) })
  const { choices } = await client.chat.completions.create(
    Object.assign({}, asked, { tpo: { mode: 'bon' } }),
  )
  expect(choices[0]?.finish_reason).toBe('length')
})

describe('streams', () => {
  test('progress as reasoning, then the answers, how they ended, and the usage', async () => {
    const chunks = await read({ ...asked, n: 2, stream_options: { include_usage: true } })
    const whole = ChatCompletion.parse(await client.chat.completions.create({ ...asked, n: 2 }))
    const all = deltas(chunks)
    const firstContent = all.findIndex(({ content }) => content !== undefined)
    // Clients append what comes twice, so that each choice has its role once.
    expect(all.flatMap(({ index, role }) => (role === undefined ? [] : index))).toEqual([0, 1])
    expect(all[0]).toEqual({ index: 0, role: 'assistant' })
    const kinds = all
      .slice(1)
      .map(({ reasoning_content, content }) =>
        reasoning_content !== undefined ? 'reasoning' : content !== undefined ? 'content' : 'end',
      )
    expect(kinds.filter((kind, at) => kind !== kinds[at - 1])).toEqual([
      'reasoning',
      'content',
      'end',
    ])
    expect(all.slice(firstContent, firstContent + 2).map(({ content }) => content)).toEqual(
      whole.choices.map(({ message }) => message.content),
    )
    const progress = all.map(({ reasoning_content = '' }) => reasoning_content).join('')
    const { steps } = await house.client.run({ messages, ...small })
    for (const name of ['loss', 'gradient']) {
      const text = present(steps.find((step) => step.name === name)?.text)
      expect(progress).toContain(`Iteration 1, textual ${name}:\n${text}`)
    }
    expect(progress).toMatch(/^Drawing the first answers\.\nAnswer [12]: \d+ tokens\.\n/)
    expect(progress).toMatch(/2 rewards: best -?\d\.\d\d, mean -?\d\.\d\d; best so far/)
    const ends = chunks.flatMap(({ choices }) => choices.map((choice) => choice.finish_reason))
    expect(ends.filter((end) => end !== null)).toEqual(['stop', 'stop'])
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage })
    expect(chunks.at(-2)?.tpo?.answers).toEqual(whole.tpo.answers)
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
  })

  test('the helper of the SDK puts the answer together', async () => {
    const stream = client.chat.completions.stream(asked)
    const final = await stream.finalChatCompletion()
    const whole = await client.chat.completions.create(asked)
    expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content)
  })

  test('no usage where nobody asked for it, and [DONE] at the end', async () => {
    const response = await house.post('/v1/chat/completions', { ...asked, stream: true })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const text = await response.text()
    expect(text).not.toContain('"usage"')
    expect(text).not.toMatch(/^event:/m)
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  test('a failure in the middle is an error of the SDK', async () => {
    house.reward.behave({ fails: { status: 503, code: 'overloaded', detail: 'Busy.' } })
    await expect(read(asked)).rejects.toMatchObject({
      code: 'reward_error',
      message: expect.stringContaining('Busy.'),
    })
  })

  test('what is wrong before the first chunk has its status', async () => {
    await expect(read({ ...asked, model: 'gpt-5' })).rejects.toMatchObject({ status: 404 })
  })
})

describe('a caller who leaves ends the work upstream', () => {
  test.each([true, false])('stream: %s', async (stream) => {
    house.policy.behave({ midStream: 'hang' })
    const [drawing, left] = [house.policy.asked(), house.policy.abandoned()]
    const leave = new AbortController()
    const body = { ...asked, stream }
    const call = (async () => {
      const answer = await client.chat.completions.create(body, { signal: leave.signal })
      if ('controller' in answer) for await (const _ of answer);
    })().catch((error: unknown) => error)
    await drawing
    leave.abort()
    await expect(left).resolves.toBeUndefined()
    await call
  })
})

describe('Idempotency-Key', () => {
  // The SDK's own option `idempotencyKey` sends no header.
  const keyed = (key: string) => ({ headers: { 'Idempotency-Key': key } })
  const paid = () => house.policy.requests.length
  const replayedOf = (response: Response) => response.headers.get('idempotency-replayed')

  test('the same key and body is the same answer, byte for byte, and paid once', async () => {
    const ask = () => client.chat.completions.create(asked, keyed('one')).asResponse()
    const first = await ask()
    const text = await first.text()
    expect([replayedOf(first), paid()]).toEqual([null, 4])
    const again = await ask()
    expect([replayedOf(again), await again.text(), paid()]).toEqual(['true', text, 4])
    const other = ChatCompletion.parse(await client.chat.completions.create(asked, keyed('two')))
    expect(other.id).not.toBe(ChatCompletion.parse(JSON.parse(text)).id)
    expect(paid()).toBe(8)
  })

  test('both of two at once share one run', async () => {
    const answers = await Promise.all(
      [1, 2].map(() => client.chat.completions.create(asked, keyed('three')).asResponse()),
    )
    const texts = await Promise.all(answers.map((answer) => answer.text()))
    expect(texts[0]).toBe(texts[1])
    expect(answers.map(replayedOf).sort()).toEqual(['true', null].sort())
    expect(paid()).toBe(4)
  })

  test('a stream again brings the same answer, without its progress', async () => {
    const body = { ...asked, n: 2, stream: true as const, stream_options: { include_usage: true } }
    const stream = async () => {
      const { data, response } = await client.chat.completions
        .create(body, keyed('four'))
        .withResponse()
      const chunks: ChatCompletionChunk[] = []
      for await (const chunk of data) chunks.push(ChatCompletionChunk.parse(chunk))
      return { chunks, replayed: replayedOf(response) }
    }
    const first = await stream()
    const again = await stream()
    expect([first.replayed, again.replayed, paid()]).toEqual([null, 'true', 4])
    const withoutProgress = (chunks: ChatCompletionChunk[]) =>
      chunks.filter(({ choices }) => choices.every(({ delta }) => !delta.reasoning_content))
    expect(withoutProgress(first.chunks).length).toBeLessThan(first.chunks.length)
    expect(again.chunks).toEqual(withoutProgress(first.chunks))
  })

  test('a run that broke goes on where it was', async () => {
    house.reward.behave({ fails: { status: 503, code: 'overloaded', detail: 'Busy.' } })
    const broken = client.chat.completions.create(asked, keyed('five'))
    await expect(broken).rejects.toMatchObject({ code: 'reward_error' })
    expect(paid()).toBe(1)
    house.reward.behave({})
    await client.chat.completions.create(asked, keyed('five'))
    expect(paid()).toBe(4)
  })

  test('another body is a 422 of the SDK; a wrong one does not take the key', async () => {
    const wrong = client.chat.completions.create({ ...asked, model: 'gpt-5' }, keyed('six'))
    await expect(wrong).rejects.toBeInstanceOf(NotFoundError)
    await client.chat.completions.create(asked, keyed('six'))
    for (const change of [{ n: 2 }, { temperature: 0 }, { stream: true }, { top_k: 3 }]) {
      const error = await client.chat.completions
        .create({ ...asked, ...change }, keyed('six'))
        .catch((error: unknown) => error)
      expect(error).toBeInstanceOf(UnprocessableEntityError)
      expect(error).toMatchObject({ status: 422, code: 'idempotency_key_reused' })
    }
    expect(paid()).toBe(4)
  })
})

describe('errors in the shape of OpenAI', () => {
  test.each([
    ['an unknown model', { model: 'gpt-5' }, 'model_not_found', 'model', NotFoundError],
    ['no messages', { messages: [] }, 'invalid_request', 'messages', BadRequestError],
    [
      'an assistant last',
      { messages: [{ role: 'assistant', content: 'Hi' }] },
      'invalid_request',
      'messages',
      BadRequestError,
    ],
    ['a temperature', { temperature: 9 }, 'invalid_request', 'temperature', BadRequestError],
    [
      'a setting of the run',
      { tpo: { policy: { top_p: 0 } } },
      'invalid_request',
      'tpo.policy.top_p',
      BadRequestError,
    ],
    [
      'an unknown setting of the run',
      { tpo: { sampels: 1 } },
      'invalid_request',
      'tpo.sampels',
      BadRequestError,
    ],
    [
      'tools',
      { tools: [{ type: 'function', function: { name: 'f' } }] },
      'invalid_request',
      'tools',
      BadRequestError,
    ],
    [
      'an image',
      {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] },
        ],
      },
      'invalid_request',
      'messages[0].content',
      BadRequestError,
    ],
  ])('%s', async (_, wrong, code, param, type) => {
    const body = { ...asked, ...wrong } as typeof asked
    const error = await client.chat.completions.create(body).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(type)
    expect(error).toMatchObject({ code, param, type: 'invalid_request_error' })
    expect(house.policy.requests).toEqual([])
  })

  test('what the policy refuses of it is a bad request, its trouble is not, and no one repeats in vain', async () => {
    house.policy.behave({ status: 400, message: 'top_k must be positive' })
    const refused = await client.chat.completions.create(asked).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(BadRequestError)
    expect(refused).toMatchObject({ message: expect.stringContaining('top_k must be positive') })
    house.policy.behave({ status: 401 })
    const broken = await house.post('/v1/chat/completions', asked)
    expect([broken.status, broken.headers.get('x-should-retry')]).toEqual([502, 'false'])
    expect(OpenAiError.parse(await broken.json()).error).toMatchObject({
      type: 'server_error',
      code: 'policy_refused',
    })
  })

  test.each([
    ['malformed JSON', 'POST', '{', 400, 'invalid_json'],
    ['another method', 'DELETE', undefined, 405, 'method_not_allowed'],
  ])('%s', async (_, method, body, status, code) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${house.url}/v1/chat/completions`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    })
    expect(response.status).toBe(status)
    expect(response.headers.get('x-request-id')).not.toBeNull()
    expect(OpenAiError.parse(await response.json()).error.code).toBe(code)
  })

  test('a wrong key', async () => {
    const settings = resolveSettings({ flags: { api_keys: 'right' } })
    const api = createApp(house.deps)
    const port = { ...settings, api_port: 0 }
    const server = await listen({
      name: 'API',
      portKey: 'api_port',
      settings: port,
      fetch: api.fetch,
    })
    const error = await clientOf(server.url, 'wrong')
      .models.list()
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ code: 'invalid_api_key' })
    expect((await clientOf(server.url, 'right').models.list()).data).toHaveLength(1)
    await server.close()
  })
})

test('a policy that lists nothing is asked for whatever the caller names', async () => {
  const other = await openHouse({ settings: { policy_model: 'fake-70b' } })
  other.policy.behave({ models: { status: 404, body: '' } })
  const unlisted = clientOf(other.url)
  expect((await unlisted.models.list()).data.map(({ id }) => id)).toEqual(['fake-70b'])
  const error = await unlisted.chat.completions
    .create({ ...asked, model: 'gpt-5' })
    .catch((error: unknown) => error)
  expect(error).toMatchObject({ message: expect.stringContaining('`gpt-5` does not exist') })
  expect(other.policy.requests.map(({ model }) => model)).toEqual(['gpt-5'])
  await other.close()
})

const python = process.env['PYTHON'] ?? 'python3'
const hasOpenAi = spawnSync(python, ['-c', 'import openai']).status === 0

test.skipIf(!hasOpenAi)(
  `the openai package of Python${hasOpenAi ? '' : `: left out, ${python} has none (PYTHON names another one)`}`,
  async () => {
    const { stdout } = await promisify(execFile)(python, [
      'tests/api/openai-client.py',
      `${house.url}/v1`,
    ])
    const whole = await client.chat.completions.create({ ...asked, n: 2 })
    const contents = whole.choices.map(({ message }) => message.content)
    const total = whole.usage?.total_tokens
    expect(JSON.parse(stdout)).toEqual({
      models: ['fake-70b'],
      contents,
      total_tokens: total,
      streamed: contents[0],
      reasoning: expect.stringContaining('textual loss'),
      streamed_tokens: total,
      errors: [
        ['NotFoundError', 'model_not_found', 'model'],
        ['BadRequestError', 'invalid_request', 'tpo.samples'],
      ],
    })
  },
)
