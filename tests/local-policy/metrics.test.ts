/** What Prometheus hears of the local policy: a real process that has answered. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { scrape } from '../fakes/scraped.ts'
import { fixture } from '../inference/fixtures.ts'
import { type ServiceProcess, startService } from '../inference/service-process.ts'

let service: ServiceProcess
beforeAll(async () => {
  service = await startService('local-policy', fixture('tiny-policy-fp32'), { TPO_THREADS: '1' })
})
afterAll(() => service.stop())

const Usage = z.object({
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }),
})

test('requests, tokens, seconds and the line', async () => {
  const response = await service.post('/v1/chat/completions', {
    model: 'tiny-policy-fp32',
    messages: [{ role: 'user', content: 'When is the workshop?' }],
    n: 2,
    max_tokens: 8,
  })
  const { usage } = Usage.parse(await response.json())
  const { value } = await scrape(service.url)
  const tokens = (type: string) => value('tpo_policy_tokens_total', { gen_ai_token_type: type })
  expect(tokens('input')).toBe(usage.prompt_tokens)
  expect(tokens('output')).toBe(usage.completion_tokens)
  expect(value('tpo_policy_busy_seconds_total')).toBeGreaterThan(0)
  expect(value('tpo_policy_queue_size')).toBe(0)
  const served = { http_route: '/v1/chat/completions', http_response_status_code: '200' }
  expect(value('http_server_request_duration_count', served)).toBe(1)
  expect(value('process_start_time_seconds')).toBeGreaterThan(0)
})
