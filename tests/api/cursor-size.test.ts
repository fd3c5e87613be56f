import { afterAll, beforeAll, expect, test } from 'vitest'
import { digest } from '../fakes/fake-vllm.ts'
import { type House, openHouse } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

/** As long as 2,048 tokens of English are, all of them, and hard to compress. */
const answer = (seed: string) =>
  Array.from({ length: 1024 }, (_, word) => digest(`${seed} ${word}`)).join('-')

test('a cursor does not grow with the iterations: D10-N20 with answers of 2,048 tokens', async () => {
  house.policy.behave({
    deltaLength: 2000,
    write: ({ messages, seed }, index) => {
      const text = answer(`${digest(JSON.stringify(messages))} ${seed} ${index}`)
      return messages.at(-1)?.content.includes('<answer>') ? `<answer>${text}</answer>` : text
    },
  })
  const afterScore: number[] = []
  let { cursor, next } = await house.client.start({ query: 'Why?', samples: 20, iterations: 10 })
  while (next !== null) {
    const { step } = next
    ;({ cursor, next } = await house.client.step(cursor))
    if (step === 'score') afterScore.push(cursor.length)
  }
  expect(afterScore).toHaveLength(11)
  const [, first = NaN] = afterScore
  const last = afterScore.at(-1)
  expect(last).toBeLessThanOrEqual(1.2 * first)
  // Of the iterations, only their summaries stay.
  expect(last).toBeLessThanOrEqual(first + 9 * 250)
  // Best and worst are in it, and neither is there twice.
  expect(last).toBeGreaterThan((2 * 9215 * 4) / 3)
  expect(last).toBeLessThan((2.3 * 9215 * 4) / 3)
})
