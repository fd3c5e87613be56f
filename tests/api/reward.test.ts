/** The reward service as the API meets it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, openHouse } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

const scored = async () => {
  const { cursor } = await house.client.start({ query: 'Why?', samples: 2 })
  return (await house.client.step(cursor)).cursor
}

test('a connection that closes without an answer is tried again', async () => {
  const cursor = await scored()
  house.reward.behave({ drops: 1 })
  const { run } = await house.client.step(cursor)
  expect(run.best).not.toBeNull()
  expect(house.reward.requests).toHaveLength(2)
})

test('one that goes on closing is a problem, and the cursor is still good', async () => {
  const cursor = await scored()
  house.reward.behave({ drops: 3 })
  expect(await house.problem('/v1/tpo/step', { cursor })).toMatchObject({
    status: 502,
    code: 'reward_unreachable',
    retryable: true,
  })
  house.reward.behave({})
  expect((await house.client.step(cursor)).run.best).not.toBeNull()
})
