/**
 * Random requests over every address of the local policy: each is answered, none is a fault. 150
 * requests, or 2,000 in `npm run test:long`.
 */
import { equal, ok } from 'node:assert/strict'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { listen } from '../../host/listen.ts'
import { loadPolicy } from '../../inference/generation/policy.ts'
import { createApp } from '../../local-policy/app.ts'
import { Problem } from '../../shared/problems.ts'
import { resolveSettings } from '../../shared/settings.ts'
import type { Target } from '../fuzz/requests.ts'
import { walk } from '../fuzz/walk.ts'
import type { Received, Sent } from '../fuzz/wire.ts'
import { fixture } from '../inference/fixtures.ts'
import { faultLog } from '../fakes/fault-log.ts'

const count = process.env['MODE'] === 'long' ? 2000 : 150
const name = 'tiny-policy-bf16-bias'

const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
const content = fc.oneof(text, fc.constant([{ type: 'text', text: 'Hi' }]), fc.constant(null))
const body = fc.record(
  {
    messages: fc.array(fc.record({ role: fc.constantFrom('user', 'system'), content }), {
      minLength: 1,
      maxLength: 2,
    }),
    max_tokens: fc.integer({ min: 1, max: 6 }),
    model: fc.constant(name),
    n: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    top_p: fc.double({ min: 0.01, max: 1, noNaN: true }),
    stop: fc.oneof(text, fc.array(text, { maxLength: 3 })),
    stream: fc.boolean(),
  },
  { requiredKeys: ['messages', 'max_tokens'] },
)
const targets: Target[] = [
  { method: 'POST', path: '/v1/chat/completions', body },
  { method: 'POST', path: '/v1/chat/completions', body },
  ...['/v1/models', '/healthz', '/readyz'].map((path) => ({ method: 'GET', path })),
]

const Refusal = z.object({
  error: z.object({ message: z.string(), param: z.string().nullable(), type: z.string() }),
})

/** An error is in OpenAI's shape; where the door refuses, it need not be. */
function expectWell(sent: Sent, { status, headers, text }: Received): void {
  ok(status < 500)
  ok(!/"code":5\d\d/.test(text))
  if (status < 400 || sent.method === 'HEAD') return
  ok(text.length < 4000)
  if (headers['content-type'] === 'application/problem+json') {
    equal(Problem.parse(JSON.parse(text)).status, status)
  } else Refusal.parse(JSON.parse(text))
}

test('random requests: each is answered, and none is a fault', { timeout: 3_600_000 }, async () => {
  const model = await loadPolicy(fixture(name), { threads: 1 })
  const faults: unknown[] = []
  const log = faultLog(faults)
  const door = await listen({
    name: 'local policy',
    fetch: createApp({ model, log }).fetch,
    portKey: 'local_policy_port',
    settings: { ...resolveSettings({}), local_policy_port: 0 },
  })
  const seen = await walk({ url: door.url, targets, count, expectWell, faults })
  const wanted = ['/v1/chat/completions true', '/v1/chat/completions false', '/v1/models true']
  expect(wanted.filter((what) => !seen.has(what))).toEqual([])
  await door.close()
  await model.close()
})
