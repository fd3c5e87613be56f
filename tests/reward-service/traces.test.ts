/** What a request at the reward service looks like in a tracing tool: the process, a real OTLP receiver. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RewardsAnswer } from '../../shared/rewards.ts'
import { type Collector, type KeptSpan, startCollector } from '../fakes/collector.ts'
import type { ServiceProcess } from '../inference/service-process.ts'
import { key, startTraced } from '../inference/traced-service.ts'

const name = 'tiny-reward-fp32'
const question = 'When is the recognisable workshop?'

let collector: Collector
let service: ServiceProcess

beforeAll(async () => {
  collector = await startCollector()
  service = await startTraced('reward-service', name, collector)
})
afterAll(async () => {
  await service.stop()
  await collector.close()
})
beforeEach(() => collector.forget())

interface Asking {
  traceparent?: string
  signal?: AbortSignal
}

const ask = (candidates: string[], { traceparent, signal }: Asking = {}) =>
  fetch(`${service.url}/v1/rewards`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...(traceparent && { traceparent }) },
    body: JSON.stringify({ messages: [{ role: 'user', content: question }], candidates }),
    signal,
  })

const named = (spans: readonly KeptSpan[], wanted: string) =>
  spans.filter((span) => span.name === wanted)
const servers = (spans: readonly KeptSpan[]) => spans.filter(({ kind }) => kind === 2)
const idOf = ({ traceId, spanId }: Pick<KeptSpan, 'traceId' | 'spanId'>) => ({ traceId, spanId })
const under = (spans: readonly KeptSpan[], parent: KeptSpan | undefined) =>
  spans.filter(({ parentSpanId }) => parentSpanId === parent?.spanId)
/** Resolves once so many sequences wait. */
const waiting = (count: number) =>
  service.until(async () => (await service.metric('te_queue_size')) === count)

test('a request is in its caller’s trace, and shows what it waited for', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`
  const response = await ask(['Yes.', 'No, it is on Friday.'], { traceparent })
  const { usage, rewards } = RewardsAnswer.parse(await response.json())
  const spans = await collector.until((spans) => servers(spans).length === 1)

  const [server] = servers(spans)
  expect(server).toMatchObject({
    name: 'POST /v1/rewards',
    parentSpanId: '00f067aa0ba902b7',
    attributes: {
      'http.route': '/v1/rewards',
      'http.response.status_code': 200,
      'gen_ai.response.model': name,
    },
    resource: { 'service.name': 'tpo-reward' },
  })
  expect(spans.map((span) => [span.traceId, span.status.code])).toEqual(
    spans.map(() => [traceId, 0]),
  )
  const names = (inside: readonly KeptSpan[]) => inside.map((span) => span.name).sort()
  expect(names(under(spans, server))).toEqual(['batch', 'queue', 'tokenize'])
  const [batch] = named(spans, 'batch')
  expect(names(under(spans, batch))).toEqual(['onnx run'])
  expect(spans).toHaveLength(5)

  const attributes = (wanted: string) => named(spans, wanted)[0]?.attributes
  expect(attributes('tokenize')).toEqual({
    'tpo.sequences': 2,
    'tpo.tokens.total': usage.total_tokens,
    'tpo.tokens.cut': 0,
  })
  expect(attributes('queue')).toEqual({ 'tpo.sequences': 2 })
  expect(attributes('batch')).toEqual({
    'tpo.device': 'cpu',
    'tpo.requests': 1,
    'tpo.sequences': 2,
    'tpo.tokens.total': usage.total_tokens,
  })
  const run = attributes('onnx run')
  const longest = Math.max(...rewards.map(({ tokens }) => tokens))
  expect(run).toEqual({
    'tpo.onnx.provider': 'cpu',
    'tpo.onnx.dtype': 'float32',
    'tpo.sequences': 2,
    'tpo.tokens.computed': expect.any(Number),
    'tpo.tokens.shared': expect.any(Number),
    // Rows are even on the CPU.
    'tpo.tokens.padded': 4 * Math.ceil(longest / 2) - usage.total_tokens,
  })
  expect(Number(run?.['tpo.tokens.computed']) + Number(run?.['tpo.tokens.shared'])).toBe(
    usage.total_tokens,
  )
  // The prompt, at least.
  expect(run?.['tpo.tokens.shared']).toBeGreaterThan(question.split(' ').length)

  const line: unknown = JSON.parse(service.stderr().trim().split('\n').at(-1) ?? '')
  expect(line).toMatchObject({
    event: 'request',
    route: '/v1/rewards',
    status: 200,
    trace_id: traceId,
    span_id: server?.spanId,
  })
})

// Halting a process is for Linux and its like, and which ones there are is told on Linux only.
describe.runIf(process.platform === 'linux')('while the device is busy', () => {
  test('what then goes in one pass is one span, linked to every request, and each to it', async () => {
    await service.pauseWorker()
    const answers = Array.from({ length: 4 }, () => ask(['Yes.']))
    await waiting(3)
    await service.resumeWorker()
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const spans = await collector.until((spans) => servers(spans).length === 4)

    expect(new Set(servers(spans).map(({ traceId }) => traceId)).size).toBe(4)
    const batches = named(spans, 'batch')
    expect(batches.map(({ attributes }) => attributes['tpo.requests']).sort()).toEqual([1, 3])
    expect(batches.map(({ attributes }) => attributes['tpo.sequences']).sort()).toEqual([1, 3])
    expect(
      named(spans, 'onnx run')
        .map(({ parentSpanId }) => parentSpanId)
        .sort(),
    ).toEqual(batches.map(({ spanId }) => spanId).sort())
    for (const batch of batches) {
      const served = servers(spans).filter((server) =>
        server.links.some(({ spanId }) => spanId === batch.spanId),
      )
      expect(served).toHaveLength(Number(batch.attributes['tpo.requests']))
      for (const { links } of served) expect(links).toEqual([idOf(batch)])
      const ids = batch.links.map(({ spanId }) => spanId)
      expect(ids.sort()).toEqual(served.map(({ spanId }) => spanId).sort())
      // In the tree it stands where the first of them is.
      expect(served.map(({ spanId }) => spanId)).toContain(batch.parentSpanId)
      expect(batch.parentSpanId).toBe(batch.links[0]?.spanId)
    }
  })

  test('who leaves has not failed', async () => {
    const leaving = new AbortController()
    await service.pauseWorker()
    const stay = [ask(['Yes.']), ask(['Yes.'])]
    const leaves = ask(['Yes.'], { signal: leaving.signal })
    await waiting(2)
    leaving.abort()
    await expect(leaves).rejects.toThrow('aborted')
    await collector.until((spans) => servers(spans).length === 1)
    await service.resumeWorker()
    await Promise.all(stay)
    const spans = await collector.until((spans) => servers(spans).length === 3)
    const cancelled = spans.filter(({ attributes }) => attributes['tpo.cancelled'] === true)
    expect(cancelled.map((span) => span.name).sort()).toEqual(['POST /v1/rewards', 'queue'])
    for (const { status } of spans) expect(status.code).toBe(0)
  })

  test('a pass that fails is an error, the next one is not', async () => {
    await service.pauseWorker()
    const answers = [ask(['Yes.']), ask(['No.'])]
    await waiting(1)
    await service.killWorker()
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200])
    const spans = await collector.until((spans) => servers(spans).length === 2)
    const [failed, ...others] = named(spans, 'batch').toSorted(
      (a, b) => b.status.code - a.status.code,
    )
    expect(failed).toMatchObject({
      status: { code: 2 },
      attributes: { 'error.type': 'InferenceError', 'tpo.requests': 1 },
    })
    expect(under(spans, failed)).toEqual([])
    for (const { status } of others) expect(status.code).toBe(0)
    const again = servers(spans).find(({ spanId }) => spanId === failed?.parentSpanId)
    expect(again?.status.code).toBe(0)
    expect(again?.links).toHaveLength(2)
    expect(again?.links).toContainEqual(idOf(failed ?? { traceId: '', spanId: '' }))
  })
})

test('a wrong request is no error of the service', async () => {
  await ask([])
  const spans = await collector.until((spans) => servers(spans).length === 1)
  expect(spans).toHaveLength(1)
  expect(spans[0]).toMatchObject({
    status: { code: 0 },
    attributes: { 'http.response.status_code': 422, 'tpo.problem': 'invalid_request' },
  })
})

test('no text and no key leaves the service', async () => {
  const { status } = await ask(['A recognisable answer.', 'word '.repeat(2000)])
  expect(status).toBe(422)
  await ask(['A recognisable answer.'])
  await collector.until((spans) => servers(spans).length === 2)
  const told = [...collector.bodies, service.stderr()].join('\n')
  expect(told).not.toContain('recognisable')
  expect(told).not.toContain('word word')
})
