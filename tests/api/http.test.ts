import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../api/app.ts'
import { RunStream, StepStream } from '../../shared/events.ts'
import { Readiness, StepName } from '../../shared/tpo.ts'
import { sendBytes } from '../fuzz/wire.ts'
import { type House, openHouse, problemOf } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())
beforeEach(() => {
  house.policy.behave({})
  house.reward.behave({})
})
afterEach(() => {
  if (house.faults.length > 0) throw new Error('a fault of the API itself', { cause: house.faults })
})

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))

describe('every error is a problem', () => {
  const start = '/v1/tpo/start'
  test.each([
    ['malformed JSON', start, '{"query": ', 400, 'invalid_json', undefined],
    ['no body', start, '', 400, 'invalid_json', undefined],
    ['not an object', start, '[]', 422, 'invalid_request', '$'],
    ['no question', start, {}, 422, 'invalid_request', '$.query'],
    ['a blank question', start, { query: ' ' }, 422, 'invalid_request', '$.query'],
    [
      'both forms',
      start,
      { query: 'Q', messages: [{ role: 'user', content: 'Q' }] },
      422,
      'invalid_request',
      '$.query',
    ],
    ['an unknown field', start, { query: 'Q', sampels: 3 }, 422, 'invalid_request', '$.sampels'],
    ['no samples', start, { query: 'Q', samples: 0 }, 422, 'invalid_request', '$.samples'],
    [
      'a role',
      start,
      { messages: [{ role: 'tool', content: 'Q' }] },
      422,
      'invalid_request',
      '$.messages[0].role',
    ],
    [
      'a nested setting',
      start,
      { query: 'Q', policy: { top_p: 0 } },
      422,
      'invalid_request',
      '$.policy.top_p',
    ],
    ['no cursor', '/v1/tpo/step', {}, 422, 'invalid_request', '$.cursor'],
    ['no cursor here', '/v1/tpo/inspect', { cursor: 5 }, 422, 'invalid_request', '$.cursor'],
    [
      'settings of a run',
      '/v1/tpo/run',
      { query: 'Q', samples: 0 },
      422,
      'invalid_request',
      '$.samples',
    ],
    [
      'a wrong field beside a cursor',
      '/v1/tpo/run',
      { cursor: 'x', foo: 1 },
      422,
      'invalid_request',
      '$.foo',
    ],
    ['a number for a cursor', '/v1/tpo/run', { cursor: 1 }, 422, 'invalid_request', undefined],
    ['nothing to run', '/v1/tpo/run', {}, 422, 'invalid_request', undefined],
    [
      'extra fields that nest without end',
      '/v1/tpo/start',
      { query: 'Q', policy: { extra_body: { a: nested(3000) } } },
      422,
      'invalid_request',
      '$.policy.extra_body',
    ],
    [
      'a field with a very long name',
      start,
      { query: 'Q', ['k'.repeat(5000)]: 1 },
      422,
      'invalid_request',
      `$.${'k'.repeat(80)}…`,
    ],
    ['no cursor of ours', '/v1/tpo/step', { cursor: 'abcd' }, 400, 'cursor_invalid', undefined],
    ['not base64url', '/v1/tpo/run', { cursor: '!' }, 400, 'cursor_invalid', undefined],
    ['an unknown address', '/v1/tpo/nothing', {}, 404, 'not_found', undefined],
    ['a page that is not there', '/nothing', {}, 404, 'not_found', undefined],
  ])('%s', async (_, path, body, status, code, where) => {
    const problem = await house.problem(path, body)
    expect(problem).toMatchObject({ status, code, ...(where === undefined ? {} : { path: where }) })
  })

  test.each([
    ['GET', '/v1/tpo/run', 'POST'],
    ['DELETE', '/v1/tpo/steps/sample', 'POST'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['PUT', '/openapi.json', 'GET, HEAD'],
  ])('%s %s', async (method, path, allow) => {
    const response = await fetch(`${house.url}${path}`, { method })
    expect(response.headers.get('allow')).toBe(allow)
    expect(await problemOf(response)).toMatchObject({ status: 405, code: 'method_not_allowed' })
  })

  test('another step than the next', async () => {
    const { cursor } = await house.client.start({ query: 'Q' })
    for (const name of StepName.options.slice(1)) {
      expect(await house.problem(`/v1/tpo/steps/${name}`, { cursor })).toMatchObject({
        status: 409,
        code: 'wrong_step',
        expected: 'sample',
      })
    }
  })

  test('another type than JSON', async () => {
    const response = await house.post('/v1/tpo/start', 'query=Q', { 'content-type': 'text/plain' })
    expect(await problemOf(response)).toMatchObject({ status: 415, code: 'unsupported_media_type' })
  })

  test('a body over 10 MB', async () => {
    const query = 'x'.repeat(10 * 1024 * 1024)
    expect(await house.problem('/v1/tpo/start', { query })).toMatchObject({
      status: 413,
      code: 'body_too_large',
    })
  })

  test('a body over 10 MB that does not say its length', async () => {
    const body = new Blob(['x'.repeat(11 * 1024 * 1024)]).stream()
    const init = {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    }
    const response = await fetch(`${house.url}/v1/tpo/start`, init)
    expect(await problemOf(response)).toMatchObject({ status: 413, code: 'body_too_large' })
  })

  test('a JSON body that does not say its length is read', async () => {
    const body = new Blob([JSON.stringify({ query: 'Q' })]).stream()
    const init = {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    }
    expect((await fetch(`${house.url}/v1/tpo/start`, init)).status).toBe(200)
  })

  test('a body that ends before it is complete is no fault of ours', async () => {
    const head =
      'POST /v1/tpo/start HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
    const whole = `${head}content-length: 13\r\n\r\n{"query":"Q"}`
    const cut = `${head}transfer-encoding: chunked\r\n\r\nd\r\n{"query":"Q"}\r\n0\r\n]`
    for (const bytes of [cut, `${head}content-length: 99\r\n\r\n{`, whole + cut]) {
      await sendBytes(house.url, Buffer.from(bytes))
    }
    // What was asked first is through by now.
    expect((await house.post('/v1/tpo/start', { query: 'Q' })).status).toBe(200)
  })

  test('the caller’s request id is kept', async () => {
    const response = await house.post('/v1/tpo/step', {}, { 'x-request-id': 'abc-123' })
    expect((await problemOf(response)).request_id).toBe('abc-123')
  })
})

interface Event {
  event: string | undefined
  data: string
}

async function eventsOf(response: Response): Promise<Event[]> {
  const blocks = (await response.text()).split('\n\n').filter((block) => block !== '')
  return blocks.map((block) => ({
    event: block.match(/^event: (.*)$/m)?.[1],
    data: block.match(/^data: (.*)$/m)?.[1] ?? '',
  }))
}

const sse = { accept: 'text/event-stream' }

describe('streams', () => {
  test('a step: started, deltas, candidates, the step, done', async () => {
    house.policy.behave({ write: (_, index) => ({ reasoning: 'hm', content: `Answer ${index}` }) })
    const { cursor } = await house.client.start({ query: 'Q', samples: 2 })
    const response = await house.post('/v1/tpo/step', { cursor }, sse)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const events = await eventsOf(response)
    const last = events.pop()
    expect(last).toEqual({ event: undefined, data: '[DONE]' })
    const parsed = events.map(({ data }) => StepStream.parse(JSON.parse(data)))
    expect(parsed.map(({ type }) => type)).toEqual(events.map(({ event }) => event))
    const order = parsed.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1])
    expect(order).toEqual(['step_started', 'delta', 'candidate', 'step', 'done'])
    const spoken = (index: number, channel: string) =>
      parsed
        .flatMap((e) =>
          e.type === 'delta' && e.index === index && e.channel === channel ? e.text : [],
        )
        .join('')
    expect([spoken(1, 'answer'), spoken(1, 'thinking')]).toEqual(['Answer 1', 'hm'])
    expect(parsed.filter(({ type }) => type === 'candidate')).toMatchObject([
      { iteration: 0, candidate: { index: 0, text: 'Answer 0', thinking: 'hm' } },
      { iteration: 0, candidate: { index: 1, text: 'Answer 1', thinking: 'hm' } },
    ])
    expect(parsed.at(-1)).toMatchObject({ type: 'done', next: { step: 'score', iteration: 0 } })
  })

  test('a run: every step with its cursor, its scores, at the end all of it', async () => {
    const response = await house.post('/v1/tpo/run', { query: 'Q', samples: 2, iterations: 1 }, sse)
    const events = await eventsOf(response)
    events.pop()
    const parsed = events.map(({ data }) => RunStream.parse(JSON.parse(data)))
    const steps = parsed.flatMap((event) => (event.type === 'step' ? [event] : []))
    expect(steps.map(({ step }) => step.name)).toEqual([
      'sample',
      'score',
      'loss',
      'gradient',
      'update',
      'score',
    ])
    expect(parsed.filter(({ type }) => type === 'score')).toHaveLength(4)
    const done = parsed.at(-1)
    if (done?.type !== 'done') throw new Error('no end')
    expect(done.steps).toEqual(steps.map(({ step }) => step))
    expect(done.cursor).toBe(steps.at(-1)?.cursor)
    expect(await house.client.step(steps[1]?.cursor ?? '')).toMatchObject({
      step: { name: 'loss' },
    })
  })

  test('deltas of an update show no tags', async () => {
    const seen: string[] = []
    const onEvent = (event: { type: string }) => {
      if (event.type === 'delta' && 'text' in event) seen.push(String(event.text))
    }
    const { steps } = await house.client.run({ query: 'Q', samples: 1, iterations: 1 }, { onEvent })
    expect(seen.join('')).not.toContain('answer>')
    expect(seen.join('')).toContain(steps[4]?.candidates?.[0]?.text)
  })

  test('a failure in the middle is an error event with a problem; the last cursor goes on', async () => {
    house.reward.behave({ fails: { status: 503, code: 'overloaded', detail: 'Busy.' } })
    const response = await house.post('/v1/tpo/run', { query: 'Q', samples: 2, iterations: 0 }, sse)
    expect(response.status).toBe(200)
    const events = await eventsOf(response)
    expect(events.at(-1)?.data).toBe('[DONE]')
    const error = RunStream.parse(JSON.parse(events.at(-2)?.data ?? ''))
    expect(error).toMatchObject({
      type: 'error',
      problem: { code: 'reward_error', request_id: response.headers.get('x-request-id') },
    })
    const step = events.findLast(({ event }) => event === 'step')
    house.reward.behave({})
    const { cursor } = JSON.parse(step?.data ?? '') as { cursor: string }
    expect((await house.client.run({ cursor })).run.stop_reason).toBe('iterations')
  })

  test('what is wrong before the first event is a plain problem', async () => {
    const response = await house.post('/v1/tpo/run', { cursor: 'abcd' }, sse)
    expect(await problemOf(response)).toMatchObject({ status: 400, code: 'cursor_invalid' })
  })

  test.each([
    ['stream', sse],
    ['JSON', {}],
  ])('a caller who leaves ends the work upstream (%s)', async (_, headers) => {
    house.policy.behave({ midStream: 'hang' })
    const { cursor } = await house.client.start({ query: 'Q' })
    const asked = house.policy.asked()
    const left = house.policy.abandoned()
    const leave = new AbortController()
    const call = fetch(`${house.url}/v1/tpo/step`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ cursor }),
      signal: leave.signal,
    }).catch((error: unknown) => error)
    await asked
    leave.abort()
    await expect(left).resolves.toBeUndefined()
    await call
  })
})

test('a reader who stops reading ends the work, where the runtime tells nothing else', async () => {
  house.policy.behave({ midStream: 'hang' })
  const { cursor } = await house.client.start({ query: 'Q' })
  const asked = house.policy.asked()
  const left = house.policy.abandoned()
  const response = await createApp(house.deps).request('/v1/tpo/step', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...sse },
    body: JSON.stringify({ cursor }),
  })
  await asked
  await response.body?.cancel()
  await expect(left).resolves.toBeUndefined()
})

describe('what the API says of itself', () => {
  test('alive and ready', async () => {
    expect(await (await fetch(`${house.url}/healthz`)).json()).toEqual({ status: 'ok' })
    const ready = Readiness.parse(await (await fetch(`${house.url}/readyz`)).json())
    expect(ready).toMatchObject({ status: 'ready', policy: { ok: true }, reward: { ok: true } })
    expect(ready.policy.detail).toContain('fake-70b')
    expect(ready.policy.detail).toContain('8192')
  })

  test('the document names every route, schema and event, and every reference resolves', async () => {
    const document = (await (await fetch(`${house.url}/openapi.json`)).json()) as {
      openapi: string
      paths: Record<string, Record<string, unknown>>
      components: { schemas: Record<string, unknown> }
    }
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(await new Validator().validate(document)).toMatchObject({ valid: true })
    expect(Object.keys(document.paths).sort()).toEqual(
      [
        '/healthz',
        '/readyz',
        ...['estimate', 'inspect', 'run', 'start', 'step'].map((name) => `/v1/tpo/${name}`),
        '/v1/tpo/jobs',
        '/v1/tpo/jobs/{id}',
        '/v1/tpo/jobs/{id}/cancel',
        '/v1/backends',
        '/v1/chat/completions',
        '/v1/models',
        ...StepName.options.map((name) => `/v1/tpo/steps/${name}`),
      ].sort(),
    )
    const names = Object.keys(document.components.schemas)
    expect(names).toEqual(
      expect.arrayContaining([
        'Problem',
        'Run',
        'StepAnswer',
        'DeltaEvent',
        'ScoreEvent',
        'ErrorEvent',
        'RunDoneEvent',
        'ChatRequest',
        'ChatCompletionChunk',
        'BackendStatus',
        'JobRequest',
        'JobPage',
      ]),
    )
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(
      ([, ref]) => ref,
    )
    const known = new Set(names.map((name) => `#/components/schemas/${name}`))
    expect(references.filter((reference) => !known.has(reference ?? ''))).toEqual([])
    expect(document.paths['/v1/tpo/start']?.['post']).toMatchObject({
      parameters: [{ in: 'header', name: 'idempotency-key', required: false }],
    })
    expect(JSON.stringify(document.components.schemas['Position'])).toContain('"type":"null"')
  })

  test('the documentation page asks no other origin', async () => {
    const page = await (await fetch(`${house.url}/docs`)).text()
    const sources = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source]) => source)
    expect(sources).toEqual([
      'data:,',
      '/docs/swagger-ui.css',
      '/docs/swagger-ui-bundle.js',
      '/docs/init.js',
    ])
    expect(await (await fetch(`${house.url}/docs/init.js`)).text()).toContain('/openapi.json')
  })
})
