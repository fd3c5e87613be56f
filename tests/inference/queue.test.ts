import { expect, test } from 'vitest'
import { createQueue, QueueFullError } from '../../inference/runtime/queue.ts'

const patient = new AbortController().signal

test('one at a time, first come, first served; too many are refused', async () => {
  const queue = createQueue(2)
  const order: string[] = []
  const enter = (name: string) =>
    queue.join(patient).then((leave) => {
      order.push(name)
      return leave
    })
  const first = enter('first')
  const second = enter('second')
  const third = enter('third')
  expect(() => queue.join(patient)).toThrow(QueueFullError)
  ;(await first)()
  ;(await second)()
  ;(await third)()
  expect(order).toEqual(['first', 'second', 'third'])
})

test('who gives up just as the turn comes takes nobody’s place', async () => {
  const queue = createQueue(2)
  const leave = await queue.join(patient)
  const hasty = new AbortController()
  const turn = queue.join(hasty.signal)
  const next = queue.join(patient)
  leave()
  hasty.abort()
  ;(await turn)()
  expect(await next).toBeTypeOf('function')
})

test('who gives up while waiting leaves the line', async () => {
  const queue = createQueue(1)
  const leave = await queue.join(patient)
  const hasty = new AbortController()
  const turn = queue.join(hasty.signal)
  hasty.abort(new Error('gone'))
  await expect(turn).rejects.toThrow('gone')
  const next = queue.join(patient)
  leave()
  ;(await next)()
})
