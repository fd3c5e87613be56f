/** What Phoenix and Langfuse read of a run: kinds, and what it is about at its first span. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { TpoClient } from '../../shared/client.ts'
import { type Collector, type KeptSpan, startCollector } from '../fakes/collector.ts'
import { type FakeReward, startFakeReward } from '../fakes/fake-reward.ts'
import { type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'
import { startApi } from './api-process.ts'
import { cursorKey } from './house.ts'

let collector: Collector
let policy: FakeVllm
let reward: FakeReward
let api: Awaited<ReturnType<typeof startApi>>
let client: TpoClient

beforeAll(async () => {
  collector = await startCollector()
  policy = await startFakeVllm()
  reward = await startFakeReward()
  api = await startApi({
    TPO_POLICY_BASE_URL: policy.url,
    TPO_REWARD_BASE_URL: reward.url,
    TPO_CURSOR_KEYS: cursorKey(1),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
  })
  client = new TpoClient({ baseUrl: api.url })
})
afterAll(async () => {
  await api?.kill()
  await Promise.all([collector.close(), policy.close(), reward.close()])
})
beforeEach(() => collector.forget())

const isServer = ({ kind }: KeptSpan) => kind === 2
const isRoot = ({ parentSpanId }: KeptSpan) => parentSpanId === ''
const until = (requests: number) =>
  collector.until((spans) => spans.filter(isServer).length === requests)

test('the first span of a whole run has its question and its best answer', async () => {
  const { run } = await client.run({ query: 'Why?', samples: 2, iterations: 1 })
  const spans = await until(1)
  const story = {
    'openinference.span.kind': 'CHAIN',
    'input.value': 'Why?',
    'input.mime_type': 'text/plain',
    'output.value': run.best?.text,
    'output.mime_type': 'text/plain',
    'session.id': run.id,
  }
  expect(spans.find(isRoot)?.attributes).toMatchObject(story)
  expect(spans.find(({ name }) => name === 'invoke_workflow tpo')?.attributes).toMatchObject(story)
})

test('a conversation is shown whole', async () => {
  const messages = [
    { role: 'system' as const, content: 'Be brief.' },
    { role: 'user' as const, content: 'Why?' },
  ]
  await client.start({ messages })
  const [root] = await until(1)
  expect(root?.attributes['input.mime_type']).toBe('application/json')
  expect(JSON.parse(String(root?.attributes['input.value']))).toEqual(messages)
})

test('step by step its tokens are counted once, by model calls', async () => {
  let { cursor, run } = await client.start({ query: 'Why?', samples: 2, iterations: 1 })
  for (let steps = 0; steps < 6; steps++) ({ cursor, run } = await client.step(cursor))
  const spans = await until(7)
  expect(spans.find(isRoot)?.attributes).toMatchObject({
    'openinference.span.kind': 'CHAIN',
    'input.value': 'Why?',
  })
  const kinds = spans.map(({ attributes }) => attributes['openinference.span.kind'])
  const count = (kind: string) => kinds.filter((each) => each === kind).length
  expect(count('LLM')).toBe(run.usage.model_calls)
  expect(count('EVALUATOR')).toBe(run.usage.reward_calls)
  expect(count('CHAIN')).toBe(7 + 6)
  const tokens = spans.map(({ attributes }) => Number(attributes['llm.token_count.total'] ?? 0))
  const total = tokens.reduce((sum, each) => sum + each)
  expect(total).toBe(run.usage.prompt_tokens + run.usage.completion_tokens)
})
