/** What leaves the machine, and what a collector can do to the API: nothing. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { TpoClient } from '../../shared/client.ts'
import { type Collector, type KeptSpan, startCollector } from '../fakes/collector.ts'
import { type FakeReward, startFakeReward } from '../fakes/fake-reward.ts'
import { type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'
import { bundleWorker } from '../fixtures/worker-bundle.ts'
import { startApi } from './api-process.ts'
import { cursorKey } from './house.ts'
import { startWorkerd } from './workerd-process.ts'

const question = 'Recognisable question'
const answer = 'recognisable answer'
const callerKey = 'caller-recognisable-key'
const policyKey = 'sk-recognisable-policy'
const collectorKey = 'collector-recognisable-key'

let collector: Collector
let policy: FakeVllm
let reward: FakeReward

beforeAll(async () => {
  collector = await startCollector()
  policy = await startFakeVllm()
  reward = await startFakeReward()
})
afterAll(async () => {
  await Promise.all([collector.close(), policy.close(), reward.close()])
})
beforeEach(() => {
  collector.behave(200)
  collector.forget()
})

const variables = (more: Record<string, string> = {}) => ({
  TPO_POLICY_BASE_URL: policy.url.replace('http://', 'http://operator:recognisable-login@'),
  TPO_POLICY_API_KEY: policyKey,
  TPO_REWARD_BASE_URL: reward.url,
  TPO_API_KEYS: `ana:${callerKey}`,
  TPO_CURSOR_KEYS: cursorKey(1),
  TPO_LOG: 'info',
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '20',
  OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${collectorKey}`,
  ...more,
})

const clientOf = (url: string) => new TpoClient({ baseUrl: url, apiKey: callerKey })

/** A run by step and the rest whole, then one that fails in the words of its texts. */
async function runsOn(url: string): Promise<string[]> {
  const client = clientOf(url)
  policy.behave({ write: (_, index) => `<answer>A ${answer} ${index}</answer>` })
  const { cursor } = await client.start({ query: question, samples: 2, iterations: 1 })
  const sampled = await client.step(cursor)
  const { run, cursor: last } = await client.run({ cursor: sampled.cursor })
  expect(run.stop_reason).toBe('iterations')
  policy.behave({ status: 400, message: `You sent ${question} and Bearer ${policyKey}` })
  const other = await client.start({ query: question, samples: 1 })
  await expect(client.step(other.cursor)).rejects.toMatchObject({
    problem: { code: 'policy_refused' },
  })
  return [cursor, sampled.cursor, last, other.cursor]
}

const capture = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'

const onNode = async (more: Record<string, string>) => {
  const api = await startApi(variables(more))
  return { url: api.url, said: api.said, end: api.stop }
}
let bundled: Promise<string> | undefined
const inWorkerd = async (more: Record<string, string>) => {
  bundled ??= bundleWorker()
  const { url, close } = await startWorkerd(await bundled, variables(more))
  return { url: url.origin, said: () => '', end: close }
}

describe.each([
  ['Node', onNode],
  ['workerd', inWorkerd],
] as const)('what is sent from %s', (_, start) => {
  test.each([
    ['as usual', {}],
    ['with content', { [capture]: 'true' }],
  ])(
    '%s',
    async (_, more: Record<string, string>) => {
      const api = await start(more)
      const cursors = await runsOn(api.url)
      await collector.until((spans) => spans.filter(({ kind }) => kind === 2).length === 5)
      await api.end()
      const sent = collector.bodies.join('\n')
      for (const text of [sent, api.said()]) {
        for (const secret of [callerKey, policyKey, collectorKey, 'recognisable-login']) {
          expect(text).not.toContain(secret)
        }
        for (const cursor of cursors) expect(text).not.toContain(cursor.slice(-40))
      }
      expect(api.said()).not.toContain(question)
      expect(api.said()).not.toContain(answer)
      const content = capture in more
      expect(sent.includes(question)).toBe(content)
      expect(sent.includes(answer)).toBe(content)
      // Whose they are is shown to the collector and nobody else.
      for (const { authorization } of collector.headers) {
        expect(authorization).toBe(`Bearer ${collectorKey}`)
      }
      if (content) expectContent(collector.spans.find(({ name }) => name === 'chat fake-70b'))
    },
    120_000,
  )
})

/** In the attributes of both conventions. */
function expectContent(chat: KeptSpan | undefined): void {
  const read = (name: string): unknown => JSON.parse(String(chat?.attributes[name]))
  expect(read('gen_ai.input.messages')).toEqual([
    { role: 'user', parts: [{ type: 'text', content: question }] },
  ])
  expect(read('gen_ai.output.messages')).toMatchObject([
    { role: 'assistant', parts: [{ content: expect.stringContaining(answer) }] },
    { role: 'assistant', finish_reason: 'stop' },
  ])
  expect(read('input.value')).toEqual({ messages: [{ role: 'user', content: question }] })
  expect(chat?.attributes['output.value']).toContain(answer)
}

describe('a Worker reads OpenTelemetry’s own variables', () => {
  const startOn = async (more: Record<string, string>) => {
    const worker = await inWorkerd(more)
    const started = await clientOf(worker.url)
      .start({ query: question })
      .catch((error: unknown) => error)
    return { ...worker, started }
  }

  test('the name of the service, and what else it is', async () => {
    const { end } = await startOn({
      OTEL_SERVICE_NAME: 'mine',
      OTEL_RESOURCE_ATTRIBUTES: 'team=blue%20team,service.name=other',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '1',
    })
    const [span] = await collector.until((spans) => spans.length > 0)
    await end()
    expect(span?.resource).toEqual({ 'service.name': 'mine', team: 'blue team' })
  })

  test('protobuf as usual, to the address itself', async () => {
    const { end } = await startOn({
      OTEL_EXPORTER_OTLP_PROTOCOL: '',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    })
    await collector.until(() => collector.headers.length > 0)
    await end()
    expect(collector.headers[0]?.['content-type']).toBe('application/x-protobuf')
  })

  test('a sampler that takes no run', async () => {
    const { end, url } = await startOn({ OTEL_TRACES_SAMPLER: 'parentbased_always_off' })
    // Whose caller is traced is.
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const headers = {
      authorization: `Bearer ${callerKey}`,
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    }
    await fetch(`${url}/v1/models`, { headers })
    const spans = await collector.until((spans) => spans.length > 0)
    await end()
    expect(spans.map((span) => [span.name, span.traceId])).toEqual([['GET /v1/models', traceId]])
  })

  test('a collector that is silent: runs go on', async () => {
    collector.behave('hang')
    const { url, end } = await inWorkerd({})
    await runsOn(url)
    await end()
    expect(collector.bodies.length).toBeGreaterThan(0)
  })

  test.each([
    [{ OTEL_TRACES_SAMPLER: 'some' }, 'OTEL_TRACES_SAMPLER: there is no "some"'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT must be'],
  ])('%o is told', async (more, detail) => {
    const { end, started } = await startOn(more)
    await end()
    expect(started).toMatchObject({ problem: { detail: expect.stringContaining(detail) } })
  })
}, 120_000)

test('a collector that is away, silent or broken: runs go on, and the process ends', async () => {
  const silent = await startCollector()
  silent.behave('hang')
  collector.behave(503)
  // Spans are many more than fit in the queue.
  const small = { OTEL_BSP_MAX_QUEUE_SIZE: '4', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2' }
  // Longer than the test: who ends does not wait for it.
  const patient = { OTEL_EXPORTER_OTLP_TIMEOUT: '120000', OTEL_BSP_EXPORT_TIMEOUT: '120000' }
  const endpoints = ['http://127.0.0.1:9', silent.url, collector.url]
  const apis = await Promise.all(
    endpoints.map((OTEL_EXPORTER_OTLP_ENDPOINT) =>
      startApi(variables({ ...small, ...patient, OTEL_EXPORTER_OTLP_ENDPOINT })),
    ),
  )
  for (const api of apis) await runsOn(api.url)
  expect(await Promise.all(apis.map((api) => api.stop()))).toEqual([0, 0, 0])
  expect(silent.bodies.length).toBeGreaterThan(0)
  const spans = silent.bodies.flatMap((body) => body.match(/"spanId"/g) ?? [])
  expect(spans.length).toBeLessThanOrEqual(6)
  await silent.close()
})

test('what is recorded is sent when the process ends, under the name it was given', async () => {
  const api = await startApi(
    variables({
      OTEL_BSP_SCHEDULE_DELAY: '60000',
      OTEL_SERVICE_NAME: 'mine',
      OTEL_RESOURCE_ATTRIBUTES: 'team=blue',
    }),
  )
  await clientOf(api.url).start({ query: question })
  expect(await api.stop()).toBe(0)
  const [span] = collector.spans
  expect(span?.name).toBe('POST /v1/tpo/start')
  expect(span?.resource).toMatchObject({ 'service.name': 'mine', team: 'blue' })
  // Nothing of the process, whose command line may hold keys.
  const process = Object.keys(span?.resource ?? {}).filter((name) => /process|host/.test(name))
  expect(process).toEqual([])
})

test('a line for each request and each step, in JSON, with the trace it belongs to', async () => {
  const api = await startApi(variables())
  await runsOn(api.url)
  await api.stop()
  const lines = api
    .said()
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line))
  const [start] = lines
  expect(start).toEqual({
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    level: 'info',
    event: 'request',
    method: 'POST',
    route: '/v1/tpo/start',
    status: 200,
    ms: expect.any(Number),
    request_id: expect.any(String),
    trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
  })
  expect(lines.map(({ event, step, problem }) => step ?? problem ?? event)).toEqual([
    'request',
    'sample',
    'request',
    'score',
    'loss',
    'gradient',
    'update',
    'score',
    'request',
    'request',
    'policy_refused',
  ])
  const traced = lines.filter(({ trace_id }) => trace_id === start?.['trace_id'])
  expect(traced).toHaveLength(9)
})

test('unless it is asked for, nothing is sent; as usual, only faults are written', async () => {
  const { TPO_LOG: _, OTEL_EXPORTER_OTLP_ENDPOINT: __, ...usual } = variables()
  const off = { TPO_LOG: '', OTEL_SDK_DISABLED: 'true' }
  const none = { TPO_LOG: '', OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }
  policy.traces.length = 0
  const apis = await Promise.all([usual, variables(off), variables(none)].map(startApi))
  for (const api of apis) await runsOn(api.url)
  for (const api of apis) {
    expect(await api.stop()).toBe(0)
    expect(api.said()).toBe('')
  }
  expect(collector.bodies).toEqual([])
  // Nobody is told of a trace that there is not.
  expect(new Set(policy.traces)).toEqual(new Set(['']))
})
