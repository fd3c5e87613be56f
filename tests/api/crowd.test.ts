/** Many runs at once: none waits for another, and none leaves anything behind. */
import { setImmediate } from 'node:timers/promises'
import { queryObjects } from 'node:v8'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../api/app.ts'
import { RunAnswer } from '../../shared/tpo.ts'
import { type House, openHouse } from './house.ts'

const count = { format: 'count' } as const

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

const run = (app: ReturnType<typeof createApp>, number: number, iterations: number) =>
  app.request('/v1/tpo/run', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `Question ${number}`, samples: 2, iterations }),
  })

/** How many there are once all garbage is collected, what is freed by the end of other garbage too. */
async function signals(): Promise<number> {
  for (let before = Infinity, now = queryObjects(AbortSignal, count); ; before = now) {
    if (now >= before) return now
    await setImmediate()
    now = queryObjects(AbortSignal, count)
  }
}

test('signals, with their timers and listeners, end with their calls', async () => {
  house.policy.behave({})
  house.reward.behave({})
  const app = createApp(house.deps)
  const signalsAfter = async (count: number) => {
    for (let number = 0; number < count; number++) await (await run(app, number, 1)).text()
    return signals()
  }
  const before = await signalsAfter(2)
  // Were those of four model calls and two rewards or more kept, there would be hundreds.
  expect(await signalsAfter(20)).toBeLessThan(before + 100)
})

test(
  'of 200 runs each has its request upstream at once: none waits for another',
  { timeout: 120_000 },
  async () => {
    const count = 200
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
    house.policy.behave({ held: gates[0].promise })
    house.reward.behave({ held: () => gates[1].promise })
    const app = createApp(house.deps)
    const all = Promise.all(Array.from({ length: count }, (_, number) => run(app, number, 0)))
    const questions = (requests: readonly { messages?: unknown }[]) =>
      new Set(requests.map(({ messages }) => JSON.stringify(messages)))
    await house.policy.asked(count)
    expect(questions(house.policy.requests).size).toBe(count)
    gates[0].resolve()
    // The first answer of each.
    await house.reward.asked(count)
    gates[1].resolve()
    for (const response of await all) {
      expect(RunAnswer.parse(await response.json()).run.history).toMatchObject([{ count: 2 }])
    }
    expect(questions(house.reward.requests).size).toBe(count)
    expect(house.policy.requests).toHaveLength(count)
    expect(house.faults).toEqual([])
  },
)
