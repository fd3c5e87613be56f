/**
 * Random requests over every address, through the door that Node serves: each is answered, no
 * answer is a fault of ours, and every refusal says which field. 1,500 requests, or 20,000 in
 * `npm run test:long`, which keeps its result in tests/long-results.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { Agent } from 'node:http'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createApp } from '../../api/app.ts'
import { connectQueueJobs, type QueueJobs } from '../../api/jobs/queue/engine.ts'
import { listen, type Listening } from '../../host/listen.ts'
import { BackendsAnswer } from '../../shared/backends.ts'
import { TpoClient } from '../../shared/client.ts'
import type { Edit } from '../../shared/edit.ts'
import { RunStream, StepStream } from '../../shared/events.ts'
import { Job, JobPage } from '../../shared/jobs.ts'
import { ChatCompletion, ChatCompletionChunk, ModelList, OpenAiError } from '../../shared/openai.ts'
import { Problem } from '../../shared/problems.ts'
import { resolveSettings } from '../../shared/settings.ts'
import {
  Estimate,
  InspectAnswer,
  Position,
  Readiness,
  RunAnswer,
  StepAnswer,
  StepName,
} from '../../shared/tpo.ts'
import type { Behaviour } from '../fakes/fake-vllm.ts'
import { mutateText, textMutation } from '../fuzz/mutations.ts'
import { cursors, requests, type Target } from '../fuzz/requests.ts'
import { type Special, valuesOf } from '../fuzz/values.ts'
import { type Received, type Sent, send, sendBytes, told } from '../fuzz/wire.ts'
import { keepResult, machine } from '../keep-result.ts'
import { cursorKey, type House, openHouse } from './house.ts'
import { hasRedis, type RedisServer, startRedis } from './redis-server.ts'

const long = process.env['MODE'] === 'long'
const count = long ? 20_000 : 1500

const settings = resolveSettings({ flags: { api_keys: ['ana:one', 'ben:two'] } })

/** A job that there is, and that nobody works on. */
const knownJob = 'known'

let house: House
let redis: RedisServer | undefined
let jobs: QueueJobs | undefined
let door: Listening
beforeAll(async () => {
  house = await openHouse({
    settings: { api_keys: settings.api_keys, allowed_policy_urls: ['*'] },
  })
  if (hasRedis) {
    redis = await startRedis()
    const { log } = house.deps
    jobs = await connectQueueJobs({ url: redis.url, days: 1, cursorKeys: [cursorKey(1)], log })
  }
  const app = createApp({ ...house.deps, jobs })
  door = await listen({
    name: 'API',
    fetch: app.fetch,
    portKey: 'api_port',
    settings: { ...settings, api_port: 0 },
  })
})
afterAll(async () => {
  await jobs?.close()
  await Promise.all([door.close(), house.close(), redis?.stop()])
})

const Document = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        requestBody: z
          .object({ content: z.object({ 'application/json': z.object({ schema: z.unknown() }) }) })
          .optional(),
      }),
    ),
  ),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
})

const { paths, components } = Document.parse(await documentOf())
async function documentOf(): Promise<unknown> {
  const house = await openHouse()
  try {
    return await (await fetch(`${house.url}/openapi.json`)).json()
  } finally {
    await house.close()
  }
}

/** What the schema alone seldom hits, and what would take long. */
const special = (pool: readonly string[]): Special => ({
  cursor: cursors(pool),
  model: fc.constant('fake-70b'),
  base_url: fc.constant(house.policy.url),
  samples: fc.integer({ min: 1, max: 3 }),
  n: fc.integer({ min: 1, max: 3 }),
  iterations: fc.integer({ min: 0, max: 2 }),
  until: fc.record({
    step: fc.constantFrom(...StepName.options),
    iteration: fc.integer({ min: 0, max: 2 }),
  }),
  messages: fc.array(
    fc.record({ role: fc.constantFrom('user', 'assistant'), content: fc.string({ minLength: 1 }) }),
    { minLength: 1, maxLength: 3 },
  ),
  questions: fc.array(fc.record({ query: fc.string({ minLength: 1 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  edit: fc.constantFrom<Edit>(
    {},
    { add: ['My own.'], drop: [0] },
    { chosen: 'worst', rejected: { text: 'No.' } },
    { loss: 'Too long.' },
    { gradient: 'Shorter.', sampling: { samples: 3, seed: 5 } },
    { sampling: { temperature: 0 } },
  ),
  prompts: fc.constantFrom(
    {},
    { gradient: { system: 'S', user: '{{loss}}' } },
    { update: { system: '', user: '{{gradient}} <out></out>' }, answer_tag: 'out' },
    { loss: { user: '{{nothing}}' } },
  ),
})

/** A cursor of each place of a run, of the caller with this key. */
async function runOf(key: string): Promise<Position[]> {
  const headers = ['authorization', `Bearer ${key}`, 'content-type', 'application/json']
  const agent = new Agent()
  const post = async (path: string, body: object) => {
    const sent = { method: 'POST', path, headers, chunked: false }
    const { text } = await send(
      door.url,
      { ...sent, body: Buffer.from(JSON.stringify(body)) },
      agent,
    )
    return Position.parse(JSON.parse(text))
  }
  const pool: Position[] = []
  let at = await post('/v1/tpo/start', { query: 'Why?', samples: 2, iterations: 1 })
  for (;;) {
    pool.push(at)
    if (at.next === null) return pool
    at = await post('/v1/tpo/step', { cursor: at.cursor })
  }
}

/** How the policy is meanwhile: mostly well. */
const behaviours = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Behaviour>({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Behaviour>(
      { status: 500, times: 1 },
      { status: 503 },
      { status: 400, message: 'No.' },
      { status: 401 },
      { midStream: 'error' },
      { midStream: 'garbage' },
      { midStream: 'end' },
      { noChoices: true },
      { ignoresN: true },
      { refusesN: true, refusesSystem: true },
      { withoutUsage: true },
      { write: () => '' },
      { write: () => '<think>never ends' },
      { write: () => '</think></answer><answer>\uD800\0{{chosen}}</answer>' },
    ),
  },
)

const pathOf = ({ path }: Sent) => path.split(/[?#]/)[0] ?? ''

const fieldPath = /^\$(\.|\[|$)/

/** Every refusal says what is wrong, in few words; a wrong field by its name. */
function expectRefusal(sent: Sent, { status, headers, text }: Received): void {
  ok(text.length < 4000)
  const openAi = ['/v1/chat/completions', '/v1/models'].includes(pathOf(sent))
  // What cannot be read has no address yet.
  if (openAi && !/"unreadable_request"|"headers_too_large"/.test(text)) {
    equal(headers['content-type'], 'application/json')
    const { error } = OpenAiError.parse(JSON.parse(text))
    const whole = error.code !== 'invalid_request' || error.message.startsWith('$: ')
    ok(whole || typeof error.param === 'string')
    return
  }
  equal(headers['content-type'], 'application/problem+json')
  const problem = Problem.parse(JSON.parse(text))
  equal(problem.status, status)
  if (problem.code !== 'invalid_request') return
  match(problem.path ?? '', fieldPath)
  ok(problem.detail.startsWith(`${problem.path}: `))
}

const step = [StepAnswer, StepStream] as const
const answers: Record<string, readonly [z.ZodType, z.ZodType?]> = {
  '/healthz': [z.object({ status: z.literal('ok') })],
  '/readyz': [Readiness],
  '/v1/backends': [BackendsAnswer],
  '/v1/models': [ModelList],
  '/v1/tpo/start': [Position],
  '/v1/tpo/estimate': [Estimate],
  '/v1/tpo/inspect': [InspectAnswer],
  '/v1/tpo/run': [RunAnswer, RunStream],
  '/v1/chat/completions': [ChatCompletion, z.union([ChatCompletionChunk, OpenAiError])],
  '/v1/tpo/jobs': [Job],
  [`/v1/tpo/jobs/${knownJob}`]: [JobPage],
  [`/v1/tpo/jobs/${knownJob}/cancel`]: [Job],
  '/v1/tpo/step': step,
  ...Object.fromEntries(StepName.options.map((name) => [`/v1/tpo/steps/${name}`, step])),
}

/** An answer is what the document says of it. Gives the status, or that of the error that ends its stream. */
function expectAnswer(sent: Sent, { headers, text, status }: Received): number {
  const [whole, event] = answers[pathOf(sent)] ?? []
  if (whole === undefined || text === '') return status
  if (headers['content-type'] === 'application/json') {
    whole.parse(JSON.parse(text))
    return status
  }
  equal(headers['content-type'], 'text/event-stream')
  const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data)
  equal(events.pop(), '[DONE]')
  const parsed = events.map((data) => event?.parse(JSON.parse(data)))
  const failed = z.object({ problem: Problem }).safeParse(parsed.at(-1))
  return failed.data?.problem.status ?? status
}

/** What the policy refuses of what it is passed on is told as its own, and so is a deadline. */
const declared = (text: string) =>
  /"upstream_status":4\d\d|policy_timeout|"code":"policy_refused"/.test(text)

const Asked = z.object({ cursor: z.string() })

/** The cursor that a request asks with. */
function cursorOf({ body }: Sent): string | undefined {
  try {
    return Asked.safeParse(JSON.parse(body?.toString() ?? '')).data?.cursor
  } catch {
    return undefined
  }
}

test(
  'random requests: each is answered, none is a fault, every refusal says which field',
  { timeout: 3_600_000 },
  async () => {
    const hardware = machine()
    const began = performance.now()
    const agent = new Agent({ keepAlive: true })
    const [ana, ben] = [await runOf('one'), await runOf('two')]
    const pools: Record<string, string[]> = {
      'Bearer one': ana.map(({ cursor }) => cursor),
      'Bearer two': ben.map(({ cursor }) => cursor),
    }
    /** Cursors for an address: mostly of the caller, and of where the step is next. */
    const poolFor = (path: string) => {
      const fitting = ana.filter(({ next }) => next && path.endsWith(`/steps/${next.step}`))
      const weighted = Array.from({ length: 8 }, () => fitting).flat()
      return [...weighted, ...ana, ...ana, ...ben].map(({ cursor }) => cursor)
    }
    if (jobs !== undefined) {
      const ofAna = new TpoClient({ baseUrl: door.url, apiKey: 'one' })
      await ofAna.submitJob({ id: knownJob, questions: [{ query: 'Why?' }] })
    }
    const targets = Object.entries(paths).flatMap(([named, methods]) => {
      const path = named.replace('{id}', knownJob)
      const fields = special(poolFor(path))
      return Object.entries(methods).map(([method, { requestBody }]): Target => {
        const schema = requestBody?.content['application/json'].schema
        const body = schema === undefined ? undefined : valuesOf(schema, components.schemas, fields)
        return { method: method.toUpperCase(), path, body }
      })
    })
    const pages = ['/openapi.json', '/docs', '/docs/init.js', '/', '/v1/rewards']
    const all = requests({
      targets: [...targets, ...targets, ...pages.map((path) => ({ method: 'GET', path }))],
      authorizations: fc.oneof(
        { weight: 24, arbitrary: fc.constant('Bearer one') },
        fc.constantFrom(
          '',
          'Bearer two',
          'Bearer',
          'Bearer three',
          'bearer  one ',
          'Basic b25lOg==',
          'one',
        ),
      ),
    })
    const seen = new Set<string>()
    const expectWell = (sent: Sent, received: Received, behaviour: Behaviour) => {
      const { status, text } = received
      const refused = status >= 400
      if (refused && sent.method !== 'HEAD') expectRefusal(sent, received)
      const outcome = refused ? status : expectAnswer(sent, received)
      if (outcome >= 500) {
        ok([502, 503, 504].includes(outcome))
        ok(Object.keys(behaviour).length > 0 || declared(text))
      }
      const cursor = cursorOf(sent)
      if (!refused && cursor !== undefined && /\/(inspect|run|step)/.test(sent.path)) {
        const key = sent.headers[sent.headers.indexOf('authorization') + 1]?.trim() ?? ''
        ok(pools[key.replace(/^bearer +/i, 'Bearer ')]?.includes(cursor))
      }
      deepEqual(house.faults, [])
      seen.add(`${pathOf(sent)} ${outcome < 400}`)
    }
    await fc.assert(
      fc.asyncProperty(all, behaviours, async (sent, behaviour) => {
        house.policy.behave(behaviour)
        const received = await send(door.url, sent, agent)
        try {
          expectWell(sent, received, behaviour)
        } catch (cause) {
          throw new Error(told(sent, received), { cause })
        }
      }),
      { numRuns: count },
    )
    agent.destroy()
    // None was refused every time, none got through every time.
    const served = targets.filter(({ path }) => jobs !== undefined || !path.includes('/jobs'))
    const wanted = served.flatMap(({ path }) => [`${path} true`, `${path} false`])
    expect(wanted.filter((what) => !seen.has(what))).toEqual([])
    expect((await fetch(`${door.url}/healthz`)).status).toBe(200)
    if (!long) return
    const seconds = Math.round((performance.now() - began) / 1000)
    const what =
      'random requests to every address, each answered, none with a fault of the API, every refusal with its field'
    keepResult(resolve('tests/long-results'), 'fuzz', hardware, { what, count, seconds })
  },
)

test(
  'random bytes that are nearly a request: each connection comes to its end',
  { timeout: 3_600_000 },
  async () => {
    const body = JSON.stringify({ query: 'Q' })
    const right = [
      'POST /v1/tpo/start HTTP/1.1',
      'host: localhost',
      'authorization: Bearer one',
      'content-type: application/json',
    ].join('\r\n')
    const whole = `${right}\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    const size = body.length.toString(16)
    const chunked = `${right}\r\ntransfer-encoding: chunked\r\n\r\n${size}\r\n${body}\r\n0\r\n\r\n`
    const mutations = fc.array(textMutation, { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(whole, chunked, whole + chunked),
        mutations,
        async (...drawn) => {
          const answer = await sendBytes(door.url, mutateText(...drawn))
          expect(answer).not.toMatch(/^HTTP\/1\.1 5/m)
          expect(house.faults).toEqual([])
        },
      ),
      { numRuns: count / 4 },
    )
  },
)
