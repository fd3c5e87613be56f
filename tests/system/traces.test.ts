/** A run on the demo pair as a tracing tool shows it: three processes, one story. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drive, TpoClient } from '../../shared/client.ts'
import { type Collector, type KeptSpan, startCollector } from '../fakes/collector.ts'
import { type House, startHouse } from './house.ts'

let collector: Collector
let house: House
beforeAll(async () => {
  collector = await startCollector()
  house = await startHouse({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    // Nothing is sent before the end, when all of it is.
    OTEL_BSP_SCHEDULE_DELAY: '600000',
  })
})
afterAll(async () => {
  house.command.child.kill('SIGTERM')
  await house.command.exit
  await collector.close()
})

/** Where a span stands, from the root: each one's process and name. */
function pathsOf(spans: readonly KeptSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const told = ({ resource, name }: KeptSpan) =>
    `${String(resource['service.name']).replace('tpo-', '')}: ${name}`
  const path = (span: KeptSpan): string => {
    const parent = byId.get(span.parentSpanId)
    return parent === undefined ? told(span) : `${path(parent)} > ${told(span)}`
  }
  return spans.map(path).sort()
}

test('a run step by step is one trace through all three services', async () => {
  const client = new TpoClient({ baseUrl: house.url })
  const request = { query: 'Write a short email about a workshop', samples: 2, iterations: 1 }
  const steps: string[] = []
  for await (const { step } of drive(await client.start(request), (cursor) =>
    client.step(cursor),
  )) {
    steps.push(step.name)
  }
  expect(steps).toEqual(['sample', 'score', 'loss', 'gradient', 'update', 'score'])
  house.command.child.kill('SIGTERM')
  await house.command.exit

  const root = 'api: POST /v1/tpo/start'
  const asksPolicy = (step: string) => {
    const inside = `${root} > api: POST /v1/tpo/step`
    const asks = `${inside} > api: invoke_workflow tpo.${step}`
    const chat = `${asks} > api: chat nano-policy`
    const served = `${chat} > policy: POST /v1/chat/completions`
    const stages = ['queue', 'prefill', 'decode'].map((stage) => `${served} > policy: ${stage}`)
    return [inside, asks, chat, served, ...stages]
  }
  const inside = `${root} > api: POST /v1/tpo/step`
  const scores = `${inside} > api: invoke_workflow tpo.score`
  const rewards = `${scores} > api: POST /v1/rewards`
  const served = `${rewards} > reward: POST /v1/rewards`
  const stages = ['tokenize', 'queue', 'batch', 'batch > reward: onnx run']
  const score = [
    inside,
    scores,
    rewards,
    served,
    ...stages.map((stage) => `${served} > reward: ${stage}`),
  ]
  expect(pathsOf(collector.spans)).toEqual(
    [
      root,
      ...score,
      ...score,
      ...['sample', 'loss', 'gradient', 'update'].flatMap(asksPolicy),
    ].sort(),
  )
  expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1)
  expect(collector.spans.filter(({ status }) => status.code !== 0)).toEqual([])
  expect(collector.bodies.join('')).not.toContain('workshop')
})
