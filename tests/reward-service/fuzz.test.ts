/**
 * Random requests over every address of the reward service, its foreign contracts among them: each
 * is answered, none is a fault. 300 requests, or 5,000 in `npm run test:long`.
 */
import { ok } from 'node:assert/strict'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { listen } from '../../host/listen.ts'
import { createApp } from '../../reward-service/app.ts'
import { createMetrics } from '../../reward-service/metrics.ts'
import { Problem } from '../../shared/problems.ts'
import { resolveSettings } from '../../shared/settings.ts'
import type { Target } from '../fuzz/requests.ts'
import { walk } from '../fuzz/walk.ts'
import type { Received, Sent } from '../fuzz/wire.ts'
import { fixture } from '../inference/fixtures.ts'
import { serveModel } from './serve-model.ts'
import { faultLog } from '../fakes/fault-log.ts'

const count = process.env['MODE'] === 'long' ? 5000 : 300

const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
const texts = fc.array(text, { minLength: 1, maxLength: 3 })
const messages = fc.constantFrom([{ role: 'user', content: 'When?' }])
const post = (path: string, body: fc.Arbitrary<unknown>): Target => ({ method: 'POST', path, body })
const get = (path: string): Target => ({ method: 'GET', path })
const pairs = fc.record({ query: text, documents: texts })

const targets = [
  post('/v1/rewards', fc.record({ messages, candidates: texts })),
  post(
    '/v1/rewards',
    fc.record({ messages, candidates: texts, truncate: fc.boolean(), explain: fc.boolean() }),
  ),
  post('/v1/rewards', fc.record({ sequences: fc.constant([[5, 6, 7]]) })),
  post('/classify', fc.record({ input: fc.oneof(text, texts, fc.constant([5, 6])) })),
  post('/classify', fc.record({ messages, use_activation: fc.boolean() })),
  post('/pooling', fc.record({ input: texts })),
  post('/score', fc.record({ text_1: text, text_2: texts })),
  post('/v1/score', fc.record({ queries: text, documents: texts })),
  post('/rerank', pairs),
  post('/rerank', fc.record({ query: text, texts, return_text: fc.boolean() })),
  post('/v1/rerank', pairs),
  post('/v2/rerank', fc.record({ query: text, documents: texts, top_n: fc.nat(3) })),
  post('/predict', fc.record({ inputs: fc.oneof(text, fc.constant([['a', 'b'], ['c']])) })),
  post('/get_reward', fc.record({ query: texts })),
  ...['/info', '/health', '/healthz', '/readyz'].map(get),
]

/** What an error is, in the words of each contract. */
const Refusal = z.union([
  Problem,
  z.object({
    error: z.object({ message: z.string(), param: z.string().nullable(), code: z.number() }),
  }),
  z.object({ error: z.string(), error_type: z.string() }),
  z.object({ detail: z.string() }),
])

function expectRefusal({ status, text }: Received): void {
  ok(text.length < 4000)
  Refusal.parse(JSON.parse(text))
  // Every wrong field is named.
  ok(status !== 422 || text.includes('$'))
}

function expectWell(sent: Sent, received: Received): void {
  ok(received.status < 500)
  if (received.status >= 400 && sent.method !== 'HEAD') expectRefusal(received)
}

test('random requests: each is answered, and none is a fault', { timeout: 3_600_000 }, async () => {
  const { model, close } = await serveModel(fixture('tiny-reward-fp32'))
  const faults: unknown[] = []
  const log = faultLog(faults)
  const door = await listen({
    name: 'reward service',
    fetch: createApp({ model, metrics: createMetrics(), version: '0', log }).fetch,
    portKey: 'reward_port',
    settings: { ...resolveSettings({}), reward_port: 0 },
  })
  const seen = await walk({ url: door.url, targets, count, expectWell, faults })
  const paths = targets.map(({ path }) => path)
  expect(paths.filter((path) => !seen.has(`${path} true`))).toEqual([])
  await door.close()
  await close()
})
