/** What a stream does besides its events: it stays open, ends upstream work, and can be taken up again. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../api/app.ts'
import type { StreamEvent } from '../../shared/client.ts'
import { type House, openHouse, present } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())
beforeEach(() => {
  house.policy.behave({})
  house.reward.behave({})
})

const post = (body: object) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
  body: JSON.stringify(body),
})

test('while nothing is to be sent, comment lines keep the connection open', async () => {
  house.policy.behave({ midStream: 'hang' })
  const { cursor } = await house.client.start({ query: 'Q' })
  const app = createApp({ ...house.deps, heartbeatMs: 5 })
  const response = await app.request('/v1/tpo/step', post({ cursor }))
  const text = present(response.body ?? undefined).pipeThrough(new TextDecoderStream())
  let lines = ''
  for await (const piece of text) {
    lines += piece
    if (lines.split('\n').filter((line) => line === ': still working').length >= 3) break
  }
  expect(lines).toContain('event: step_started\n')
  // A comment stands alone, so that it cannot end up within an event.
  expect(lines.split('\n\n').filter((block) => block.includes('still'))).toContain(
    ': still working',
  )
})

test.each(['/v1/tpo/step', '/v1/tpo/run'])(
  '%s: who leaves ends N requests upstream',
  async (path) => {
    house.policy.behave({ refusesN: true, midStream: 'trickle' })
    const { cursor } = await house.client.start({ query: 'Q' })
    const left = house.policy.abandoned()
    const leave = new AbortController()
    const response = await fetch(`${house.url}${path}`, {
      ...post({ cursor }),
      signal: leave.signal,
    })
    const text = present(response.body ?? undefined).pipeThrough(new TextDecoderStream())
    const reading = (async () => {
      let events = ''
      for await (const piece of text) {
        events += piece
        if (events.includes('event: delta')) leave.abort(new Error('gone'))
      }
    })()
    await expect(reading).rejects.toThrow('gone')
    await left
    expect(house.faults).toEqual([])
  },
)

test('who leaves while a retry waits ends it', async () => {
  house.policy.behave({ status: 429, retryAfter: '500' })
  const { cursor } = await house.client.start({ query: 'Q' })
  const leave = new AbortController()
  const asked = house.policy.asked()
  const call = house.client.step(cursor, { signal: leave.signal })
  await asked
  leave.abort(new Error('gone'))
  await expect(call).rejects.toThrow('gone')
  expect(house.policy.requests).toHaveLength(1)
})

test('a broken stream goes on from the cursor of its last step, as if it had never broken', async () => {
  const request = { query: 'Why?', samples: 3, iterations: 2 }
  const whole = await house.client.run(request)
  const leave = new AbortController()
  const steps: Extract<StreamEvent, { type: 'step' }>[] = []
  const onEvent = (event: StreamEvent) => {
    if (event.type !== 'step') return
    steps.push(event)
    if (event.step.name === 'gradient') leave.abort()
  }
  await expect(house.client.run(request, { onEvent, signal: leave.signal })).rejects.toThrow(
    'abort',
  )
  const rest = await house.client.run({ cursor: present(steps.at(-1)).cursor })
  expect([...steps.map(({ step }) => step), ...rest.steps]).toEqual(whole.steps)
  expect(rest.run.best).toEqual(whole.run.best)
})

test('of every answer a stream tells: its text as it comes, its end, its reward', async () => {
  const events: StreamEvent[] = []
  const { steps } = await house.client.run(
    { query: 'Why?', samples: 2, iterations: 1 },
    { onEvent: (event) => void events.push(event) },
  )
  const of = <T extends StreamEvent['type']>(type: T) =>
    events.flatMap((event) =>
      event.type === type ? [event as Extract<StreamEvent, { type: T }>] : [],
    )
  for (const index of [0, 1]) {
    const first = events.findIndex((event) => event.type === 'delta' && event.index === index)
    const end = events.findIndex(
      (event) => event.type === 'candidate' && event.candidate.index === index,
    )
    const scored = events.findIndex((event) => event.type === 'score' && event.index === index)
    expect([first, end, scored]).toEqual([first, end, scored].sort((a, b) => a - b))
    expect(first).toBeGreaterThan(0)
  }
  expect(of('candidate')).toHaveLength(4)
  expect(of('score')).toHaveLength(4)
  expect(of('step').map(({ step }) => step)).toEqual(steps)
})
