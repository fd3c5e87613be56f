/** What a run looks like in a tracing tool: a real process, a real OTLP receiver. */
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { TpoClient } from '../../shared/client.ts'
import { type Collector, type KeptSpan, startCollector, treeOf } from '../fakes/collector.ts'
import { type FakeReward, startFakeReward } from '../fakes/fake-reward.ts'
import { type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'
import { bundleWorker } from '../fixtures/worker-bundle.ts'
import { startApi } from './api-process.ts'
import { cursorKey, present } from './house.ts'
import { startWorkerd } from './workerd-process.ts'

let collector: Collector
let policy: FakeVllm
let reward: FakeReward
let client: TpoClient
let url: string

beforeAll(async () => {
  collector = await startCollector()
  policy = await startFakeVllm()
  reward = await startFakeReward()
})
afterAll(async () => {
  await Promise.all([collector.close(), policy.close(), reward.close()])
})
beforeEach(() => {
  policy.behave({})
  policy.traces.length = 0
  reward.traces.length = 0
  collector.forget()
})

const variables = () => ({
  TPO_POLICY_BASE_URL: policy.url,
  TPO_REWARD_BASE_URL: reward.url,
  TPO_CURSOR_KEYS: cursorKey(1),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
})

interface Runtime {
  url: string
  close: () => Promise<void>
}

async function onNode(): Promise<Runtime> {
  const api = await startApi({ ...variables(), OTEL_BSP_SCHEDULE_DELAY: '20' })
  return { url: api.url, close: api.kill }
}

async function inWorkerd(): Promise<Runtime> {
  const workerd = await startWorkerd(await bundleWorker(), variables())
  return { url: workerd.url.origin, close: workerd.close }
}

/** Asks over a connection of its own, which breaks once the policy was asked. */
async function askAndLeave(path: string, body: unknown): Promise<void> {
  const { host, hostname, port } = new URL(url)
  const text = JSON.stringify(body)
  const socket = connect(Number(port), hostname)
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json',
    `Content-Length: ${text.length}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${text}`)
  await policy.asked()
  socket.resetAndDestroy()
}

const named = (spans: readonly KeptSpan[], name: string) => spans.filter((s) => s.name === name)
const one = (spans: readonly KeptSpan[], name: string) => present(named(spans, name)[0])
const servers = (spans: readonly KeptSpan[]) => spans.filter(({ kind }) => kind === 2)
const idOf = ({ traceId, spanId }: KeptSpan) => `00-${traceId}-${spanId}-01`

describe.each([
  ['Node', onNode],
  ['workerd', inWorkerd],
] as const)('on %s', (runtime, start) => {
  let served: Runtime
  beforeAll(async () => {
    served = await start()
    url = served.url
    client = new TpoClient({ baseUrl: url })
  }, 120_000)
  afterAll(() => served?.close())

  test('a run step by step is one trace, though each request is on its own', async () => {
    let { cursor, run } = await client.start({ query: 'Why?', samples: 2, iterations: 1, seed: 7 })
    for (let steps = 0; steps < 6; steps++) ({ cursor, run } = await client.step(cursor))
    expect(run.stop_reason).toBe('iterations')
    const spans = await collector.until((spans) => servers(spans).length === 7)

    const asksPolicy = (step: string) => [
      '  POST /v1/tpo/step',
      `    invoke_workflow tpo.${step}`,
      '      chat fake-70b',
    ]
    const scores = [
      '  POST /v1/tpo/step',
      '    invoke_workflow tpo.score',
      '      POST /v1/rewards',
    ]
    expect(treeOf(spans)).toEqual([
      'POST /v1/tpo/start',
      ...asksPolicy('sample'),
      ...scores,
      ...asksPolicy('loss'),
      ...asksPolicy('gradient'),
      ...asksPolicy('update'),
      ...scores,
    ])
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    for (const { attributes, status, resource } of spans) {
      expect(attributes).toMatchObject({ 'tpo.run.id': run.id, 'session.id': run.id })
      expect(status.code).toBe(0)
      expect(resource).toMatchObject({ 'service.name': 'tpo-api' })
    }
    // The servers behind get the span that asks them.
    expect(policy.traces).toEqual(named(spans, 'chat fake-70b').map(idOf))
    expect(reward.traces).toEqual(named(spans, 'POST /v1/rewards').map(idOf))
  })

  test('what the spans of a run say', async () => {
    const settings = { query: 'Why?', samples: 3, iterations: 0, seed: 7 }
    const start = await client.start({ ...settings, policy: { temperature: 0.5, max_tokens: 64 } })
    const sampled = await client.step(start.cursor)
    const { run, step } = await client.step(sampled.cursor)
    const spans = await collector.until((spans) => servers(spans).length === 3)

    expect(servers(spans)[1]?.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/tpo/step',
      'http.response.status_code': 200,
    })
    const chat = one(spans, 'chat fake-70b')
    const [request] = policy.requests
    const { port } = new URL(policy.url)
    expect(chat.kind).toBe(3)
    expect(chat.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.conversation.id': run.id,
      'gen_ai.prompt.name': 'tpo.sample',
      'gen_ai.request.model': 'fake-70b',
      'gen_ai.request.choice.count': 3,
      'gen_ai.request.seed': request?.seed,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.top_p': 0.95,
      'gen_ai.request.max_tokens': 64,
      'gen_ai.request.stream': true,
      'gen_ai.response.id': expect.any(String),
      'gen_ai.response.model': 'fake-70b',
      'gen_ai.response.finish_reasons': ['stop', 'stop', 'stop'],
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
      'gen_ai.usage.input_tokens': sampled.run.usage.prompt_tokens,
      'gen_ai.usage.output_tokens': sampled.run.usage.completion_tokens,
      'server.address': '127.0.0.1',
      'server.port': Number(port),
      'openinference.span.kind': 'LLM',
      'llm.system': 'openai',
      'llm.model_name': 'fake-70b',
      'llm.invocation_parameters': expect.stringContaining('"temperature":0.5'),
      'llm.token_count.prompt': sampled.run.usage.prompt_tokens,
      'llm.token_count.completion': sampled.run.usage.completion_tokens,
      'llm.token_count.total':
        sampled.run.usage.prompt_tokens + sampled.run.usage.completion_tokens,
      'session.id': run.id,
      'tpo.run.id': run.id,
      'tpo.step': 'sample',
      'tpo.iteration': 0,
    })

    const rewards = present(step.candidates).map((candidate) => present(candidate.reward))
    const score = one(spans, 'invoke_workflow tpo.score')
    const [best, worst] = [Math.max(...rewards), Math.min(...rewards)]
    expect(score.attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_workflow',
      'gen_ai.agent.name': 'tpo.score',
      'openinference.span.kind': 'CHAIN',
      'tpo.step': 'score',
      'tpo.iteration': 0,
      'tpo.mode': 'tpo',
      'tpo.samples': 3,
      'tpo.iterations': 0,
      'tpo.reward.best': best,
      'tpo.reward.worst': worst,
      'tpo.reward.gap': best - worst,
      'tpo.rewards': rewards,
      'tpo.stop_reason': 'iterations',
      'tpo.replayed': false,
    })
    const evaluator = one(spans, 'POST /v1/rewards')
    expect(evaluator.kind).toBe(3)
    expect(evaluator.attributes).toMatchObject({ 'openinference.span.kind': 'EVALUATOR' })
    expect(evaluator.events).toEqual(
      rewards.map((value, index) => ({
        name: 'gen_ai.evaluation.result',
        attributes: {
          'gen_ai.evaluation.name': 'reward',
          'gen_ai.evaluation.score.value': value,
          'tpo.candidate.index': index,
        },
      })),
    )
  })

  test('a caller with a trace of its own has the step there, linked to its run', async () => {
    const { cursor } = await client.start({ query: 'Why?', samples: 1 })
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    await fetch(`${url}/v1/tpo/step`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
      },
      body: JSON.stringify({ cursor }),
    })
    const spans = await collector.until((spans) => servers(spans).length === 2)
    const start = one(spans, 'POST /v1/tpo/start')
    const step = one(spans, 'POST /v1/tpo/step')
    expect(step).toMatchObject({ traceId, parentSpanId: '00f067aa0ba902b7' })
    expect(step.links).toMatchObject([{ traceId: start.traceId, spanId: start.spanId }])
    expect(treeOf(spans.filter((span) => span.traceId === traceId))).toEqual([
      'POST /v1/tpo/step',
      '  invoke_workflow tpo.sample',
      '    chat fake-70b',
    ])
  })

  test('a whole run is one span around its steps, and early scores belong to their step', async () => {
    const { run, steps } = await client.run({ query: 'Why?', samples: 2, iterations: 1 })
    const spans = await collector.until((spans) => servers(spans).length === 1)
    const whole = one(spans, 'invoke_workflow tpo')
    expect(whole.parentSpanId).toBe(one(spans, 'POST /v1/tpo/run').spanId)
    expect(whole.attributes).toMatchObject({
      'tpo.run.id': run.id,
      'tpo.stop_reason': 'iterations',
      'tpo.reward.best': run.best?.reward,
    })
    const under = (parent: KeptSpan) => spans.filter((span) => span.parentSpanId === parent.spanId)
    expect(under(whole).map(({ name }) => name)).toEqual(
      steps.map(({ name }) => `invoke_workflow tpo.${name}`),
    )
    const inside = under(whole).map(
      (step) => [step.name, under(step).map(({ name }) => name)] as const,
    )
    for (const [step, names] of inside) {
      const asked = step === 'invoke_workflow tpo.score' ? [] : ['chat fake-70b']
      expect(names.filter((name) => name !== 'POST /v1/rewards')).toEqual(asked)
    }
    // The fake is fast, but the first answer of a draw is asked about before the last is there. A
    // Worker has no connection to spare for that.
    const early =
      runtime === 'Node' ? ['invoke_workflow tpo.sample', 'invoke_workflow tpo.update'] : []
    for (const drawing of early) {
      expect(inside.find(([step]) => step === drawing)?.[1]).toContain('POST /v1/rewards')
    }
    const results = spans.flatMap(({ events }) =>
      events.filter(({ name }) => name.includes('eval')),
    )
    expect(results).toHaveLength(4)
  })

  test('a step that is answered from memory says so, and asks nobody', async () => {
    const { cursor } = await client.start({ query: 'Why?', samples: 1 })
    await client.step(cursor)
    await client.step(cursor)
    const spans = await collector.until((spans) => servers(spans).length === 3)
    const steps = named(spans, 'invoke_workflow tpo.sample')
    expect(steps.map(({ attributes }) => attributes['tpo.replayed'])).toEqual([false, true])
    expect(named(spans, 'chat fake-70b')).toHaveLength(1)
    const requests = named(spans, 'POST /v1/tpo/step')
    expect(requests.map(({ attributes }) => attributes['tpo.replayed'])).toEqual([undefined, true])
  })

  test('a model call that is made again', async () => {
    policy.behave({ status: 503, times: 1 })
    const { cursor } = await client.start({ query: 'Why?', samples: 1 })
    await client.step(cursor)
    const spans = await collector.until((spans) => servers(spans).length === 2)
    const chat = one(spans, 'chat fake-70b')
    expect(chat.events).toEqual([
      { name: 'tpo.attempt.failed', attributes: { 'error.type': '503' } },
    ])
    expect(chat.status.code).toBe(0)
  })

  test('what fails is an error up to the request, by the code of its problem', async () => {
    policy.behave({ status: 401, message: 'You sent a key.' })
    const { cursor } = await client.start({ query: 'Why?', samples: 1 })
    await expect(client.step(cursor)).rejects.toMatchObject({ problem: { code: 'policy_refused' } })
    const spans = await collector.until((spans) => servers(spans).length === 2)
    expect(one(spans, 'chat fake-70b')).toMatchObject({
      status: { code: 2 },
      attributes: { 'error.type': '401' },
    })
    for (const name of ['invoke_workflow tpo.sample', 'POST /v1/tpo/step']) {
      expect(one(spans, name)).toMatchObject({
        status: { code: 2 },
        attributes: { 'error.type': 'policy_refused' },
      })
    }
  })

  test('a wrong request is no error of the server', async () => {
    const wrong = client.start({ query: '' })
    await expect(wrong).rejects.toMatchObject({ problem: { code: 'invalid_request' } })
    const [server] = servers(await collector.until((spans) => servers(spans).length === 1))
    expect(server).toMatchObject({
      status: { code: 0 },
      attributes: { 'http.response.status_code': 422, 'tpo.problem': 'invalid_request' },
    })
  })

  test('who leaves is no error', async () => {
    policy.behave({ midStream: 'trickle' })
    const { cursor } = await client.start({ query: 'Why?', samples: 1 })
    await askAndLeave('/v1/tpo/step', { cursor })
    const spans = await collector.until((spans) => servers(spans).length === 2)
    for (const { name, status } of spans) expect([name, status.code]).toEqual([name, 0])
    expect(one(spans, 'chat fake-70b').attributes['tpo.cancelled']).toBe(true)
  })

  test('a streamed request lasts until its stream ends', async () => {
    const { run } = await client.run({ query: 'Why?', samples: 1 }, { onEvent: () => undefined })
    const spans = await collector.until((spans) => servers(spans).length === 1)
    const [server] = servers(spans)
    const whole = one(spans, 'invoke_workflow tpo')
    expect(run.stop_reason).toBe('iterations')
    expect(whole.parentSpanId).toBe(server?.spanId)
    // The server's are whole milliseconds.
    expect(whole.endTimeUnixNano - present(server).endTimeUnixNano).toBeLessThan(1_000_000n)
  })
})
