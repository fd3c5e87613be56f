/** The local policy through the real openai SDK over real HTTP. */
import { EventEmitter, once } from 'node:events'
import OpenAI, { APIUserAbortError } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Policy, loadPolicy } from '../../inference/generation/policy.ts'
import { createApp } from '../../local-policy/app.ts'
import { expected, fixture } from '../inference/fixtures.ts'
import { serveApp } from '../inference/serve.ts'
import { faultLog } from '../fakes/fault-log.ts'

// Its context of four million tokens is more than a test can fill.
const endless = 'tiny-policy-fp16-tied'
const bounded = 'tiny-policy-bf16-bias'

interface Running {
  /** Emits `request` when a request has come in and `deltas` while answers grow. */
  seen: EventEmitter
  client: OpenAI
  url: string
  close: () => Promise<void>
}

const faults: unknown[] = []

async function start(name: string): Promise<Running> {
  const model = await loadPolicy(fixture(name), { threads: 1 })
  const seen = new EventEmitter()
  const watched: Policy = {
    ...model,
    encodeChat(...request) {
      setImmediate(() => seen.emit('request'))
      return model.encodeChat(...request)
    },
    async *generate(...request) {
      for await (const deltas of model.generate(...request)) {
        seen.emit('deltas')
        yield deltas
      }
    },
  }
  const app = createApp({ model: watched, log: faultLog(faults) })
  const server = await serveApp(app)
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'EMPTY', maxRetries: 0 })
  const close = async () => {
    await server.close()
    await model.close()
  }
  return { seen, client, url: server.url, close }
}

let policy: Running
let small: Running
beforeAll(async () => {
  policy = await start(endless)
  small = await start(bounded)
})
afterAll(async () => {
  await policy.close()
  await small.close()
})

const question = [{ role: 'user' as const, content: 'When is the workshop?' }]
const ask = { model: endless, messages: question, max_tokens: 24 }

/** What a stream adds up to. */
async function gather(stream: AsyncIterable<OpenAI.ChatCompletionChunk>) {
  const texts: string[] = []
  const finishes: (string | null)[] = []
  const roles: (string | undefined)[] = []
  let usage: OpenAI.CompletionUsage | null | undefined
  for await (const chunk of stream) {
    if (chunk.choices.length === 0) usage = chunk.usage
    for (const { index, delta, finish_reason } of chunk.choices) {
      roles[index] ??= delta.role
      texts[index] = (texts[index] ?? '') + (delta.content ?? '')
      finishes[index] = finish_reason
    }
  }
  return { texts, finishes, roles, usage }
}

const textsOf = (completion: OpenAI.ChatCompletion) =>
  completion.choices.map(({ message }) => message.content)

describe('answers', () => {
  test('greedily, with the text of transformers', async () => {
    const [chat] = (await expected(bounded)).chats
    const completion = await small.client.chat.completions.create({
      model: bounded,
      messages: question,
      temperature: 0,
      max_tokens: 48,
    })
    expect(completion).toMatchObject({
      object: 'chat.completion',
      model: bounded,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: chat?.text },
          finish_reason: 'stop',
          logprobs: null,
        },
      ],
      usage: { prompt_tokens: chat?.ids.length, completion_tokens: chat?.greedy.length },
    })
    expect(completion.id).toMatch(/^chatcmpl-/)
  })

  test('n answers that differ, the same again for the same seed, others for another', async () => {
    const draw = async (seed: number) =>
      textsOf(await policy.client.chat.completions.create({ ...ask, n: 3, seed }))
    const first = await draw(7)
    expect(new Set(first).size).toBe(3)
    expect(await draw(7)).toEqual(first)
    expect(await draw(8)).not.toEqual(first)
  })

  test('an answer does not depend on how many are drawn beside it', async () => {
    const draw = async (n: number) =>
      textsOf(await policy.client.chat.completions.create({ ...ask, n, seed: 3 }))
    expect((await draw(4))[0]).toBe((await draw(1))[0])
  })

  test('another seed each time where none is given', async () => {
    const draw = async () => textsOf(await policy.client.chat.completions.create(ask))
    expect(await draw()).not.toEqual(await draw())
  })

  test('cut at max_tokens, with what that cost', async () => {
    const completion = await policy.client.chat.completions.create({ ...ask, n: 2 })
    expect(completion.choices.map(({ finish_reason }) => finish_reason)).toEqual([
      'length',
      'length',
    ])
    const prompt = completion.usage?.prompt_tokens ?? 0
    expect(completion.usage).toEqual({
      prompt_tokens: prompt,
      completion_tokens: 48,
      total_tokens: prompt + 48,
    })
    const newer = { ...ask, max_tokens: undefined, max_completion_tokens: 5 }
    const short = await policy.client.chat.completions.create(newer)
    expect(short.usage?.completion_tokens).toBe(5)
  })

  test('ended by a stop string, which is left out', async () => {
    const sampling = { ...ask, seed: 1, temperature: 0.8 }
    const [whole] = textsOf(await policy.client.chat.completions.create(sampling))
    const stop = whole?.slice(8, 11) ?? ''
    const stopped = await policy.client.chat.completions.create({
      ...sampling,
      stop: ['never said', stop],
    })
    expect(stopped.choices[0]).toMatchObject({
      finish_reason: 'stop',
      stop_reason: stop,
      message: { content: whole?.slice(0, whole.indexOf(stop)) },
    })
  })
})

describe('streams', () => {
  test('the same text as without streaming, with role, finish reasons and usage', async () => {
    const request = { ...ask, n: 3, seed: 11, stop: ['e'] }
    const whole = await policy.client.chat.completions.create(request)
    const stream = await policy.client.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    })
    const { texts, finishes, roles, usage } = await gather(stream)
    expect(texts).toEqual(textsOf(whole))
    expect(finishes).toEqual(whole.choices.map(({ finish_reason }) => finish_reason))
    expect(roles).toEqual(['assistant', 'assistant', 'assistant'])
    expect(usage).toEqual(whole.usage)
  })

  test('no usage unless asked for, and [DONE] at the end', async () => {
    const response = await fetch(`${policy.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ ...ask, stream: true }),
    })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const text = await response.text()
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(text).not.toContain('usage')
  })
})

describe('a caller who leaves', () => {
  const forever = { ...ask, max_tokens: 4_000_000, n: 2 }
  // Were the first answer not stopped, the second would wait for hours.
  const nextAnswer = async () => {
    const completion = await policy.client.chat.completions.create({ ...ask, max_tokens: 2 })
    return completion.usage?.completion_tokens
  }

  test('stops a stream', async () => {
    const stream = await policy.client.chat.completions.create({ ...forever, stream: true })
    let seen = 0
    for await (const chunk of stream) {
      seen += chunk.choices.length
      if (seen > 20) break
    }
    expect(await nextAnswer()).toBe(2)
  })

  test('stops an answer that is not streamed', async () => {
    const leaving = new AbortController()
    const growing = once(policy.seen, 'deltas')
    const answer = policy.client.chat.completions.create(forever, { signal: leaving.signal })
    await growing
    leaving.abort()
    await expect(answer).rejects.toThrow(APIUserAbortError)
    expect(await nextAnswer()).toBe(2)
  })

  test('leaves the line', async () => {
    const running = await policy.client.chat.completions.create({ ...forever, stream: true })
    const leaving = new AbortController()
    const arrived = once(policy.seen, 'request')
    const waiting = policy.client.chat.completions.create(forever, { signal: leaving.signal })
    await arrived
    leaving.abort()
    await expect(waiting).rejects.toThrow(APIUserAbortError)
    running.controller.abort()
    expect(await nextAnswer()).toBe(2)
  })
})

describe('refuses', () => {
  const refusal = async (body: unknown, path = '/v1/chat/completions', method = 'POST') => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${small.url}${path}`, {
      method,
      ...(method === 'GET' ? {} : { body: text }),
    })
    return { status: response.status, body: await response.json() }
  }

  test.each([
    ['a body that is not JSON', '{', 400, null],
    ['no messages', { model: bounded, messages: [] }, 400, 'messages'],
    [
      'an image',
      { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
      400,
      'messages.0.content',
    ],
    [
      'a model with a very long name',
      { model: 'm'.repeat(5000), messages: question },
      404,
      'model',
    ],
    ['another model', { model: 'gpt-4o', messages: question }, 404, 'model'],
    ['n of 0', { messages: question, n: 0 }, 400, 'n'],
    ['a negative temperature', { messages: question, temperature: -1 }, 400, 'temperature'],
    ['top_p of 0', { messages: question, top_p: 0 }, 400, 'top_p'],
    ['an empty stop string', { messages: question, stop: '' }, 400, 'stop'],
    [
      'stream options without a stream',
      { messages: question, stream_options: { include_usage: true } },
      400,
      'stream_options',
    ],
    ['more tokens than the context', { messages: question, max_tokens: 512 }, 400, 'max_tokens'],
    [
      'a prompt longer than the context',
      { messages: [{ role: 'user', content: 'workshop '.repeat(600) }] },
      400,
      'messages',
    ],
  ])('%s', async (_, body, status, param) => {
    const answer = await refusal(body)
    expect(answer).toMatchObject({ status, body: { error: { code: status, param } } })
    expect(answer.body.error.message).toMatch(/^.{1,300}$/)
  })

  test('a prompt that does not fit, naming both numbers as vLLM does', async () => {
    const { body } = await refusal({ messages: question, max_tokens: 512 })
    expect(body.error.message).toMatch(
      /too large: 512\. This model's maximum context length is 512 tokens and your request has \d+ input tokens/,
    )
  })

  test('other addresses and methods', async () => {
    expect(await refusal({}, '/v1/nothing')).toMatchObject({ status: 404, body: { error: {} } })
    expect(await refusal('', '/v1/chat/completions', 'GET')).toMatchObject({
      status: 405,
      body: { error: { type: 'MethodNotAllowedError' } },
    })
  })

  test('and goes on serving', async () => {
    const completion = await small.client.chat.completions.create({
      model: bounded,
      messages: question,
      max_tokens: 1,
    })
    expect(completion.usage?.completion_tokens).toBe(1)
  })
})

test('a line that is full answers 503 with Retry-After', async () => {
  const running = await policy.client.chat.completions.create({
    ...ask,
    max_tokens: 4_000_000,
    stream: true,
  })
  const leaving = new AbortController()
  const responses = await Promise.all(
    Array.from({ length: 66 }, () =>
      fetch(`${policy.url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ ...ask, stream: true }),
        signal: leaving.signal,
      }),
    ),
  )
  const refused = responses.filter(({ status }) => status === 503)
  expect(refused.length).toBe(2)
  expect(refused[0]?.headers.get('retry-after')).toMatch(/^\d+$/)
  leaving.abort()
  running.controller.abort()
})

test('lists its model with its context length', async () => {
  const models = await small.client.models.list()
  expect(models.data).toMatchObject([{ id: bounded, object: 'model', max_model_len: 512 }])
})

test('says when it is ready', async () => {
  expect(await (await fetch(`${small.url}/healthz`)).json()).toEqual({ status: 'ok' })
  const ready = await fetch(`${small.url}/readyz`)
  expect(await ready.json()).toEqual({ status: 'ready', model: bounded })
})

test('none of this was a fault', () => {
  expect(faults).toEqual([])
})
