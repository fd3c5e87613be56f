/** The dashboard and the alerts ask for what the services tell: names and labels as they are scraped. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { TpoClient } from '../../shared/client.ts'
import { cursorKey } from '../api/house.ts'
import { type ApiProcess, startApi } from '../api/api-process.ts'
import { type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'
import { scrape } from '../fakes/scraped.ts'
import { fixture } from '../inference/fixtures.ts'
import { type ServiceProcess, startService } from '../inference/service-process.ts'

const read = (name: string) => readFileSync(resolve('docs/observability', name), 'utf8')

const Target = z.object({ expr: z.string(), legendFormat: z.string() })
const Panel = z.object({
  id: z.number(),
  type: z.enum(['row', 'stat', 'timeseries', 'heatmap']),
  title: z.string().min(1),
  gridPos: z.object({ h: z.number(), w: z.number(), x: z.number(), y: z.number() }),
  datasource: z.object({ uid: z.literal('${DS_PROMETHEUS}') }).optional(),
  targets: z.array(Target).default([]),
})
const Dashboard = z.object({
  __inputs: z.tuple([
    z.object({ name: z.literal('DS_PROMETHEUS'), type: z.literal('datasource') }),
  ]),
  schemaVersion: z.number(),
  title: z.string(),
  panels: z.array(Panel),
})
const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.object({ severity: z.enum(['critical', 'warning', 'info']) }),
          annotations: z.object({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
})

const dashboard = Dashboard.parse(JSON.parse(read('grafana-dashboard.json')))
const rules = Rules.parse(parse(read('alerts.yml'))).groups.flatMap((group) => group.rules)
const asked = [
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({ where: title, expr, legendFormat })),
  ),
  ...rules.map(({ alert, expr, annotations }) => ({
    where: alert,
    expr,
    legendFormat: Object.values(annotations).join(' '),
  })),
]

/** Words of PromQL that stand where a name may. */
const words = new Set(['and', 'or', 'unless', 'offset', 'bool'])
/** What Prometheus adds by itself. */
const own = { names: ['up'], labels: ['job', 'instance', 'le'] }
/** Only where a model is on CUDA. */
const onCuda = { names: ['tpo_reward_gpu_memory_bytes'], labels: ['gpu', 'kind'] }

/** Names of metrics and labels in an expression. */
function namesIn(expr: string) {
  const matchers = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside = '']) =>
    [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
  )
  const clause = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g
  const grouped = [...expr.matchAll(clause)].flatMap(
    ([, inside = '']) => inside.match(/\w+/g) ?? [],
  )
  const bare = expr
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(clause, '')
    .replaceAll(/\boffset \w+/g, '')
  const names = [...bare.matchAll(/\b[a-zA-Z_:][\w:]*\b(?!\s*\()/g)].map(([name]) => name)
  return {
    names: names.filter((name) => !words.has(name)),
    labels: [...matchers, ...grouped],
  }
}

/** Labels in a legend or an annotation. */
const shown = (text: string) => [
  ...[...text.matchAll(/\{\{\s*\$labels\.(\w+)/g)].map(([, label = '']) => label),
  ...[...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
]

describe('what the services tell after runs, good and bad', () => {
  const names = new Set([...own.names, ...onCuda.names])
  const labels = new Set([...own.labels, ...onCuda.labels])
  let policy: FakeVllm
  let api: ApiProcess
  const services: ServiceProcess[] = []

  beforeAll(async () => {
    policy = await startFakeVllm()
    const reward = await startService('reward-service', fixture('tiny-reward-fp32'))
    const local = await startService('local-policy', fixture('tiny-policy-fp32'))
    services.push(reward, local)
    api = await startApi({
      TPO_POLICY_BASE_URL: policy.url,
      TPO_REWARD_BASE_URL: reward.url,
      TPO_CURSOR_KEYS: cursorKey(1),
    })
    const client = new TpoClient({ baseUrl: api.url })
    policy.behave({ status: 503, times: 1 })
    await client.run({ query: 'Why?', samples: 2, iterations: 1 })
    const { cursor } = await client.start({ query: 'Why?', samples: 1 })
    await client.step(cursor)
    await client.step(cursor)
    const { cursor: given } = await client.start({ query: 'Why not?', samples: 1 })
    const leave = new AbortController()
    policy.behave({ midStream: 'trickle' })
    const leaving = client.step(given, { signal: leave.signal }).catch(() => undefined)
    await policy.asked()
    leave.abort()
    await leaving
    await policy.abandoned()
    const left = { tpo_cancelled: 'true' }
    while ((await scrape(api.url)).value('tpo_step_duration_count', left) === 0);
    policy.behave({ status: 401, message: 'no' })
    const { cursor: refused } = await client.start({ query: 'Who?', samples: 1 })
    await client.step(refused).catch(() => undefined)
    const messages = [{ role: 'user', content: 'Hi' }]
    await local.post('/v1/chat/completions', { model: 'tiny-policy-fp32', messages, max_tokens: 4 })

    const urls = [api.url, reward.url, local.url]
    for (const { samples } of await Promise.all(urls.map(scrape))) {
      for (const sample of samples) {
        names.add(sample.name)
        for (const label of Object.keys(sample.labels)) labels.add(label)
      }
    }
  })
  afterAll(async () => {
    await Promise.all([api.kill(), policy.close(), ...services.map((service) => service.stop())])
  })

  test.each(asked)('is what "$where" asks for: $expr', ({ expr, legendFormat }) => {
    const used = namesIn(expr)
    expect(used.names.length).toBeGreaterThan(0)
    expect(used.names.filter((name) => !names.has(name))).toEqual([])
    const all = [...used.labels, ...shown(legendFormat)]
    expect(all.filter((label) => !labels.has(label))).toEqual([])
  })
})

test('panels have ids of their own, and none covers another', () => {
  const { panels } = dashboard
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24)
})

test('alerts have names of their own', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
})
