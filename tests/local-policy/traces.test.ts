/** What a request at the local policy looks like in a tracing tool: the process, a real OTLP receiver. */
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Collector, type KeptSpan, startCollector } from '../fakes/collector.ts'
import type { ServiceProcess } from '../inference/service-process.ts'
import { key, startTraced } from '../inference/traced-service.ts'

// At temperature 0 and without max_tokens it writes on until it is stopped.
const name = 'tiny-policy-fp16-tied'
const messages = [{ role: 'user' as const, content: 'When is the recognisable workshop?' }]

let collector: Collector
let service: ServiceProcess
let client: OpenAI

beforeAll(async () => {
  collector = await startCollector()
  service = await startTraced('local-policy', name, collector)
  client = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: key, maxRetries: 0 })
})
afterAll(async () => {
  await service.stop()
  await collector.close()
})
beforeEach(() => collector.forget())

const servers = (spans: readonly KeptSpan[]) => spans.filter(({ kind }) => kind === 2)
const one = (spans: readonly KeptSpan[], wanted: string) => {
  const [span, ...others] = spans.filter((span) => span.name === wanted)
  expect(others).toEqual([])
  return span
}

describe.each([false, true])('answers, streamed: %s', (stream) => {
  test('are in their caller’s trace: waiting, the prompt, the rest', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
    const ask = {
      model: name,
      messages,
      n: 3,
      seed: 7,
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 12,
    }
    const told: OpenAI.ChatCompletion | OpenAI.ChatCompletionChunk = stream
      ? await last(
          await client.chat.completions.create(
            { ...ask, stream, stream_options: { include_usage: true } },
            { headers },
          ),
        )
      : await client.chat.completions.create({ ...ask, stream }, { headers })
    const spans = await collector.until((spans) => servers(spans).length === 1)

    const server = one(spans, 'POST /v1/chat/completions')
    expect(server).toMatchObject({
      kind: 2,
      parentSpanId: '00f067aa0ba902b7',
      resource: { 'service.name': 'tpo-policy' },
      attributes: { 'http.response.status_code': 200 },
    })
    expect(server?.attributes).toMatchObject({
      'gen_ai.request.model': name,
      'gen_ai.request.choice.count': 3,
      'gen_ai.request.seed': 7,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.top_p': 0.9,
      'gen_ai.request.max_tokens': 12,
      'gen_ai.request.stream': stream,
      'gen_ai.response.id': told.id,
      'gen_ai.response.model': name,
      'gen_ai.response.finish_reasons': ['length', 'length', 'length'],
    })
    const { usage } = told
    if (usage === null || usage === undefined) throw new Error('there is no usage')
    expect(one(spans, 'prefill')?.attributes).toEqual({
      'tpo.samples': 3,
      'tpo.tokens.computed': usage.prompt_tokens,
      'tpo.tokens.shared': 2 * usage.prompt_tokens,
    })
    expect(one(spans, 'decode')?.attributes).toEqual({
      'tpo.samples': 3,
      'tpo.tokens.computed': usage.completion_tokens - 3,
      'tpo.tokens.per_second': expect.any(Number),
    })
    expect(spans).toHaveLength(4)
    for (const span of spans) expect([span.traceId, span.status.code]).toEqual([traceId, 0])
    for (const stage of ['queue', 'prefill', 'decode']) {
      expect(one(spans, stage)?.parentSpanId).toBe(server?.spanId)
    }
    expect(lastLine()).toMatchObject({
      event: 'request',
      route: '/v1/chat/completions',
      status: 200,
      trace_id: traceId,
      span_id: server?.spanId,
    })
  })
})

async function last(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>) {
  let last: OpenAI.ChatCompletionChunk | undefined
  for await (const chunk of chunks) last = chunk
  if (last === undefined) throw new Error('nothing came')
  return last
}

const lastLine = (): unknown => JSON.parse(service.stderr().trim().split('\n').at(-1) ?? '')

const endless = async () => {
  const stream = await client.chat.completions.create({
    model: name,
    messages,
    temperature: 0,
    stream: true,
  })
  const chunks = stream[Symbol.asyncIterator]()
  await chunks.next()
  return { stream, chunks }
}

test('who leaves while it writes has not failed', async () => {
  const { stream } = await endless()
  stream.controller.abort()
  const spans = await collector.until((spans) => servers(spans).length === 1)
  const cancelled = spans.filter(({ attributes }) => attributes['tpo.cancelled'] === true)
  expect(cancelled.map((span) => span.name).sort()).toEqual(['POST /v1/chat/completions', 'decode'])
  for (const { status } of spans) expect(status.code).toBe(0)
  expect(one(spans, 'prefill')?.attributes['tpo.samples']).toBe(1)
})

// Which processes a process has started is told on Linux only.
test.runIf(process.platform === 'linux')(
  'a model that dies is an error up to the request',
  async () => {
    const { chunks } = await endless()
    await service.killWorker()
    const rest = async () => {
      for (let next = await chunks.next(); next.done !== true;) next = await chunks.next()
    }
    await expect(rest()).rejects.toThrow('being started again')
    const spans = await collector.until((spans) => servers(spans).length === 1)
    for (const failed of ['decode', 'POST /v1/chat/completions']) {
      expect(one(spans, failed)).toMatchObject({
        status: { code: 2 },
        attributes: { 'error.type': 'InferenceError' },
      })
    }
    expect(one(spans, 'prefill')?.status.code).toBe(0)
    await service.until(service.ready)
  },
)

test('a wrong request is no error of the service', async () => {
  const wrong = client.chat.completions.create({ model: 'another', messages })
  await expect(wrong).rejects.toThrow('does not exist')
  const spans = await collector.until((spans) => servers(spans).length === 1)
  expect(spans).toHaveLength(1)
  expect(spans[0]).toMatchObject({
    status: { code: 0 },
    attributes: { 'http.response.status_code': 404 },
  })
})

test('no text and no key leaves the service', async () => {
  const { choices } = await client.chat.completions.create({ model: name, messages, max_tokens: 8 })
  const [answer] = choices
  await collector.until((spans) => servers(spans).length === 1)
  const told = [...collector.bodies, service.stderr()].join('\n')
  expect(told).not.toContain('recognisable')
  expect(answer?.message.content?.length).toBeGreaterThan(0)
  expect(told).not.toContain(answer?.message.content)
})
