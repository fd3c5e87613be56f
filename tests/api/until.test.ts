import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Next } from '../../shared/client.ts'
import { type House, openHouse, present } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

const settings = { query: 'Q', samples: 2, iterations: 2 }
const names = ({ steps }: { steps: { name: string; iteration: number }[] }) =>
  steps.map(({ name, iteration }) => `${name} ${iteration}`)

test('a run stops where `until` is next, and goes on from there as if it had not', async () => {
  const whole = await house.client.run(settings)
  const first = await house.client.run({ ...settings, until: { step: 'gradient', iteration: 1 } })
  expect(names(first)).toEqual(['sample 0', 'score 0', 'loss 1'])
  expect(first).toMatchObject({
    next: { step: 'gradient', iteration: 1 },
    run: { stop_reason: null, iteration: 1 },
  })
  const { cursor } = first
  const second = await house.client.run({ cursor, until: { step: 'score', iteration: 2 } })
  expect(second.next).toEqual({ step: 'score', iteration: 2 })
  const third = await house.client.run({ cursor: second.cursor })
  expect([...first.steps, ...second.steps, ...third.steps]).toEqual(whole.steps)
  expect(third.run).toMatchObject({ best: whole.run.best, stop_reason: 'iterations' })
})

test('where a cursor already stands no step is taken, and there is none to edit', async () => {
  const until = { step: 'gradient' as const, iteration: 1 }
  const { cursor } = await house.client.run({ ...settings, until })
  const asked = house.policy.requests.length
  expect(await house.client.run({ cursor, until })).toMatchObject({
    cursor,
    steps: [],
    next: until,
  })
  const edited = { cursor, until, edit: { loss: 'Mine.' } }
  expect(await house.problem('/v1/tpo/run', edited)).toMatchObject({ status: 422, path: '$.edit' })
  expect(house.policy.requests).toHaveLength(asked)
})

test('a run that ends before says why', async () => {
  const answer = await house.client.run({
    ...settings,
    stop: { target_reward: -100 },
    until: { step: 'loss', iteration: 2 },
  })
  expect(answer).toMatchObject({ next: null, run: { stop_reason: 'target_reward', iteration: 0 } })
})

test('a stream ends there too', async () => {
  const steps: string[] = []
  const { next } = await house.client.run(
    { ...settings, until: { step: 'loss', iteration: 1 } },
    { onEvent: (event) => void (event.type === 'step' && steps.push(event.step.name)) },
  )
  expect(steps).toEqual(['sample', 'score'])
  expect(next).toEqual({ step: 'loss', iteration: 1 })
})

test.each<[string, object, Next]>([
  ['past the last iteration', settings, { step: 'score', iteration: 3 }],
  ['a sample of a later iteration', settings, { step: 'sample', iteration: 1 }],
  ['a loss of iteration 0', settings, { step: 'loss', iteration: 0 }],
  ['a loss of bon', { ...settings, mode: 'bon' }, { step: 'loss', iteration: 1 }],
])('%s is refused, before any model is asked', async (_, request, until) => {
  const asked = house.policy.requests.length
  expect(await house.problem('/v1/tpo/run', { ...request, until })).toMatchObject({
    status: 422,
    path: '$.until',
  })
  expect(house.policy.requests).toHaveLength(asked)
})

test('what is behind the cursor is refused', async () => {
  const { cursor } = await house.client.run({ ...settings, until: { step: 'loss', iteration: 2 } })
  const places: Next[] = [
    { step: 'sample', iteration: 0 },
    { step: 'score', iteration: 1 },
    { step: 'update', iteration: 1 },
  ]
  for (const until of places) {
    const problem = await house.problem('/v1/tpo/run', { cursor, until })
    expect(problem).toMatchObject({ status: 422, path: '$.until' })
    expect(problem.detail).toContain('behind')
  }
  const wrong = { cursor, until: { step: 'loss', iteration: 2, at: 1 } }
  expect(await house.problem('/v1/tpo/run', wrong)).toMatchObject({ path: '$.until.at' })
  const { steps } = await house.client.run({ cursor, until: { step: 'score', iteration: 2 } })
  expect(present(steps.at(-1)).name).toBe('update')
})
