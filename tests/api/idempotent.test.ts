/** Retries, duplicates and Idempotency-Key over HTTP. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type House, openHouse, problemOf } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())
beforeEach(() => {
  house.policy.behave({})
  house.reward.behave({})
  house.reward.requests.length = 0
})
afterEach(() => {
  if (house.faults.length > 0) throw new Error('a fault of the API itself', { cause: house.faults })
})

const sse = { accept: 'text/event-stream' }
const replayedOf = (response: Response) => response.headers.get('idempotency-replayed')
const started = async () => (await house.client.start({ query: 'Q', samples: 2 })).cursor
const asked = () => house.policy.requests.length + house.reward.requests.length

describe('a cursor that is sent again', () => {
  test('later: the same bytes, marked, for nothing; at both addresses of the step', async () => {
    let cursor = await started()
    for (const path of ['step', 'steps/score', 'step', 'steps/gradient', 'step', 'step']) {
      const first = await house.post(`/v1/tpo/${path}`, { cursor })
      expect([first.status, replayedOf(first)]).toEqual([200, null])
      const text = await first.text()
      const spent = asked()
      const { step, cursor: next } = JSON.parse(text) as { step: { name: string }; cursor: string }
      for (const again of ['step', `steps/${step.name}`]) {
        const second = await house.post(`/v1/tpo/${again}`, { cursor })
        expect([second.status, replayedOf(second)]).toEqual([200, 'true'])
        expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'))
        expect(await second.text()).toBe(text)
      }
      expect(asked()).toBe(spent)
      cursor = next
    }
  })

  test('at another step’s address, or altered, it is refused as ever', async () => {
    const cursor = await started()
    await house.post('/v1/tpo/step', { cursor })
    expect(await house.problem('/v1/tpo/steps/score', { cursor })).toMatchObject({
      code: 'wrong_step',
    })
    expect(await house.problem('/v1/tpo/step', { cursor: `${cursor}AAAA` })).toMatchObject({
      code: 'cursor_invalid',
    })
  })

  test('a stream’s replay is one done event with the same answer', async () => {
    const cursor = await started()
    const text = await (await house.post('/v1/tpo/step', { cursor })).text()
    const stream = await house.post('/v1/tpo/step', { cursor }, sse)
    expect(replayedOf(stream)).toBe('true')
    expect(await stream.text()).toBe(
      `event: done\ndata: {"type":"done",${text.slice(1)}\n\ndata: [DONE]\n\n`,
    )
    expect(asked()).toBe(1)
  })

  test('meanwhile: one execution, the same bytes, and one who paid', async () => {
    const opened = Promise.withResolvers<void>()
    house.policy.behave({ held: opened.promise })
    const cursor = await started()
    const calls = Array.from({ length: 8 }, () => house.post('/v1/tpo/step', { cursor }))
    await house.policy.asked()
    opened.resolve()
    const responses = await Promise.all(calls)
    const texts = await Promise.all(responses.map((response) => response.text()))
    expect(new Set(texts).size).toBe(1)
    expect(responses.filter((response) => replayedOf(response) === null)).toHaveLength(1)
    expect(asked()).toBe(1)
  })

  test('of two streams one is left: the other goes on to its end', async () => {
    const opened = Promise.withResolvers<void>()
    house.policy.behave({ held: opened.promise })
    const cursor = await started()
    const leave = new AbortController()
    const stream = (signal?: AbortSignal) =>
      fetch(`${house.url}/v1/tpo/step`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...sse },
        body: JSON.stringify({ cursor }),
        signal,
      })
    const [left, kept] = await Promise.all([stream(leave.signal), stream()])
    await house.policy.asked()
    leave.abort()
    await expect(left.text()).rejects.toThrow(/abort/)
    opened.resolve()
    const events = await kept.text()
    expect(events).toContain('event: delta')
    expect(events).toContain('event: step\n')
    expect(events).toContain('event: done')
    expect(asked()).toBe(1)
  })

  test('a run from an edited cursor that broke goes on where it was', async () => {
    const { cursor } = await house.client.start({ query: 'Q', samples: 2, iterations: 0 })
    const body = { cursor, edit: { sampling: { seed: 5 } } }
    house.reward.behave({ fails: { status: 503, code: 'overloaded', detail: 'Busy.' } })
    expect(await house.problem('/v1/tpo/run', body)).toMatchObject({ code: 'reward_error' })
    house.reward.behave({})
    expect((await house.post('/v1/tpo/run', body)).status).toBe(200)
    expect(house.policy.requests).toHaveLength(1)
    await house.post('/v1/tpo/run', { cursor, edit: { sampling: { seed: 6 } } })
    expect(house.policy.requests).toHaveLength(2)
  })

  test('after a failure it runs again', async () => {
    const cursor = await started()
    house.policy.behave({ status: 400, message: 'Not today.' })
    expect(await house.problem('/v1/tpo/step', { cursor })).toMatchObject({
      code: 'policy_refused',
    })
    house.policy.behave({})
    const second = await house.post('/v1/tpo/step', { cursor })
    expect([second.status, replayedOf(second)]).toEqual([200, null])
  })

  test('a run pays only for the steps that nobody took, and once for the whole', async () => {
    const { cursor } = await house.client.start({ query: 'Q', samples: 2, iterations: 1 })
    const first = await house.client.step(cursor)
    const second = await house.client.step(first.cursor)
    const text = await (await house.post('/v1/tpo/run', { cursor })).text()
    const { steps, run } = JSON.parse(text) as { steps: unknown[]; run: unknown }
    expect(steps.slice(0, 2)).toEqual([first.step, second.step])
    expect(steps).toHaveLength(6)
    expect(run).toMatchObject({ usage: { model_calls: 4, reward_calls: 2 } })
    expect(house.policy.requests).toHaveLength(4)
    expect(house.reward.requests.flatMap(({ candidates }) => candidates)).toHaveLength(4)
    const paid = asked()
    const again = await house.post('/v1/tpo/run', { cursor })
    expect([replayedOf(again), await again.text()]).toEqual(['true', text])
    const stream = await house.post('/v1/tpo/run', { cursor }, sse)
    expect((await stream.text()).match(/^event: .*$/gm)).toEqual(['event: done'])
    expect(asked()).toBe(paid)
  })
})

describe('Idempotency-Key', () => {
  const keyed = (key: string, authorization?: string) => ({
    'idempotency-key': key,
    ...(authorization === undefined ? {} : { authorization }),
  })
  const start = '/v1/tpo/start'

  test('the same key and body: one run, however its fields are ordered', async () => {
    const first = await house.post(start, { query: 'Q', samples: 2 }, keyed('one'))
    const text = await first.text()
    const second = await house.post(start, { samples: 2, query: 'Q', seed: 7 }, keyed('one'))
    expect([replayedOf(first), replayedOf(second)]).toEqual([null, 'true'])
    expect(await second.text()).toBe(text)
    const other = await house.post(start, { query: 'Q', samples: 2 })
    expect(await other.text()).not.toBe(text)
  })

  test('another body, or another address, is refused, also while the first is under way', async () => {
    const opened = Promise.withResolvers<void>()
    house.policy.behave({ held: opened.promise })
    const run = house.post('/v1/tpo/run', { query: 'Q', iterations: 0 }, keyed('two'))
    await house.policy.asked()
    for (const [path, body] of [
      ['/v1/tpo/run', { query: 'Another', iterations: 0 }],
      [start, { query: 'Q', iterations: 0 }],
    ] as const) {
      const refused = await house.post(path, body, keyed('two'))
      expect(await problemOf(refused)).toMatchObject({
        status: 422,
        code: 'idempotency_key_reused',
        retryable: false,
      })
    }
    opened.resolve()
    expect((await run).status).toBe(200)
  })

  test('a body that is not valid does not take the key', async () => {
    expect((await house.post(start, { query: 'Q', samples: 0 }, keyed('three'))).status).toBe(422)
    expect((await house.post(start, { query: 'Q', samples: 1 }, keyed('three'))).status).toBe(200)
  })

  test('a key that is none', async () => {
    const response = await house.post(start, { query: 'Q' }, keyed('two words'))
    expect(await problemOf(response)).toMatchObject({
      code: 'invalid_request',
      path: '$.idempotency-key',
    })
  })

  test('keys belong to the tenant', async () => {
    const guarded = await openHouse({ settings: { api_keys: ['a', 'b'] } })
    const [one, two] = await Promise.all(
      ['Bearer a', 'Bearer b'].map((key) => guarded.post(start, { query: 'Q' }, keyed('4', key))),
    )
    expect([one?.status, two?.status]).toEqual([200, 200])
    expect(await one?.text()).not.toBe(await two?.text())
    const reused = await guarded.post(start, { query: 'X' }, keyed('4', 'Bearer a'))
    expect(reused.status).toBe(422)
    await guarded.close()
  })

  test('a run that broke goes on where it was, with the same key', async () => {
    const body = { query: 'Q', samples: 2, iterations: 0 }
    house.reward.behave({ fails: { status: 503, code: 'overloaded', detail: 'Busy.' } })
    const broken = await house.post('/v1/tpo/run', body, keyed('five'))
    expect(await problemOf(broken)).toMatchObject({ code: 'reward_error' })
    house.reward.behave({})
    const whole = await house.post('/v1/tpo/run', body, keyed('five'))
    expect([whole.status, replayedOf(whole)]).toEqual([200, null])
    expect(house.policy.requests).toHaveLength(1)
    const again = await house.post('/v1/tpo/run', body, keyed('five'))
    expect([replayedOf(again), await again.text()]).toEqual(['true', await whole.text()])
  })
})
